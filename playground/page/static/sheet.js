// This file is the sheet: a grid one types into while answers arrive; rows are known by id, wherever they move.
import { act } from "./act.js";
import { byId, el, announce } from "./dom.js";
import { follow, part } from "./live.js";

const rows = new Map();
let header = [];
const WIDTHS = { Question: "wide", Answer: "wide", Bot: "status" };

/** Make the sheet work. */
export function startSheet() {
  follow(["sheet"], draw);
  byId("grid").addEventListener("keydown", move);
}

function draw() {
  const sheet = part("sheet");
  if (JSON.stringify(sheet.header) !== JSON.stringify(header)) drawHeader(sheet);
  const body = byId("grid").tBodies[0];
  const wanted = sheet.rows.map((row) => drawRow(row, sheet));
  const focused = document.activeElement;
  wanted.forEach((node, at) => { if (body.rows[at] !== node) body.insertBefore(node, body.rows[at] ?? null); });
  while (body.rows.length > wanted.length) { rows.delete(Number(body.lastChild.dataset.row)); body.lastChild.remove(); }
  // Moving a row takes the focus from its cell.
  if (focused !== document.activeElement && body.contains(focused)) focused.focus({ preventScroll: true });
}

function drawHeader(sheet) {
  header = sheet.header;
  const columns = header.map((name, column) => {
    const sort = (descending) => {
      const words = `Sort by ${name}, ${descending ? "Z to A" : "A to Z"}`;
      const button = el("button", { type: "button", className: "sort", title: words, attrs: { "aria-label": words } }, descending ? "↓" : "↑");
      button.addEventListener("click", async () => { if (await act("sort", { column, descending })) announce(`Sorted by ${name}`); });
      return button;
    };
    const owner = `of-${sheet.owners[name]}`;
    return el("th", { scope: "col", className: owner }, el("div", { className: "column" }, el("span", {}, name), sort(false), sort(true)));
  });
  const corner = el("th", {}, el("span", { className: "unseen" }, "Row"));
  byId("grid").tHead.replaceChildren(el("tr", {}, corner, ...columns));
  byId("grid").querySelector("colgroup")?.remove();
  byId("grid").tHead.before(el("colgroup", {}, el("col", { className: "number" }), ...header.map((name) => el("col", { className: WIDTHS[name] ?? "" }))));
}

function drawRow(row, sheet) {
  let node = rows.get(row.id);
  if (!node) rows.set(row.id, node = newRow(row, sheet));
  node.querySelector("th span").textContent = row.number;
  node.querySelectorAll("textarea").forEach((cell, column) => fill(cell, row.cells[column] ?? "", row.number, sheet.notes[row.number]));
  return node;
}

function newRow(row, sheet) {
  const button = (sign, words, name) => {
    const made = el("button", { type: "button", title: words, attrs: { "aria-label": words } }, sign);
    made.addEventListener("click", () => act(name, { row: row.id }));
    return made;
  };
  const head = el("th", { scope: "row" }, el("div", { className: "row" }, el("span", {}), button("＋", "Insert a row above", "insert"), button("✕", "Delete this row", "delete")));
  const cells = sheet.header.map((name, column) => el("td", { className: `of-${sheet.owners[name]}` }, newCell(row.id, name, column)));
  return el("tr", { attrs: { "data-row": row.id } }, head, ...cells);
}

function newCell(rowId, name, column) {
  const cell = el("textarea", { rows: 1, spellcheck: false, attrs: { "data-column": column, "data-name": name } });
  cell.addEventListener("change", () => write(cell, rowId, column));
  cell.addEventListener("blur", () => { if (cell.value === (cell.dataset.typed ?? "")) show(cell, cell.dataset.told ?? ""); });
  cell.addEventListener("focus", () => { cell.dataset.typed = cell.value; });
  return cell;
}

async function write(cell, rowId, column) {
  cell.dataset.told = cell.dataset.typed = cell.value;
  await act("type", { row: rowId, column, text: cell.value });
}

/** What the sheet says goes into the cell, unless somebody is typing there. */
function fill(cell, text, number, note) {
  cell.setAttribute("aria-label", `${cell.dataset.name}, row ${number}`);
  if (cell.dataset.name === header[header.length - 1]) cell.title = note ?? "";
  const before = cell.dataset.told;
  cell.dataset.told = text;
  if (document.activeElement === cell && cell.value !== cell.dataset.typed) return;
  if (cell.value !== text) show(cell, text);
  if (before !== undefined && before !== text && text && cell.parentElement.className === "of-answer") glow(cell.closest("tr"));
}

function show(cell, text) {
  cell.value = text;
  if (document.activeElement === cell) cell.dataset.typed = text;
}

function glow(row) {
  row.classList.remove("fresh");
  requestAnimationFrame(() => row.classList.add("fresh"));
}

/** Enter and the arrows go to the next cell, as in a sheet; Escape takes back what was typed. */
function move(event) {
  const cell = event.target;
  if (cell.tagName !== "TEXTAREA") return;
  if (event.key === "Escape") { cell.value = cell.dataset.typed; return; }
  const down = event.key === "Enter" && !event.shiftKey && !event.altKey && !event.isComposing;
  const step = down || (event.key === "ArrowDown" && atEdge(cell, true)) ? 1 : event.key === "ArrowUp" && atEdge(cell, false) ? -1 : 0;
  if (!step) return;
  event.preventDefault();
  const row = cell.closest("tr");
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const target = next?.querySelector(`textarea[data-column="${cell.dataset.column}"]`);
  target ? target.focus() : cell.blur();
}

function atEdge(cell, last) {
  return last ? cell.selectionEnd === cell.value.length : cell.selectionStart === 0;
}
