// This file is one cell of the sheet: what one types stays until it is written, and what the sheet says is shown.
import { act } from "./act.js";
import { el } from "./dom.js";

const WORDS = { working: "working", waiting: "dim", done: "good", "sent on": "good", skipped: "dim", error: "bad" };

/** A cell of the row with this id; `owner` says whose column it is. */
export function newCell(rowId, name, owner, column) {
  const cell = el("textarea", { rows: 1, spellcheck: false, attrs: { "data-column": column, "data-name": name } });
  cell.addEventListener("change", () => write(cell, rowId, column));
  cell.addEventListener("blur", () => { if (!isDirty(cell)) show(cell, cell.dataset.told ?? ""); });
  cell.addEventListener("focus", () => { cell.dataset.typed = cell.value; });
  const look = owner === "status" ? el("div", { className: "look", attrs: { "aria-hidden": "true" } }) : null;
  return el("td", { className: `of-${owner}` }, cell, look);
}

const isDirty = (cell) => cell.value !== (cell.dataset.typed ?? "");

async function write(cell, rowId, column) {
  cell.dataset.told = cell.dataset.typed = cell.value;
  cell.dataset.writing = "yes";
  await act("type", { row: rowId, column, text: cell.value });
  delete cell.dataset.writing;
}

/** What the sheet says goes into the cell, unless somebody is typing there. Returns whether the text is news. */
export function fill(cell, text, number, waits) {
  cell.setAttribute("aria-label", `${cell.dataset.name}, row ${number}`);
  if (cell.dataset.writing) return false;
  const before = cell.dataset.told;
  cell.dataset.told = text;
  if (document.activeElement !== cell || !isDirty(cell)) show(cell, text);
  const look = cell.nextElementSibling;
  if (look) { drawStatus(look, text); cell.placeholder = waits && !text ? "waiting" : ""; }
  return before !== undefined && before !== text && text !== "";
}

function show(cell, text) {
  if (cell.value !== text) cell.value = text;
  // As a sheet does: numbers stand right, yes and no in the middle.
  cell.classList.toggle("number", /^[-+]?[\d.,]*\d%?$/.test(text));
  cell.classList.toggle("truth", text === "TRUE" || text === "FALSE");
  if (document.activeElement === cell) cell.dataset.typed = text;
}

/** Take back what was typed. */
export function takeBack(cell) {
  cell.value = cell.dataset.typed ?? "";
}

/** The status as a person reads it: the word first, the row's token small. The text itself stays in the cell. */
function drawStatus(look, text) {
  if (look.dataset.mark === text) return;
  look.dataset.mark = text;
  const found = /^(working|waiting|done|sent on|skipped|error)\b(.*?)(?: · ([0-9a-z]{8}))?$/s.exec(text);
  if (!found) look.replaceChildren(text);
  else look.replaceChildren(el("b", { className: WORDS[found[1]] }, found[1]), found[2], found[3] ? el("small", {}, found[3]) : "");
}
