// This file is how the page acts: one POST for each thing a person does, with this start's token.
import { toast } from "./dom.js";

const token = document.querySelector('meta[name="playground-token"]').content;

/** Do `name`; returns what it gave, or null after telling why it could not be done. `files` go along as a form. */
export async function act(name, wish = {}, files = null) {
  const headers = { "X-Playground-Token": token };
  let body;
  if (files) {
    body = new FormData();
    for (const [key, value] of Object.entries(wish)) if (value) body.append(key, value);
    for (const file of files) body.append("file", file, file.name);
  } else {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(wish);
  }
  try {
    const answer = await fetch(`/act/${name}`, { method: "POST", headers, body });
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text);
    toast(answer.status === 400 ? JSON.parse(text).error : text.trim());
  } catch {
    toast("The playground does not answer. Is it still running in the terminal?");
  }
  return null;
}
