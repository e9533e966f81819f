// This file is the schedule: the clock that it runs by, and the buttons that turn it ahead.
import { act } from "./act.js";
import { byId } from "./dom.js";
import { follow, part } from "./live.js";

/** Make the clock work; `showReport` leads to where the report is posted. */
export function startSchedule(showReport) {
  follow(["clock"], draw);
  byId("schedule").addEventListener("click", (event) => {
    const button = event.target.closest("[data-turn]");
    if (button) act("turn", { to: button.dataset.turn });
  });
  byId("to-general").addEventListener("click", showReport);
}

function draw() {
  const clock = part("clock");
  const words = { time: clock.time, day: clock.day, zone: clock.zone, rule: `${clock.rule}, ${clock.zone}`, next: clock.next };
  for (const [name, text] of Object.entries(words)) {
    const node = byId(`clock-${name}`);
    if (node.textContent !== text) node.textContent = text;
  }
}
