// This file is the trouble panel: break something on one click, and read how it healed.
import { act } from "./act.js";
import { byId, el } from "./dom.js";
import { follow, partsOf } from "./live.js";

/** Make the panel work. `show(tab)` brings the door to the front where the trouble can be seen. */
export function startTrouble(show) {
  const panel = byId("trouble");
  const opener = byId("open-trouble");
  const toggle = (open) => {
    panel.hidden = !open;
    document.body.classList.toggle("beside", open);
    opener.setAttribute("aria-expanded", String(open));
    (open ? byId("close-trouble") : opener).focus();
  };
  opener.addEventListener("click", () => toggle(panel.hidden));
  byId("close-trouble").addEventListener("click", () => toggle(false));
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") toggle(false); });
  panel.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-trouble]");
    if (!button) return;
    const done = await act("trouble", { name: button.dataset.trouble, help: true });
    if (done?.needs) show(done.needs === "row" ? "sheet" : "chat");
  });
  follow(["trouble/"], draw);
}

function draw() {
  const newest = partsOf("trouble/").sort((a, b) => Number(b.id.slice(1)) - Number(a.id.slice(1)));
  byId("happened").replaceChildren(...newest.map((one) => el("li", { className: one.state },
    el("b", {}, `${one.label}: ${{ ordered: "waiting to strike", struck: "healing", healed: "healed" }[one.state]}`),
    ...one.words.map(({ after_s: after, words }) => el("p", {}, el("time", {}, `${after.toFixed(1)} s`), words)))));
}
