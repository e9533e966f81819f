// This file is the page put together: the doors as tabs, the three things to try, and the two panels.
import { act } from "./act.js";
import { go, say, startChat } from "./chat.js";
import { announce, byId, toast } from "./dom.js";
import { dropSample, startFolder } from "./folder.js";
import { follow, listen, part } from "./live.js";
import { startMail, writeFirst } from "./mail.js";
import { startSchedule } from "./schedule.js";
import { startSheet } from "./sheet.js";
import { startForm } from "./form.js";
import { startProgram } from "./program.js";
import { startStrip } from "./strip.js";
import { startTrouble } from "./trouble.js";

const DOORS = ["chat", "sheet", "folder", "mail", "form", "program", "schedule"];
const HOOKS = { "hook:feedback:": "form", "hook:program:": "program" };
const OF_SOURCE = { slack: "chat", sheet: "sheet", folder: "folder", mail: "mail", schedule: "schedule" };
const QUESTION = "@bellhop write a small Python program that counts the words of a letter";
const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

function show(door) {
  for (const name of DOORS) {
    const tab = byId(`tab-${name}`);
    const chosen = name === door;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    byId(name).hidden = !chosen;
    if (chosen) tab.querySelector(".news").hidden = true;
  }
}

function startTabs() {
  const list = document.querySelector('[role="tablist"]');
  list.addEventListener("click", (event) => { const tab = event.target.closest('[role="tab"]'); if (tab) show(tab.id.slice(4)); });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = DOORS.findIndex((name) => byId(`tab-${name}`) === document.activeElement);
    if (!step || at < 0) return;
    const next = DOORS[(at + step + DOORS.length) % DOORS.length];
    show(next);
    byId(`tab-${next}`).focus();
  });
  follow(["receipt/"], (keys) => {
    for (const receipt of keys.map(part).filter(Boolean)) {
      const door = OF_SOURCE[receipt.source] ?? HOOKS[/^hook:\w+:/.exec(receipt.id)?.[0]];
      if (door && receipt.state !== "received" && byId(door).hidden) byId(`tab-${door}`).querySelector(".news").hidden = false;
    }
  });
}

/** On a phone the doors may be out of sight. */
function lookAt(door) {
  show(door);
  const box = byId("doors").getBoundingClientRect();
  if (box.top > innerHeight / 3) byId("doors").scrollIntoView({ block: "start" });
}

const TRIES = {
  ask: async () => { lookAt("chat"); go("C0GENERAL"); await say(QUESTION); },
  rows: async () => {
    lookAt("sheet");
    if (await act("five_rows") === null) return;
    await pause(700);
    if (await act("sort", { column: 0, descending: false })) toast("Sorted by Question while all five wait. Sort again as you like.");
  },
  drop: async () => { lookAt("folder"); await dropSample("sample-invoice.pdf"); },
  mail: async () => { lookAt("mail"); await writeFirst(); },
};

function startTries() {
  const box = byId("tries");
  box.hidden = sessionStorage.getItem("tries") === "hidden";
  box.addEventListener("click", (event) => { const button = event.target.closest("[data-try]"); if (button) TRIES[button.dataset.try](); });
  byId("hide-tries").addEventListener("click", () => { box.hidden = true; sessionStorage.setItem("tries", "hidden"); byId("tab-chat").focus(); });
}

function startConnect() {
  const dialog = byId("connect");
  byId("open-connect").addEventListener("click", () => dialog.showModal());
  byId("close-connect").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", async (event) => {
    if (event.target === dialog) dialog.close();
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const done = await copy(button.parentElement.querySelector("pre"));
    button.textContent = done ? "Copied" : "Press Ctrl-C";
    announce(done ? "Copied" : "Selected. Press Control C to copy.");
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  });
}

/** Copy the text of an element; where the browser does not allow it, select it for the person to copy. */
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    return document.execCommand("copy");
  }
}

function drawBot(connected = true) {
  const bot = part("bot");
  const state = connected ? bot?.state ?? "starting" : "not running";
  const words = connected ? { listening: "The bot is listening", starting: "The bot is starting", "not running": "The bot does not run" }[state] : "The playground has ended";
  byId("bot").dataset.state = state;
  if (byId("bot-words").textContent !== words) byId("bot-words").textContent = words;
}

startTabs();
startChat();
startSheet();
startFolder();
startMail();
startForm();
startProgram();
startSchedule(() => { show("chat"); go("C0GENERAL"); });
startStrip();
startTrouble(show);
startTries();
startConnect();
follow(["bot"], () => drawBot());
listen(drawBot);
