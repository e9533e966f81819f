// This file is the folder: files that were dropped, and beside them their answers.
import { act } from "./act.js";
import { takeDrops } from "./chat.js";
import { announce, byId, el, kilobytes } from "./dom.js";
import { follow, part, partsOf } from "./live.js";
import { markdown } from "./markdown.js";

let chosen = "";
const items = new Map();
const answered = new Set();

/** Make the folder work. */
export function startFolder() {
  follow(["file/", "receipt/"], draw);
  takeDrops(byId("folder"), drop);
  byId("folder-file").addEventListener("change", (event) => { drop([...event.target.files]); event.target.value = ""; });
  document.querySelectorAll("[data-sample]").forEach((button) => button.addEventListener("click", () => dropSample(button.dataset.sample)));
}

/** Put a sample into the folder and wait beside it. */
export async function dropSample(name) {
  const done = await act("sample", { name, ...tonight() });
  chosen = done?.name ?? name;
  draw();
}

const tonight = () => (byId("tonight").checked ? { tonight: "yes" } : {});

async function drop(files) {
  const done = await act("drop", tonight(), files);
  if (done) { chosen = done.names[0]; draw(); }
}

function draw() {
  const files = partsOf("file/");
  const list = byId("files");
  const wanted = files.map(item);
  if (wanted.some((node, at) => list.children[at] !== node) || list.children.length !== wanted.length) list.replaceChildren(...wanted);
  if (!chosen) chosen = files.find((file) => file.answer)?.name ?? "";
  showAnswer(part(`file/${chosen}`));
  for (const file of files) {
    if (file.answer && !answered.has(file.name)) { answered.add(file.name); if (!byId("folder").hidden) announce(`${file.name} is answered.`); }
  }
}

function item(file) {
  let node = items.get(file.name);
  if (!node) {
    const button = el("button", { type: "button" });
    button.addEventListener("click", () => { chosen = file.name; draw(); });
    items.set(file.name, node = el("li", {}, button));
  }
  const state = file.failed ? "failed" : file.answer ? "answered" : partsOf("receipt/").some((one) => one.source === "folder" && one.subject.includes(file.name) && one.state === "working") ? "working" : file.is_tonight ? "tonight" : "waiting";
  const mark = `${state}${file.size_bytes}${chosen === file.name}`;
  if (node.dataset.mark !== mark) {
    node.dataset.mark = mark;
    node.firstChild.replaceChildren(el("b", {}, file.name), el("span", { className: `state-${state}` }, state), el("span", {}, kilobytes(file.size_bytes)));
    chosen === file.name ? node.firstChild.setAttribute("aria-current", "true") : node.firstChild.removeAttribute("aria-current");
  }
  return node;
}

function showAnswer(file) {
  const box = byId("answer");
  const mark = file ? `${file.name} ${file.answer}` : "";
  if (box.dataset.mark === mark) return;
  box.dataset.mark = mark;
  if (!file) { box.replaceChildren(el("p", { className: "empty" }, "Choose a file to read its answer here.")); return; }
  if (!file.answer) { box.replaceChildren(el("p", { className: "empty" }, file.is_tonight ? `${file.name} waits for its batch. Below stands how far that is.` : `${file.name} is being read. Its answer appears here.`)); return; }
  const found = /^<!-- (.*?) -->\n?/.exec(file.answer);
  const ending = file.failed ? "error.md" : "answer.md";
  const about = found ? found[1].split(" · ").filter((words) => !/^[\w-]+:\S{12,}/.test(words)).join(" · ") : "";
  const head = el("header", {}, el("h2", {}, file.name), el("p", {}, `answers/${file.name}.${ending}${about ? ` · ${about}` : ""}`));
  box.replaceChildren(head, el("div", { className: "prose" }, markdown(file.answer.slice(found ? found[0].length : 0))));
}
