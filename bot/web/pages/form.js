// What a form does more where scripts run: files by drag and drop, their progress, and the eye led to what is wrong.
"use strict";

const MOST_BYTES = 9.9e6;

function setUp() {
  const form = document.querySelector("form");
  document.documentElement.classList.add("lively");
  form.querySelectorAll(".drop").forEach(setUpDrop);
  form.addEventListener("submit", (event) => send(event, form));
  document.getElementById("alert")?.focus();
}

function setUpDrop(drop) {
  const input = drop.querySelector("input");
  const stop = (event, over) => { event.preventDefault(); drop.classList.toggle("over", over); };
  drop.addEventListener("dragover", (event) => stop(event, true));
  drop.addEventListener("dragleave", (event) => stop(event, false));
  drop.addEventListener("drop", (event) => {
    stop(event, false);
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    show(drop, input);
  });
  input.addEventListener("change", () => show(drop, input));
}

function show(drop, input) {
  const lines = [...input.files].map((file) => {
    const line = document.createElement("li");
    line.textContent = `${file.name}, ${size(file.size)}`;
    return line;
  });
  drop.querySelector(".chosen").replaceChildren(...lines);
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function send(event, form) {
  const button = form.querySelector("button[type=submit]");
  const hasFiles = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
  if (button.disabled) { event.preventDefault(); return; }
  if (!hasFiles) return;
  event.preventDefault();
  const bytes = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]).reduce((sum, file) => sum + file.size, 0);
  if (bytes > MOST_BYTES) { say(form, `The files are ${size(bytes)} together; at most ${size(MOST_BYTES)} can be sent.`); return; }
  button.disabled = true;
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (moved) => progress(form, moved.loaded / moved.total));
  request.addEventListener("load", () => arrived(request));
  request.addEventListener("error", () => say(form, "The connection broke. Please send it again."));
  request.open("POST", form.action);
  request.send(new FormData(form));
}

function progress(form, part) {
  const place = form.querySelector(".progress");
  const bar = place.querySelector("progress") || document.createElement("progress");
  const words = part < 1 ? `Sending, ${Math.round(part * 100)} %` : "Sent, one moment";
  bar.value = part;
  bar.setAttribute("aria-label", "Sending");
  place.replaceChildren(bar, words);
}

function say(form, words) {
  form.querySelector(".progress").textContent = words;
  form.querySelector("button[type=submit]").disabled = false;
}

// The answer of a form that was taken is the page of its event; of one that was not, the form with what is wrong.
function arrived(request) {
  if (new URL(request.responseURL).pathname !== location.pathname) { location.assign(request.responseURL); return; }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  document.title = page.title;
  document.getElementById("main").replaceWith(page.getElementById("main"));
  setUp();
}

addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("button[type=submit]").forEach((button) => { button.disabled = false; });
});
setUp();
