// This file is the tab of a program: a request to edit, its response as it comes, and the receipts it is called back with.
import { announce, byId, el } from "./dom.js";
import { follow, part } from "./live.js";

const token = document.querySelector('meta[name="playground-token"]').content;
const HEADERS = { stream: ' \\\n  -H "Accept: text/event-stream"', wait: ' \\\n  -H "Prefer: wait=30"', later: "" };

/** Make the tab work. */
export function startProgram() {
  const form = byId("request");
  form.addEventListener("submit", (event) => { event.preventDefault(); send(form); });
  form.addEventListener("input", () => drawCommand(form));
  drawCommand(form);
  follow(["callbacks"], drawCallbacks);
}

const way = (form) => new FormData(form).get("way");

function drawCommand(form) {
  const hook = form.querySelector("label code").textContent.replace("POST ", "");
  const body = byId("request-body").value.replace(/\s*\n\s*/g, " ").replaceAll("'", "'\\''");
  byId("request-curl").textContent = `curl -N ${hook} \\\n  -H "Authorization: Bearer $WEBHOOK_SECRET"${HEADERS[way(form)]} \\\n  --json '${body}'`;
}

let sending = 0;
async function send(form) {
  const mine = ++sending;
  const place = byId("response");
  place.textContent = "";
  try {
    const answer = await fetch(`/program?way=${way(form)}`, { method: "POST", headers: { "X-Playground-Token": token, "Content-Type": "application/json" }, body: byId("request-body").value });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let next = await reader.read(); !next.done && mine === sending; next = await reader.read()) {
      const isAtEnd = place.scrollTop + place.clientHeight > place.scrollHeight - 40;
      place.append(next.value);
      if (isAtEnd) place.scrollTop = place.scrollHeight;
    }
    if (mine === sending) announce("The response is complete.");
  } catch {
    place.append("The playground does not answer. Is it still running in the terminal?");
  }
}

function drawCallbacks() {
  const received = [...part("callbacks").received].reverse();
  if (!received.length) return;
  byId("callbacks").replaceChildren(...received.map((one) => el("li", {},
    el("p", { className: one.is_genuine ? "good" : "bad" }, `${one.is_genuine ? "Signature genuine" : "Signature wrong"}, ${one.state}, ${new Date(one.at * 1000).toLocaleTimeString()}`),
    el("code", {}, one.name), el("p", {}, one.text))));
}
