// This file is the mailbox: what Anna and Ben write to the bot, and its answers in their threads, each page in a frame of its own.
import { act } from "./act.js";
import { takeDrops } from "./chat.js";
import { announce, byId, el, kilobytes } from "./dom.js";
import { follow, part, partsOf } from "./live.js";

const BOT = "bot@example.com";
const SAMPLE = "sample-invoice.pdf";
const WISHES = [
  ["A box", "What does a box of twelve cost if one is 4.89?"],
  ["Three trees", "Make a table of: oak, pine, ash"],
  ["Train or plane?", "Hello,\n\nwhat speaks for the train from Cologne to Paris?\n\nThanks\nAnna"],
];

const state = { person: "anna", chosen: { anna: "", ben: "" }, files: [], sample: false, seen: new Set() };
const drawn = new Map();

/** Make the mailbox work. */
export function startMail() {
  follow(["mail/", "receipt/"], draw);
  takeDrops(byId("mail"), attach);
  document.querySelectorAll('[name="writer"]').forEach((radio) => radio.addEventListener("change", () => { state.person = radio.value; draw(); }));
  byId("new-mail").addEventListener("click", () => { choose(""); byId("mail-subject").focus(); });
  byId("mail-file").addEventListener("change", (event) => { attach([...event.target.files]); event.target.value = ""; });
  byId("mail-sample").addEventListener("click", () => { state.sample = true; showFiles(); byId("mail-text").focus(); });
  byId("mail-form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  byId("mail-text").addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); } });
  draw();
}

/** Write a first mail, for whoever tries. */
export async function writeFirst() {
  choose("");
  await write(WISHES[1][0], WISHES[1][1]);
}

const mine = () => partsOf(`mail/${state.person}/`).sort((a, b) => a.at - b.at || (a.event ? -1 : 1));
const chosen = () => state.chosen[state.person];
const bare = (subject) => subject.replace(/^(re|aw):\s*/i, "") || "(no subject)";

function choose(thread) {
  state.chosen[state.person] = thread;
  draw();
}

async function send() {
  const text = byId("mail-text").value;
  const last = chosen() ? mine().filter((mail) => mail.thread === chosen()).at(-1) : null;
  if (await write(byId("mail-subject").value, text, last?.place)) {
    byId("mail-text").value = byId("mail-subject").value = "";
    Object.assign(state, { files: [], sample: false });
    showFiles();
  }
}

async function write(subject, text, answers = "") {
  const wish = { person: state.person, subject, text, answers, sample: state.sample ? SAMPLE : "" };
  const done = await act("mail", wish, state.files.length ? state.files : null);
  if (done && !answers) state.chosen[state.person] = done.id;
  if (done) { announce("Sent."); draw(); }
  return done;
}

function draw() {
  const mails = mine();
  const threads = new Map();
  for (const mail of mails) threads.set(mail.thread, [...(threads.get(mail.thread) ?? []), mail]);
  if (chosen() && !threads.has(chosen())) threads.set(chosen(), []);
  const shown = [...threads].sort(([, a], [, b]) => (b.at(-1)?.at ?? Infinity) - (a.at(-1)?.at ?? Infinity));
  place(byId("threads"), shown.filter(([, all]) => all.length).map(([thread, all]) => item(thread, all)));
  const open = threads.get(chosen()) ?? [];
  if (!byId("mail").hidden) for (const mail of open) state.seen.add(`${state.person}/${mail.place}`);
  const head = open.length ? [heading(open[0])] : [];
  const box = byId("letters");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  place(box, open.length ? [...head, ...open.map((mail) => letter(mail, open))] : [drawEmpty()]);
  if (atEnd) box.scrollTop = box.scrollHeight;
  byId("mail-subject").hidden = open.length > 0;
  byId("mail-text").placeholder = open.length ? "Answer in this thread" : `Write to ${BOT}`;
}

/** Put exactly these nodes into the box; those that stand right already are left alone: a frame that moves is loaded anew. */
function place(box, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...box.childNodes]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, at) => { if (box.childNodes[at] !== node) box.insertBefore(node, box.childNodes[at] ?? null); });
}

function kept(key, mark, make) {
  const known = drawn.get(key);
  if (known?.mark === mark) return known.node;
  const node = make(known?.node);
  drawn.set(key, { mark, node });
  return node;
}

function item(thread, mails) {
  const last = mails.at(-1);
  const isNews = mails.some((mail) => !mail.event && !state.seen.has(`${state.person}/${mail.place}`)) && thread !== chosen();
  const said = last.text.split("\n").find((line) => /[\p{L}\p{N}]/u.test(line))?.replace(/[*#`|>]/g, "").trim();
  const words = `${last.event ? "You: " : ""}${said ?? ""}`;
  const mark = JSON.stringify([last.place, thread === chosen(), isNews, mails.length]);
  return kept(`thread/${state.person}/${thread}`, mark, (node) => {
    const button = node?.firstChild ?? el("button", { type: "button" });
    if (!node) button.addEventListener("click", () => choose(thread));
    button.replaceChildren(el("b", {}, bare(mails[0].subject)), el("time", {}, clock(last.at)), el("span", { className: "line" }, words), isNews ? el("span", { className: "news" }, " (new)") : "");
    thread === chosen() ? button.setAttribute("aria-current", "true") : button.removeAttribute("aria-current");
    return node ?? el("li", {}, button);
  });
}

const clock = (at) => new Date(at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const heading = (mail) => kept(`heading/${state.person}/${mail.thread}`, mail.subject, () => el("h2", { className: "subject-line" }, bare(mail.subject)));

function letter(mail, thread) {
  const key = `mail/${mail.person}/${mail.place}`;
  const status = mail.event ? statusOf(mail, thread) : null;
  return kept(key, status?.words ?? "", (known) => {
    const node = known ?? newLetter(mail);
    node.querySelector(".fate")?.remove();
    if (status) node.lastChild.append(el("p", { className: `fate ${status.kind}` }, status.words));
    return node;
  });
}

function newLetter(mail) {
  const name = mail.from.replace(/\s*<.*/, "").replaceAll('"', "");
  const face = el("span", { className: "face", attrs: { "aria-hidden": "true" } }, mail.event ? name[0] : el("img", { src: "/static/mark.svg", width: 20, height: 20, alt: "" }));
  const who = el("p", { className: "who" }, el("b", {}, name), el("span", { className: "address" }, /<(.*)>/.exec(mail.from)?.[1] ?? ""), el("time", {}, clock(mail.at)));
  const files = mail.files.map((file) => el("span", { className: "attachment" }, file.name, el("span", {}, kilobytes(file.size_bytes))));
  const body = mail.has_page ? pageBody(mail) : el("div", { className: "body" }, ...textBody(mail.text));
  return el("article", { className: `letter${mail.event ? "" : " from-bot"}`, attrs: { "aria-label": `Mail from ${name}` } }, face, el("div", {}, who, body, ...(files.length ? [el("p", { className: "enclosed" }, ...files)] : [])));
}

/** The text a person wrote, and below it, folded away, what it quotes. */
function textBody(text) {
  const lines = text.split("\n");
  const at = lines.findIndex((line, index) => line.startsWith(">") || (/^On .*wrote:$/.test(line) && lines[index + 1]?.startsWith(">")));
  const own = at < 0 ? text : lines.slice(0, at).join("\n").trimEnd();
  const quoted = at < 0 ? "" : lines.slice(at).join("\n");
  return [el("p", { className: "plain" }, own), quoted ? el("details", { className: "quoted" }, el("summary", { attrs: { "aria-label": "Show what is quoted" } }, "•••"), el("p", { className: "plain" }, quoted)) : ""];
}

/** The page of a mail, in a frame without scripts; its plain text stands ready beside it. */
function pageBody(mail) {
  const source = `/mail/${mail.person}/${mail.place}`;
  const frame = el("iframe", { src: source, title: `The page of the mail “${mail.subject}”`, attrs: { sandbox: "allow-same-origin" } });
  const fit = () => { frame.style.height = `${frame.contentDocument.documentElement.scrollHeight}px`; byId("letters").scrollTop = byId("letters").scrollHeight; };
  frame.addEventListener("load", fit);
  new ResizeObserver(() => { if (frame.contentDocument?.body) { frame.style.height = "0"; frame.style.height = `${frame.contentDocument.documentElement.scrollHeight}px`; } }).observe(byId("letters"));
  const plain = el("p", { className: "plain", hidden: true }, mail.text);
  const swap = el("button", { type: "button", className: "quiet" }, "Plain text");
  swap.addEventListener("click", () => { plain.hidden = !plain.hidden; frame.hidden = !plain.hidden; swap.textContent = plain.hidden ? "Plain text" : "Page"; });
  const quote = el("button", { type: "button", className: "quiet", attrs: { "aria-pressed": "false" } }, "Quoted");
  quote.addEventListener("click", () => {
    const isShown = quote.getAttribute("aria-pressed") !== "true";
    quote.setAttribute("aria-pressed", String(isShown));
    frame.src = isShown ? `${source}?quoted` : source;
  });
  return el("div", { className: "body" }, frame, plain, el("p", { className: "views" }, swap, quote));
}

/** What becomes of a person's mail while no answer stands behind it. */
function statusOf(mail, thread) {
  const receipt = part(`receipt/${mail.event}`);
  const later = thread.slice(thread.indexOf(mail) + 1);
  if (later.some((one) => !one.event) && receipt?.state !== "skipped") return null;
  if (!receipt) return { kind: "dim", words: "Sent" };
  if (receipt.state === "skipped") return { kind: "bad", words: `Left alone: ${receipt.reason.replace(/^skipped: /, "")}` };
  return { kind: "now", words: { received: "Sent", working: "Bellhop reads it", waiting: receipt.reason, answered: "Answered", failed: receipt.reason }[receipt.state] };
}

function drawEmpty() {
  const wishes = WISHES.map(([subject, text]) => {
    const button = el("button", { type: "button" }, subject);
    button.addEventListener("click", () => { byId("mail-subject").value = subject; byId("mail-text").value = text; byId("mail-text").focus(); });
    return button;
  });
  return kept(`empty/${state.person}`, "", () => el("div", { className: "empty" }, el("p", {}, "A mail to the bot is answered in its thread, as text and as a page. Write one, or begin with one of these:"), el("div", { className: "wishes" }, ...wishes)));
}

function attach(files) {
  state.files = [...state.files, ...files];
  showFiles();
  byId("mail-text").focus();
}

function showFiles() {
  const box = byId("mail-attached");
  const sample = state.sample ? [{ name: SAMPLE, isSample: true }] : [];
  const all = [...state.files, ...sample];
  box.hidden = !all.length;
  box.replaceChildren(...all.map((file) => {
    const remove = el("button", { type: "button", className: "quiet", attrs: { "aria-label": `Do not send ${file.name}` } }, "✕");
    remove.addEventListener("click", () => { file.isSample ? (state.sample = false) : (state.files = state.files.filter((one) => one !== file)); showFiles(); });
    return el("li", { className: "attachment" }, file.name, el("span", {}, file.isSample ? "" : kilobytes(file.size)), remove);
  }));
}
