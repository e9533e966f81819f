// This file is the chat: channels, threads, what one writes as Anna or Ben, and answers as they grow.
import { act } from "./act.js";
import { BOT, messageBody, nameOf } from "./blocks.js";
import { announce, byId, el, kilobytes } from "./dom.js";
import { follow, part, partsOf } from "./live.js";

const state = { place: "C0GENERAL", replyTo: null, files: [], atEnd: true, newest: "" };
const drawn = new Map();
const list = () => byId("messages");

const speaker = () => document.querySelector('input[name="speaker"]:checked').value;
const channel = () => (state.place === "DM" ? `D${speaker().slice(1)}` : state.place);
const isStreaming = (message) => message.streaming || message.blocks.some((block) => (block.elements ?? []).some((one) => one.action_id === "bellhop_stop"));

/** Make the chat work. */
export function startChat() {
  follow(["message/", "statuses"], (keys) => { draw(); tell(keys); });
  document.querySelectorAll('input[name="speaker"]').forEach((radio) => radio.addEventListener("change", () => { leaveReply(); draw(); hint(); }));
  byId("places").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) go(button.dataset.channel);
  });
  list().addEventListener("scroll", () => {
    if (list().clientHeight) state.atEnd = list().scrollHeight - list().scrollTop - list().clientHeight < 80;
  });
  new ResizeObserver(toEnd).observe(list());
  startComposer();
  takeDrops(byId("chat"), attach);
  hint();
  draw();
}

/** Show a channel. */
export function go(place) {
  state.place = place;
  for (const button of byId("places").querySelectorAll("button")) {
    button.dataset.channel === place ? button.setAttribute("aria-current", "true") : button.removeAttribute("aria-current");
  }
  leaveReply();
  draw();
  hint();
  state.atEnd = true;
  toEnd();
}

/** Say something as the one who speaks. */
export const say = (text, files = null) => act("say", { user: speaker(), channel: channel(), text, thread_ts: state.replyTo }, files);

function draw() {
  const box = list();
  const here = partsOf("message/").filter((one) => one.channel === channel() && !one.deleted && (!one.only_for || one.only_for === speaker()));
  here.sort((a, b) => (a.ts < b.ts ? -1 : 1));
  const roots = here.filter((one) => !one.thread_ts || one.thread_ts === one.ts);
  const wanted = roots.flatMap((root) => [drawMessage(root), drawThread(root, here)]);
  place(box, wanted.length ? wanted : [drawEmpty()]);
  const newest = here.filter((one) => one.user !== BOT).at(-1)?.ts ?? "";
  if (newest > state.newest) state.atEnd = true;
  state.newest = newest;
  toEnd();
}

/** Stay at the end, unless the reader went up to read. */
function toEnd() {
  if (state.atEnd) list().scrollTop = list().scrollHeight;
}

const WISHES = ["What can you do?", "Make a table of: oak, pine, ash", "What is 12 * 489?"];

/** What stands in an empty channel: how to ask, and three questions to begin with. */
function drawEmpty() {
  const key = `empty/${state.place}`;
  const node = drawn.get(key)?.node ?? el("div", { className: "empty" }, el("p", {}, emptyWords()), el("div", { className: "wishes" }, ...WISHES.map(wish)));
  drawn.set(key, { node });
  return node;
}

function wish(words) {
  const button = el("button", { type: "button" }, words);
  button.addEventListener("click", () => say(state.place === "DM" ? words : `@bellhop ${words}`));
  return button;
}

const emptyWords = () => (state.place === "DM" ? "Write to Bellhop directly: no mention needed." : "Nothing here yet. Mention @bellhop and ask; its answer comes in the thread.");

/** Put exactly these nodes into the box, leaving alone those that stand right already (focus and selection stay). */
function place(box, nodes) {
  nodes.forEach((node, at) => { if (box.childNodes[at] !== node) box.insertBefore(node, box.childNodes[at] ?? null); });
  while (box.childNodes.length > nodes.length) box.lastChild.remove();
}

function drawMessage(message) {
  const key = `${message.channel}/${message.ts}`;
  const mark = JSON.stringify(message);
  const known = drawn.get(key);
  if (known?.mark === mark) return known.node;
  const node = known?.node ?? el("article", {});
  const focused = node.contains(document.activeElement) ? document.activeElement.dataset.action : null;
  node.className = `message${message.user === BOT ? " from-bot" : ""}${message.only_for ? " private" : ""}`;
  const body = el("div", { className: `body${isStreaming(message) ? " streaming" : ""}` }, ...messageBody(message, pressing(message)));
  node.replaceChildren(face(message.user), el("div", {}, head(message), body));
  node.dataset.ts = message.ts;
  node.setAttribute("aria-label", `Message from ${message.user === BOT ? "Bellhop" : nameOf(message.user)}`);
  if (focused) node.querySelector(`[data-action="${focused}"]`)?.focus();
  drawn.set(key, { mark, node });
  return node;
}

const face = (user) => (user === BOT
  ? el("span", { className: "face", attrs: { "aria-hidden": "true" } }, el("img", { src: "/static/mark.svg", width: 20, height: 20, alt: "" }))
  : el("span", { className: "face", attrs: { "aria-hidden": "true" } }, nameOf(user)[0]));

function head(message) {
  const time = new Date(Number(message.ts) * 1000);
  const edits = message.user === BOT && message.edits ? `${message.edits} ${message.edits === 1 ? "edit" : "edits"}` : message.edited ? "edited" : "";
  const only = message.only_for ? el("span", { className: "edits" }, "only you see this") : null;
  return el("p", { className: "who" }, el("strong", {}, message.user === BOT ? "Bellhop" : nameOf(message.user)),
    el("time", { dateTime: time.toISOString() }, time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })),
    edits ? el("span", { className: "edits" }, edits) : null, only);
}

function drawThread(root, here) {
  const key = `thread/${root.channel}/${root.ts}`;
  const node = drawn.get(key)?.node ?? el("div", { className: "thread" });
  drawn.set(key, { node });
  const replies = here.filter((one) => one.thread_ts === root.ts && one.ts !== root.ts).map(drawMessage);
  const words = part("statuses")?.[`${root.channel}/${root.ts}`];
  const status = words ? el("p", { className: "status" }, `Bellhop ${words.replace(/^bellhop\s+/i, "").replace(/(…|\.\.\.)$/, "")}`) : null;
  const reply = node.querySelector(":scope > .reply") ?? replyButton(root);
  place(node, [...replies, status, reply].filter(Boolean));
  return node;
}

function replyButton(root) {
  const button = el("button", { type: "button", className: "quiet reply" }, "Reply in thread");
  button.addEventListener("click", () => {
    state.replyTo = root.ts;
    const line = byId("reply-to");
    line.firstElementChild.textContent = `Replying in the thread of ${nameOf(root.user)}`;
    line.hidden = false;
    hint();
    byId("text").focus();
  });
  return button;
}

function leaveReply() {
  state.replyTo = null;
  byId("reply-to").hidden = true;
}

const pressing = (message) => async (actionId, value, button) => {
  button.disabled = true;
  const done = await act("click", { user: speaker(), channel: message.channel, ts: message.ts, action_id: actionId, value });
  button.disabled = false;
  if (done) button.classList.add("pressed");
  if (done && actionId.startsWith("bellhop_feedback")) announce("Thank you, noted.");
};

const ended = new Set();
/** Tell whoever listens when an answer begins and when it stands, not every edit in between. */
function tell(keys) {
  for (const key of keys) {
    const message = key.startsWith("message/") ? part(key) : null;
    if (!message || message.user !== BOT || message.channel !== channel()) continue;
    if (isStreaming(message)) { if (!ended.has(`${key} began`)) { ended.add(`${key} began`); announce("Bellhop is answering."); } }
    else if (ended.has(`${key} began`) && !ended.has(key)) { ended.add(key); announce(`Bellhop answered: ${message.text.slice(0, 300)}`); }
  }
}

function startComposer() {
  const text = byId("text");
  byId("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
    if (event.key === "Escape") { leaveReply(); hint(); }
  });
  text.addEventListener("input", () => { grow(text); hint(); });
  byId("mention").addEventListener("click", () => { text.setRangeText("@bellhop ", text.selectionStart, text.selectionEnd, "end"); text.focus(); hint(); });
  byId("reply-to").querySelector("button").addEventListener("click", () => { leaveReply(); hint(); text.focus(); });
  byId("chat-file").addEventListener("change", (event) => { attach([...event.target.files]); event.target.value = ""; });
  text.addEventListener("paste", (event) => { if (event.clipboardData.files.length) attach([...event.clipboardData.files]); });
}

async function send() {
  const text = byId("text");
  const words = text.value;
  if (!words.trim() && !state.files.length) return;
  const files = state.files;
  text.value = "";
  state.files = [];
  showFiles();
  grow(text);
  if (await say(words, files.length ? files : null) === null) { text.value = words; state.files = files; showFiles(); }
  hint();
  state.atEnd = true;
  toEnd();
}

function grow(text) {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
}

function hint() {
  const text = byId("text");
  const silent = state.place !== "DM" && !state.replyTo && text.value.trim() && !/@bellhop\b/.test(text.value);
  byId("hint").textContent = silent ? "Without @bellhop, nobody is asked." : "";
  text.placeholder = state.replyTo ? "Reply" : state.place === "DM" ? "Ask Bellhop something" : "Ask something: @bellhop …";
}

function attach(files) {
  state.files = [...state.files, ...files];
  showFiles();
  byId("text").focus();
}

function showFiles() {
  const box = byId("attached");
  box.hidden = !state.files.length;
  box.replaceChildren(...state.files.map((file) => {
    const remove = el("button", { type: "button", className: "quiet", attrs: { "aria-label": `Do not send ${file.name}` } }, "✕");
    remove.addEventListener("click", () => { state.files = state.files.filter((one) => one !== file); showFiles(); });
    return el("li", { className: "attachment" }, file.name, el("span", {}, kilobytes(file.size)), remove);
  }));
}

/** Files dropped on `target` go to `take`. */
export function takeDrops(target, take) {
  let depth = 0;
  const over = (by) => { depth = Math.max(0, depth + by); target.classList.toggle("dragging", depth > 0); };
  target.addEventListener("dragenter", (event) => { event.preventDefault(); over(1); });
  target.addEventListener("dragleave", () => over(-1));
  target.addEventListener("dragover", (event) => event.preventDefault());
  target.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    over(0);
    if (event.dataTransfer.files.length) take([...event.dataTransfer.files]);
  });
}
