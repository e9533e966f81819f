// This file is the sheet: a grid one types into while answers arrive; rows are known by id, wherever they move.
import { act } from "./act.js";
import { fill, newCell, takeBack } from "./cells.js";
import { announce, byId, el } from "./dom.js";
import { follow, part } from "./live.js";

const rows = new Map();
let header = [];
let waitsForRowAbove = 0;
const WIDTHS = { Question: "wide", Answer: "wide", Bot: "status" };

/** Make the sheet work. */
export function startSheet() {
  follow(["sheet"], draw);
  byId("grid").addEventListener("keydown", move);
  byId("grid").addEventListener("paste", paste);
}

function draw() {
  const sheet = part("sheet");
  if (JSON.stringify(sheet.header) !== JSON.stringify(header)) drawHeader(sheet);
  const body = byId("grid").tBodies[0];
  const wanted = sheet.rows.map((row) => drawRow(row, sheet));
  for (const node of [...body.rows]) if (!wanted.includes(node)) { rows.delete(Number(node.dataset.row)); node.remove(); }
  arrange(body, wanted, document.activeElement?.closest("#grid tbody tr"));
  goToInserted();
}

/** Bring the rows into order around the one that has the focus: moving that one would end what somebody types there. */
function arrange(body, wanted, fixed) {
  const at = wanted.indexOf(fixed);
  for (let i = at - 1; i >= 0; i -= 1) if (wanted[i].nextSibling !== wanted[i + 1]) body.insertBefore(wanted[i], wanted[i + 1]);
  for (let i = at + 1; i < wanted.length; i += 1) {
    const place = i ? wanted[i - 1].nextSibling : body.firstChild;
    if (place !== wanted[i]) body.insertBefore(wanted[i], place);
  }
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
    return el("th", { scope: "col", className: `of-${sheet.owners[name]}` }, el("div", { className: "column" }, el("span", {}, name), sort(false), sort(true)));
  });
  byId("grid").tHead.replaceChildren(el("tr", {}, el("th", {}, el("span", { className: "unseen" }, "Row")), ...columns));
  byId("grid").querySelector("colgroup")?.remove();
  byId("grid").tHead.before(el("colgroup", {}, el("col", { className: "row-number" }), ...header.map((name) => el("col", { className: WIDTHS[name] ?? "" }))));
}

function drawRow(row, sheet) {
  let node = rows.get(row.id);
  if (!node) rows.set(row.id, node = newRow(row, sheet));
  node.querySelector("th span").textContent = row.number;
  const waits = Boolean(row.cells[0]) && header.every((name, at) => sheet.owners[name] !== "answer" || !row.cells[at]);
  const news = [...node.querySelectorAll("textarea")].filter((cell, column) => fill(cell, row.cells[column] ?? "", row.number, waits));
  const status = news.find((cell) => cell.parentElement.className === "of-status");
  if (status) status.title = sheet.notes[row.number] ?? "";
  if (status?.value.startsWith("done")) { glow(node); if (!byId("sheet").hidden) announce(`Row ${row.number} is answered.`); }
  return node;
}

function newRow(row, sheet) {
  const button = (sign, words, name) => {
    const made = el("button", { type: "button", title: words, attrs: { "aria-label": `${words}, row ${row.number}`, "data-act": name } }, sign);
    made.addEventListener("click", () => (name === "insert" ? insert(row.id) : remove(row.id)));
    return made;
  };
  const head = el("th", { scope: "row" }, el("div", { className: "row" }, el("span", {}), button("+", "Insert a row above", "insert"), button("✕", "Delete this row", "delete")));
  return el("tr", { attrs: { "data-row": row.id } }, head, ...sheet.header.map((name, column) => newCell(row.id, name, sheet.owners[name], column)));
}

async function insert(rowId) {
  if (await act("insert", { row: rowId })) { waitsForRowAbove = rowId; goToInserted(); }
}

/** Once the new row is there, one types in it. */
function goToInserted() {
  const above = rows.get(waitsForRowAbove)?.previousElementSibling;
  if (!above || above.querySelector("textarea").value) return;
  waitsForRowAbove = 0;
  above.querySelector("textarea").focus();
}

async function remove(rowId) {
  const next = rows.get(rowId)?.nextElementSibling;
  if (await act("delete", { row: rowId })) next?.querySelector('[data-act="delete"]').focus();
}

function glow(row) {
  row.classList.remove("fresh");
  requestAnimationFrame(() => row.classList.add("fresh"));
}

/** Enter and the arrows go to the next cell, as in a sheet; Escape takes back what was typed. */
function move(event) {
  const cell = event.target;
  if (cell.tagName !== "TEXTAREA") return;
  if (event.key === "Escape") { takeBack(cell); return; }
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

/** Several lines or columns fill several cells, from this one on. */
async function paste(event) {
  const cell = event.target;
  const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
  if (cell.tagName !== "TEXTAREA" || !/[\t\n]/.test(text)) return;
  event.preventDefault();
  takeBack(cell);
  const done = await act("paste", { row: Number(cell.closest("tr").dataset.row), column: Number(cell.dataset.column), lines: split(text) });
  if (done) announce(`${done.rows} rows pasted`);
}

/** Tab-separated text as lines of cells; a quoted cell may hold line breaks, as spreadsheets copy them. */
export function split(text) {
  const lines = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^\t\n]*))(\t|\n|$)/g)) {
    lines.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\n") lines.push([]);
    if (end === "") break;
  }
  return lines;
}
