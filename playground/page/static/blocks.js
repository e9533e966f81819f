// This file is Slack's blocks as elements: the text of a message, its small print and its buttons.
import { el } from "./dom.js";
import { inline, link, markdown } from "./markdown.js";

const NAMES = { U0ANNA: "Anna", U0BEN: "Ben", U0BELLHOP: "bellhop", U0CARLA: "Carla" };
export const nameOf = (user) => NAMES[user] ?? user;
export const BOT = "U0BELLHOP";

/** Everything of a message that stands below its head. `press(action_id, value, button)` is called for a button. */
export function messageBody(message, press) {
  const fromBot = message.user === BOT;
  const parts = fromBot && message.blocks.length ? message.blocks.map((block) => drawBlock(block, press)) : [el("div", { className: "prose" }, el("p", {}, ...slackText(message.text)))];
  const shown = message.text || message.blocks.length ? parts : [];
  return [...shown, ...message.files.map((file) => el("p", { className: "attachment" }, file.name))].filter(Boolean);
}

function drawBlock(block, press) {
  if (block.type === "markdown") return el("div", { className: "prose" }, markdown(block.text));
  if (block.type === "section" || block.type === "header") return section(block);
  if (block.type === "context") return el("p", { className: "small-print" }, ...block.elements.flatMap((part, at) => [at ? " · " : "", ...plain(part)]));
  if (block.type === "actions" || block.type === "context_actions") return el("div", { className: "actions" }, ...block.elements.flatMap((part) => buttons(part, press)));
  if (block.type === "divider") return el("hr");
  return null;
}

function section(block) {
  const texts = [block.text, ...(block.fields ?? [])].filter(Boolean);
  return el("div", { className: "prose" }, ...texts.map((text) => el("p", {}, ...plain(text))));
}

function plain(text) {
  return text.type === "mrkdwn" ? slackText(text.text) : [text.text ?? ""];
}

function buttons(element, press) {
  if (element.type === "feedback_buttons") {
    return [[element.positive_button, false], [element.negative_button, true]].map(([half, down]) => thumb(half, down, element.action_id, press));
  }
  if (/^bellhop_feedback/.test(element.action_id)) return [thumb(element, /down$/.test(element.action_id), element.action_id, press)];
  return element.type === "button" ? [button(element.text.text, element.action_id, null, press)] : [];
}

/** A thumb as a drawing: not every machine has a font with one. */
function thumb(half, down, actionId, press) {
  const made = button("", actionId, half.value ?? null, press);
  made.setAttribute("aria-label", half.accessibility_label ?? (down ? "Bad answer" : "Good answer"));
  made.title = made.getAttribute("aria-label");
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 20 20");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M3 9h3v8H3zM6 9l4-7c2 0 2.4 1.4 2 3l-.6 2.6H16c1.2 0 1.8 1 1.5 2l-1.6 6c-.3 1-1 1.4-2 1.4H6");
  if (down) path.setAttribute("transform", "rotate(180 10 10)");
  picture.append(path);
  made.append(picture);
  return made;
}

function button(label, actionId, value, press) {
  const made = el("button", { type: "button", attrs: { "data-action": actionId } }, label);
  made.addEventListener("click", () => press(actionId, value, made));
  return made;
}

/** Slack's own encoding of what a person typed: mentions, links, line breaks. */
export function slackText(text) {
  const nodes = [];
  for (const part of text.split(/(<[^<>\s][^<>]*>|\n)/)) {
    const mention = /^<@(\w+)(?:\|[^>]*)?>$/.exec(part);
    const address = /^<((?:https?|mailto):[^|>]+)(?:\|([^>]*))?>$/.exec(part);
    if (mention) nodes.push(el("span", { className: "mention" }, `@${nameOf(mention[1]).toLowerCase()}`));
    else if (address) nodes.push(link(unescaped(address[1]), unescaped(address[2] ?? address[1])));
    else if (part === "\n") nodes.push(el("br"));
    else if (part) nodes.push(...inline(unescaped(part)));
  }
  return nodes;
}

const unescaped = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
