// This file is the strip below: each event's receipt as it moves, and how much of the vendors' budgets is used.
import { byId, el } from "./dom.js";
import { follow, part, partsOf } from "./live.js";

const ENDS = { answered: "good", failed: "bad", skipped: "bad" };

/** Make the strip work. */
export function startStrip() {
  follow(["receipt/"], drawReceipts);
  follow(["meters", "bill"], drawMeters);
  setInterval(() => { if (partsOf("receipt/").some((one) => one.state === "working")) drawReceipts(); }, 500);
}

const drawn = new Map();

/** Only the rows that changed are drawn anew, so that what one selects or reads there stays. */
function drawReceipts() {
  const receipts = partsOf("receipt/").sort((a, b) => b.received_at - a.received_at);
  if (!receipts.length) return;
  const body = byId("receipts").tBodies[0];
  const wanted = receipts.map(row);
  wanted.forEach((node, at) => { if (body.rows[at] !== node) body.insertBefore(node, body.rows[at] ?? null); });
  while (body.rows.length > wanted.length) body.lastElementChild.remove();
}

function row(receipt) {
  const mark = JSON.stringify(receipt) + (receipt.state === "working" ? Date.now() : "");
  const known = drawn.get(receipt.id);
  if (known?.mark === mark) return known.node;
  const node = known?.node ?? el("tr", { attrs: { "data-event": receipt.id } });
  node.dataset.state = receipt.state;
  node.replaceChildren(...cells(receipt));
  drawn.set(receipt.id, { mark, node });
  return node;
}

function cells(receipt) {
  const cost = receipt.cost_usd ? `$${receipt.cost_usd.toFixed(4)}` : "";
  const what = receipt.reason ? `${receipt.subject} (${receipt.reason})` : receipt.subject;
  return [el("td", { className: "door-name" }, receipt.source), el("td", { className: "what", title: what }, what), el("td", {}, track(receipt)),
    el("td", { className: "number" }, receipt.tokens ? `${receipt.tokens.toLocaleString("en")} tokens` : ""), el("td", { className: "number" }, cost)];
}

/** The three steps. One that is not reached yet is only a picture of what comes: no text, and nothing for a screen reader. */
function track(receipt) {
  const seconds = (to) => `${Math.max(0, to - receipt.received_at).toFixed(1)} s`;
  const again = receipt.attempts > 1 ? `, start ${receipt.attempts}` : "";
  const working = receipt.working_at ? receipt.state === "working" ? step("now", `working${again} ${seconds(Date.now() / 1000)}`) : step("done", `working${again}`) : later("working");
  const end = receipt.state in ENDS ? step(ENDS[receipt.state], `${receipt.state} ${seconds(receipt.finished_at ?? receipt.received_at)}`) : later("answered");
  return el("span", { className: "track" }, step("done", "received"), line(), working, line(), end);
}

const step = (className, words) => el("span", { className }, words);
const line = () => el("span", { className: "line" }, " ");
const later = (word) => el("span", { className: "later", attrs: { "aria-hidden": "true", "data-word": word } });

function drawMeters() {
  const { slack, slack_refused: bySlack, sheets, sheets_refused: bySheets } = part("meters");
  const refused = bySlack + bySheets;
  const edits = slack["chat.update"] ?? { used: 0, limit: 50 };
  byId("meters").replaceChildren(
    meter("Slack edits this minute", edits), meter("Sheet reads", sheets.read), meter("writes", sheets.write),
    el("span", {}, `429s: ${refused}`), el("span", { className: "bill" }, `Bill: $${(part("bill")?.usd ?? 0).toFixed(4)}`));
}

function meter(label, { used, limit }) {
  const bar = el("b");
  bar.style.width = `${Math.min(100, (100 * used) / limit)}%`;
  return el("span", { className: "meter", attrs: { role: "img", "aria-label": `${label}: ${used} of ${limit}` } }, label, el("i", {}, bar), `${used}/${limit}`);
}
