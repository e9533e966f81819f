// What the page of an event does more where scripts run: the answer grows, and can be stopped and copied.
"use strict";

const main = document.getElementById("main");

function setUp() {
  main.querySelectorAll("[data-copy], [data-stop]").forEach((button) => { button.hidden = false; });
}

main.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.copy) copy(button);
  if (button && "stop" in button.dataset) { button.disabled = true; fetch(location.href, { method: "DELETE" }); }
});

async function copy(button) {
  let done = true;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    done = copyByHand(button.dataset.copy);
  }
  const words = button.textContent;
  button.textContent = done ? "Copied" : "Could not copy";
  setTimeout(() => { button.textContent = words; }, 2000);
}

// Without https a browser has no clipboard to write to.
function copyByHand(text) {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

function listen(url) {
  const source = new EventSource(url);
  // The server renders the Markdown; what comes is blocks of it, each taking the place of all from its number on.
  source.addEventListener("blocks", (event) => {
    const { from, html } = JSON.parse(event.data);
    const answer = main.querySelector(".answer");
    while (answer.children.length > from) answer.lastElementChild.remove();
    answer.insertAdjacentHTML("beforeend", html);
  });
  source.addEventListener("status", (event) => {
    const { state, words } = JSON.parse(event.data);
    const status = main.querySelector(".status");
    if (!status) return; // whoever sent it for somebody else is told nothing more
    status.className = `status ${state}`;
    if (status.textContent !== words) status.textContent = words;
  });
  source.addEventListener("end", (event) => {
    source.close();
    main.innerHTML = JSON.parse(event.data).html;
    setUp();
  });
}

setUp();
if (main.dataset.stream) listen(main.dataset.stream);
