// What the page of an event does more where scripts run: the answer grows, and can be stopped and copied.
"use strict";

const SHORTEST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;
const LOST_AFTER_MS = 4000; // a shorter break is nobody's concern

const main = document.getElementById("main");

function setUp() {
  main.querySelectorAll("[data-copy], [data-stop]").forEach((button) => { button.hidden = false; });
}

main.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.copy) copy(button);
  if (button && "stop" in button.dataset) stop(button);
});

async function copy(button) {
  let done = true;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    done = copyByHand(button.dataset.copy);
  }
  const words = button.textContent;
  button.textContent = done ? "Copied" : "Could not copy";
  setTimeout(() => { button.textContent = words; }, 2000);
}

// Without https a browser has no clipboard to write to.
function copyByHand(text) {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

async function stop(button) {
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true"; // one that is disabled outright would lose the keyboard's place
  const done = await fetch(location.href, { method: "DELETE" }).then((answer) => answer.ok, () => false);
  button.ariaDisabled = String(done);
  button.textContent = done ? "Stop" : "Could not stop. Try again";
}

// The browser comes back by itself where the connection broke, and gives up for good where it was answered with a
// refusal, as a proxy does while Bellhop starts anew: then we come back, after ever longer waits.
function listen(url, waitMs = SHORTEST_WAIT_MS) {
  const source = new EventSource(url);
  source.addEventListener("open", () => { found(); waitMs = SHORTEST_WAIT_MS; });
  source.addEventListener("error", () => {
    missing ??= setTimeout(() => tell("waiting", "The connection is lost. Trying again"), LOST_AFTER_MS);
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => listen(url, Math.min(waitMs * 2, LONGEST_WAIT_MS)), waitMs * (1 + Math.random() / 4));
  });
  // The server renders the Markdown; what comes is blocks of it, each taking the place of all from its number on.
  source.addEventListener("blocks", (event) => {
    const { from, html } = JSON.parse(event.data);
    grow(main.querySelector(".answer"), from, html);
  });
  source.addEventListener("status", (event) => {
    const { state, words, tab } = JSON.parse(event.data);
    tell(state, words, tab);
  });
  source.addEventListener("end", (event) => {
    source.close();
    const { html, tab } = JSON.parse(event.data);
    end(html, tab);
  });
}

let missing;

function found() {
  clearTimeout(missing);
  missing = undefined;
}

function tell(state, words, tab = document.title) {
  document.title = tab;
  const status = main.querySelector(".status");
  if (!status) return; // whoever sent it for somebody else is told nothing more
  status.className = `status ${state}`;
  if (status.textContent !== words) status.textContent = words;
}

function end(html, tab) {
  const wasHere = main.contains(document.activeElement);
  document.title = tab;
  settle(main, parsed(html));
  setUp();
  if (wasHere && !main.contains(document.activeElement)) main.querySelector(".acts > :not([hidden])")?.focus();
}

// Makes the children of one element those of another, and leaves alone what is the same: somebody may be reading it,
// have opened, selected or moved it.
function settle(mine, theirs) {
  const left = [...mine.children];
  for (const one of [...theirs.children]) {
    const at = left.findIndex((own) => kind(own) === kind(one));
    if (at < 0) { mine.insertBefore(one, left[0] ?? null); continue; }
    left.splice(0, at).forEach((old) => old.remove());
    change(left.shift(), one);
  }
  left.forEach((old) => old.remove());
}

function kind(element) {
  return `${element.tagName}.${element.classList[0] ?? ""}`;
}

function change(mine, theirs) {
  if (mine.matches(".answer")) { mine.removeAttribute("aria-busy"); grow(mine, 0, theirs.innerHTML); return; }
  if (mine.matches(".status")) { tell(theirs.classList[1], theirs.textContent); return; }
  if (mine.matches(".sent, .acts")) { settle(mine, theirs); return; }
  if (!mine.isEqualNode(theirs)) mine.replaceWith(theirs);
}

function grow(answer, from, html) {
  const blocks = [...parsed(html).children];
  blocks.forEach((block, number) => {
    const mine = answer.children[from + number];
    if (!mine) { answer.append(block); return; }
    if (mine.isEqualNode(block)) return;
    const sideways = mine.scrollLeft;
    mine.replaceWith(block);
    block.scrollLeft = sideways;
  });
  while (answer.children.length > from + blocks.length) answer.lastElementChild.remove();
}

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

document.querySelector(".look")?.remove();
setUp();
if (main.dataset.stream) listen(main.dataset.stream);
