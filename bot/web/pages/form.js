// What a form does more where scripts run: it stays as it is until it was taken, files too; they are dropped, and seen on
// their way; the eye is led to what is wrong.
"use strict";

const MOST_BYTES = 9.9e6;
const LATER = "It could not be taken just now. Everything is still here: please send it again in a moment.";
const BROKEN = "The connection broke. Everything is still here: please send it again.";

function setUp() {
  const form = document.querySelector("form");
  document.documentElement.classList.add("lively");
  document.getElementById("alert")?.focus();
  if (!form) return; // a page that only says what went wrong
  form.querySelectorAll(".drop").forEach(setUpDrop);
  form.addEventListener("submit", (event) => send(event, form));
}

function setUpDrop(drop) {
  const input = drop.querySelector("input");
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    show(drop);
  });
  input.addEventListener("change", () => show(drop));
  show(drop);
}

// A file that is dropped beside its place must not take the place of the page.
for (const kind of ["dragover", "drop"]) {
  addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (!event.target.closest?.(".drop")) event.dataTransfer.dropEffect = "none";
  });
}

function show(drop) {
  const lines = [...drop.querySelector("input").files].map((file) => {
    const line = document.createElement("li");
    const name = document.createElement("bdi");
    name.textContent = file.name;
    line.append(name, `, ${size(file.size)}`);
    return line;
  });
  drop.querySelector(".chosen").replaceChildren(...lines);
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function send(event, form) {
  if (self.origin === "null") return; // a frame that may not even say where it comes from: the server tells
  event.preventDefault();
  if (form.querySelector("button[type=submit]").disabled) return;
  const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
  const wrong = tooMuch(files, Number(form.getAttribute("data-most-files")));
  if (wrong) { refuse(form, wrong); return; }
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (moved) => progress(form, moved.loaded / moved.total, files.length));
  request.addEventListener("load", () => arrived(form, request));
  request.addEventListener("error", () => refuse(form, BROKEN));
  request.open("POST", form.getAttribute("action")); // a field may be called "action", and would be form.action
  request.send(new FormData(form));
  rest(form, true);
}

function tooMuch(files, most) {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  if (files.length > most) return `These are ${files.length} files; at most ${most} can be sent together.`;
  return bytes > MOST_BYTES ? `The files are ${size(bytes)} together; at most ${size(MOST_BYTES)} can be sent.` : "";
}

function rest(form, isSending) {
  form.querySelector("button[type=submit]").disabled = isSending;
  form.querySelector(".progress progress").hidden = true;
  form.querySelector(".percent").textContent = "";
  tell(form, isSending ? "Sending" : "");
}

function progress(form, part, hasFiles) {
  if (!form.querySelector("button[type=submit]").disabled) return;
  const bar = form.querySelector(".progress progress");
  bar.hidden = !hasFiles;
  bar.value = part;
  form.querySelector(".percent").textContent = hasFiles && part < 1 ? `, ${Math.round(part * 100)} %` : "";
  tell(form, part < 1 ? "Sending" : "Sent, one moment");
}

// Read aloud whenever it changes, so it changes seldom.
function tell(form, words) {
  const place = form.querySelector(".progress [role=status]");
  if (place.textContent !== words) place.textContent = words;
}

// The answer to a form that was taken is the page of its event. To one that was not, it says what is wrong: that is
// taken over, and what stands in the form stays. Anything else, a proxy's page for instance, is no answer.
function arrived(form, request) {
  const place = new URL(request.responseURL);
  if (place.pathname.includes("/events/")) { location.assign(place); return; }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const [alert, news] = [page.getElementById("alert"), page.querySelector("form")];
  page.querySelectorAll(".unscripted").forEach((words) => words.remove());
  if (!alert) { refuse(form, LATER); return; }
  if (news && shape(news) !== shape(form)) { exchange(form, page); return; }
  if (news) takeOver(form, news);
  refuse(form, alert);
}

function shape(form) {
  const parts = [...form.querySelectorAll("input, select, textarea")];
  return parts.map((one) => `${one.name} ${one.type} ${one.type === "radio" ? one.value : ""}`).join("\n");
}

// The rule has other fields now: the form as the server has it, with what was written as far as it fits.
function exchange(form, page) {
  for (const input of page.querySelectorAll("input[type=file]")) {
    const mine = form.querySelector(`input[type=file][name="${CSS.escape(input.name)}"]`);
    if (mine) input.files = mine.files;
  }
  document.title = page.title;
  document.getElementById("main").replaceWith(page.getElementById("main"));
  setUp();
}

function takeOver(form, news) {
  form.querySelector("[name=_token]").value = news.querySelector("[name=_token]").value;
  const theirs = news.querySelectorAll(".field");
  form.querySelectorAll(".field").forEach((field, number) => mark(field, theirs[number]));
}

function mark(field, theirs) {
  const error = theirs.querySelector(".error");
  for (const name of ["aria-invalid", "aria-describedby"]) {
    const said = marked(theirs).getAttribute(name);
    if (said === null) marked(field).removeAttribute(name);
    else marked(field).setAttribute(name, said);
  }
  field.querySelectorAll(".error").forEach((old) => old.remove());
  if (error) field.append(error);
}

function marked(field) {
  return field.matches("fieldset") ? field : field.querySelector("input, select, textarea");
}

// Says above the form why it was not sent, in words or in the server's own box; it can be sent again at once.
function refuse(form, said) {
  rest(form, false);
  document.getElementById("alert")?.remove();
  const box = said instanceof Element ? document.adoptNode(said) : boxOf(said);
  document.getElementById("main").insertBefore(box, form);
  document.title = `Please check: ${document.querySelector("h1").textContent}`;
  box.focus();
}

function boxOf(words) {
  const [box, line] = [document.createElement("div"), document.createElement("p")];
  Object.assign(box, { id: "alert", className: "alert", role: "alert", tabIndex: -1 });
  line.dir = "auto";
  line.textContent = words;
  box.append(line);
  return box;
}

// Whoever comes back to the page finds what was chosen, and can send again.
addEventListener("pageshow", () => {
  document.querySelectorAll("form").forEach((form) => rest(form, false));
  document.querySelectorAll(".drop").forEach(show);
});
setUp();
