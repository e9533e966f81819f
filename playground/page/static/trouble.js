// This file is the trouble panel: break something on one click, and read whether it healed.
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
    const done = await act("trouble", { name: button.dataset.trouble });
    if (done?.needs) show(done.needs === "row" ? "sheet" : "chat");
    panel.scrollTop = 0; // what happens is told at its top
  });
  follow(["trouble/"], draw);
}

const STATES = { ordered: "waiting to strike", struck: "healing", healed: "healed", failed: "failed", over: "nothing to heal" };
const items = new Map();

/** Only what changed is drawn anew, so that a screen reader is told only that. */
function draw() {
  const newest = partsOf("trouble/").sort((a, b) => Number(b.id.slice(1)) - Number(a.id.slice(1)));
  const list = byId("happened");
  newest.forEach((trouble, at) => {
    const node = item(trouble);
    if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null);
  });
  while (list.children.length > newest.length) list.lastChild.remove();
}

function item(trouble) {
  const state = STATES[trouble.state];
  const node = items.get(trouble.id) ?? el("li", { attrs: { "data-id": trouble.id } }, el("b"));
  items.set(trouble.id, node);
  node.className = trouble.state;
  if (node.firstChild.textContent !== `${trouble.label}: ${state}`) node.firstChild.textContent = `${trouble.label}: ${state}`;
  for (const { after_s: after, words } of trouble.words.slice(node.children.length - 1)) {
    node.append(el("p", {}, el("time", {}, `${after.toFixed(1)} s`), words));
  }
  return node;
}
