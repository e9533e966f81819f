// This file is Markdown as elements: what Slack's Markdown blocks and answer files hold, built node by node.
import { el } from "./dom.js";

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const QUOTE = /^ {0,3}> ?(.*)$/;
const TABLE_LINE = /^\s*\|?(\s*:?-+:?\s*\|)+\s*:?-*:?\s*$/;

/** The Markdown text as a fragment; unfinished text (an open fence, half a table) is drawn as far as it goes. */
export function markdown(text) {
  const fragment = document.createDocumentFragment();
  fragment.append(...blocks(text.replace(/\r\n?/g, "\n").split("\n")));
  return fragment;
}

function blocks(lines) {
  const nodes = [];
  let at = 0;
  while (at < lines.length) {
    const taken = [fence, heading, rule, quote, table, list].map((read) => read(lines, at)).find(Boolean) ?? paragraph(lines, at);
    if (taken.node) nodes.push(taken.node);
    at = taken.next;
  }
  return nodes;
}

function fence(lines, at) {
  const open = FENCE.exec(lines[at]);
  if (!open) return null;
  let end = at + 1;
  while (end < lines.length && !closes(lines[end], open[1])) end += 1;
  const language = open[2].trim().split(/\s+/)[0];
  const code = el("code", { textContent: lines.slice(at + 1, end).join("\n") });
  return { node: el("pre", { tabIndex: 0, attrs: { "aria-label": language ? `Code, ${language}` : "Code" } }, code), next: end + 1 };
}

function closes(line, mark) {
  const words = line.trim();
  return words.length >= mark.length && [...words].every((letter) => letter === mark[0]) && /^ {0,3}\S/.test(line);
}

function heading(lines, at) {
  const found = HEADING.exec(lines[at]);
  // The page has headings of its own; an answer's begin below them.
  return found && { node: el(`h${Math.min(found[1].length + 2, 6)}`, { className: `size-${found[1].length}` }, ...inline(found[2])), next: at + 1 };
}

function rule(lines, at) {
  return RULE.test(lines[at]) && !ITEM.test(lines[at]) ? { node: el("hr"), next: at + 1 } : null;
}

function quote(lines, at) {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end += 1;
  if (end === at) return null;
  return { node: el("blockquote", {}, ...blocks(lines.slice(at, end).map((line) => QUOTE.exec(line)[1]))), next: end };
}

function table(lines, at) {
  if (!lines[at].includes("|") || at + 1 >= lines.length || !TABLE_LINE.test(lines[at + 1])) return null;
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  const head = cells(lines[at]);
  const line = (parts, tag) => el("tr", {}, ...head.map((_, column) => el(tag, {}, ...inline(parts[column] ?? ""))));
  const body = lines.slice(at + 2, end).map((row) => line(cells(row), "td"));
  const made = el("table", {}, el("thead", {}, line(head, "th")), el("tbody", {}, ...body));
  return { node: el("div", { className: "table" }, made), next: end };
}

function cells(line) {
  const parts = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "").split(/(?<!\\)\|/);
  return parts.map((part) => part.trim().replaceAll("\\|", "|"));
}

function list(lines, at) {
  const first = ITEM.exec(lines[at]);
  if (!first) return null;
  const indent = first[1].length;
  const ordered = /\d/.test(first[2]);
  const items = [];
  let end = at;
  while (end < lines.length) {
    const item = ITEM.exec(lines[end]);
    if (item && item[1].length <= indent + 1 && item[1].length >= indent && /\d/.test(item[2]) === ordered) items.push([item[3]]);
    else if (items.length && (!lines[end].trim() ? continues(lines, end, indent) : /^\s/.test(lines[end]) && lines[end].search(/\S/) > indent)) {
      items[items.length - 1].push(lines[end].slice(Math.min(indent + 2, Math.max(lines[end].search(/\S/), 0))));
    } else break;
    end += 1;
  }
  const start = parseInt(first[2], 10);
  const made = el(ordered ? "ol" : "ul", {}, ...items.map(listItem));
  if (ordered && start !== 1) made.start = start;
  return { node: made, next: end };
}

function continues(lines, at, indent) {
  const next = lines[at + 1];
  if (next === undefined) return false;
  const item = ITEM.exec(next);
  return item ? item[1].length >= indent : /^\s/.test(next) && next.search(/\S/) > indent;
}

function listItem([first, ...rest]) {
  return el("li", {}, ...inline(first), ...(rest.some((line) => line.trim()) ? blocks(rest) : []));
}

function paragraph(lines, at) {
  if (!lines[at].trim()) return { node: null, next: at + 1 };
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !startsBlock(lines, end)) end += 1;
  return { node: el("p", {}, ...inline(lines.slice(at, end).join("\n"))), next: end };
}

function startsBlock(lines, at) {
  return [FENCE, HEADING, QUOTE, ITEM, RULE].some((kind) => kind.test(lines[at])) || Boolean(table(lines, at));
}

const INLINE = [
  [/\\([\\`*_{}[\]()#+\-.!|~<>])/, (found) => [found[1]]],
  [/(`+)([\s\S]*?[^`])\1(?!`)/, (found) => [el("code", { textContent: found[2] })]],
  [/!?\[([^\]]*)\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/, (found) => [link(found[2], found[1])]],
  [/<(https?:\/\/[^\s<>]+|mailto:[^\s<>]+)>/, (found) => [link(found[1], found[1])]],
  [/(?<![\w/])https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"]/, (found) => [link(found[0], found[0])]],
  [/\*\*(?=\S)([\s\S]*?\S)\*\*(?!\*)/, (found) => [el("strong", {}, ...inline(found[1]))]],
  [/(?<!\w)__(?=\S)([\s\S]*?\S)__(?!\w)/, (found) => [el("strong", {}, ...inline(found[1]))]],
  [/~~(?=\S)([\s\S]*?\S)~~/, (found) => [el("s", {}, ...inline(found[1]))]],
  [/\*(?=[^\s*])([\s\S]*?[^\s*])\*(?!\*)/, (found) => [el("em", {}, ...inline(found[1]))]],
  [/(?<!\w)_(?=[^\s_])([\s\S]*?[^\s_])_(?!\w)/, (found) => [el("em", {}, ...inline(found[1]))]],
  [/ {2,}\n|\\\n/, () => [el("br")]],
];

/** Text with emphasis, code and links, as nodes. */
export function inline(text) {
  let first = null;
  for (const [pattern, make] of INLINE) {
    const found = pattern.exec(text);
    if (found && (first === null || found.index < first.found.index)) first = { found, make };
  }
  if (first === null) return text ? [text] : [];
  const { found, make } = first;
  return [text.slice(0, found.index), ...make(found), ...inline(text.slice(found.index + found[0].length))].filter((part) => part !== "");
}

/** A link that says where it leads; anything but the web and mail stays text. */
export function link(address, label) {
  let url;
  try { url = new URL(address); } catch { return `${label} (${address})`; }
  if (!["http:", "https:", "mailto:"].includes(url.protocol)) return `${label} (${address})`;
  const host = label.includes(url.host) || !url.host ? null : el("span", { className: "host" }, ` (${url.host})`);
  return el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, label || url.href, host);
}
