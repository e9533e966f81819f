// This file is the page's memory: every part of the stage by key, kept up to date by the server's events.

const parts = new Map();
const listeners = [];

/** Call `draw(changedKeys)` whenever a part whose key begins with one of `prefixes` changed. */
export function follow(prefixes, draw) {
  listeners.push({ prefixes, draw });
}

export const part = (key) => parts.get(key);

/** Every part below a prefix. */
export const partsOf = (prefix) => [...parts.entries()].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);

/** Listen to the server; the browser connects again by itself. `onState(true|false)` tells whether it is there. */
export function listen(onState) {
  const source = new EventSource("/live");
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  source.onmessage = (event) => {
    const changed = JSON.parse(event.data);
    for (const [key, value] of Object.entries(changed)) value === null ? parts.delete(key) : parts.set(key, value);
    const keys = Object.keys(changed);
    for (const { prefixes, draw } of listeners) {
      const mine = keys.filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));
      if (mine.length) draw(mine);
    }
  };
}
