// This file is how the page makes elements: text is always text, never markup.

/** An element by tag, with properties, attributes (in `attrs`) and children (nodes or strings). */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  const { attrs = {}, ...rest } = properties;
  Object.assign(node, rest);
  for (const [name, value] of Object.entries(attrs)) if (value !== null && value !== undefined) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export const byId = (id) => document.getElementById(id);

/** Tell a screen reader, politely. */
export function announce(words) {
  const said = byId("said");
  said.textContent = "";
  setTimeout(() => { said.textContent = words; }, 50);
}

let toastTimer = 0;
/** A sentence at the bottom for a few seconds. */
export function toast(words) {
  const box = byId("toast");
  box.textContent = words;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 5000);
}

export const kilobytes = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`);
