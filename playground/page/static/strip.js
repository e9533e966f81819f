// This file is the strip below: each event's receipt as it moves, and how much of the vendors' budgets is used.
import { byId, el } from "./dom.js";
import { follow, part, partsOf } from "./live.js";

const ENDS = { answered: "good", failed: "bad", skipped: "bad" };

/** Make the strip work. */
export function startStrip() {
  follow(["receipt/"], drawReceipts);
  follow(["meters"], drawMeters);
  setInterval(() => { if (partsOf("receipt/").some((one) => one.state === "working")) drawReceipts(); }, 500);
}

function drawReceipts() {
  const receipts = partsOf("receipt/").sort((a, b) => b.received_at - a.received_at);
  if (receipts.length) byId("receipts").tBodies[0].replaceChildren(...receipts.map(row));
}

function row(receipt) {
  const cost = receipt.cost_usd ? `$${receipt.cost_usd.toFixed(4)}` : "";
  const what = receipt.reason ? `${receipt.subject} (${receipt.reason})` : receipt.subject;
  return el("tr", {}, el("td", { className: "door-name" }, receipt.source), el("td", { className: "what", title: what }, what), el("td", {}, track(receipt)),
    el("td", { className: "number" }, receipt.tokens ? `${receipt.tokens.toLocaleString("en")} tokens` : ""), el("td", { className: "number" }, cost));
}

function track(receipt) {
  const seconds = (to) => `${Math.max(0, to - receipt.received_at).toFixed(1)} s`;
  const again = receipt.attempts > 1 ? `, start ${receipt.attempts}` : "";
  const since = receipt.state === "working" ? Date.now() / 1000 : receipt.working_at;
  const working = receipt.working_at ? `working${again} ${seconds(since)}` : "working";
  const over = receipt.state in ENDS;
  const end = over ? `${receipt.state} ${seconds(receipt.finished_at ?? receipt.received_at)}` : "answered";
  return el("span", { className: "track" }, el("span", { className: "done" }, "received"), el("u"),
    el("span", { className: receipt.state === "working" ? "now" : receipt.working_at ? "done" : "" }, working), el("u"), el("span", { className: ENDS[receipt.state] ?? "" }, end));
}

function drawMeters() {
  const { slack, slack_refused: refused, sheets } = part("meters");
  const edits = slack["chat.update"] ?? { used: 0, limit: 50 };
  byId("meters").replaceChildren(
    meter("Slack edits this minute", edits), meter("Sheet reads", sheets.read), meter("writes", sheets.write),
    el("span", {}, refused ? `${refused} refused by Slack` : "none refused"));
}

function meter(label, { used, limit }) {
  const bar = el("b");
  bar.style.width = `${Math.min(100, (100 * used) / limit)}%`;
  return el("span", { className: "meter", attrs: { role: "img", "aria-label": `${label}: ${used} of ${limit}` } }, label, el("i", {}, bar), `${used}/${limit}`);
}
