// What the pages do beyond HTML. Every page works without this file; it adds keys, live
// rows and updates in place. Nothing here evaluates text or builds HTML from strings that
// another person wrote: fragments come from this server, which has escaped them.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const parse = (html) => new DOMParser().parseFromString(html, "text/html");

// --- Menu on small screens -------------------------------------------------------------
document.addEventListener("click", (event) => {
  const button = event.target.closest(".menu-button");
  if (!button) return;
  const open = button.closest(".side").classList.toggle("open");
  button.setAttribute("aria-expanded", String(open));
});

// --- Copy -------------------------------------------------------------------------------
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  announce(button.dataset.done);
});

function announce(text) {
  const place = $("#announce");
  if (place && text) place.textContent = text;
}

// --- Forms that change one part of the page ----------------------------------------------
// <form data-swap="stage">: the answer is a whole page; only the element with that id is
// taken from it. If anything goes wrong the form is sent the ordinary way.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (!form.dataset.swap) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const body = new URLSearchParams(new FormData(form, event.submitter));
  try {
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
    const fresh = parse(await answer.text()).getElementById(form.dataset.swap);
    if (!fresh) throw new Error("no such part");
    const old = document.getElementById(form.dataset.swap);
    const focus = form.dataset.focus;
    old.replaceWith(document.adoptNode(fresh));
    for (const pane of $$("[data-bottom]", fresh)) pane.scrollTop = pane.scrollHeight;
    if (focus) document.getElementById(focus)?.focus();
  } catch {
    form.removeAttribute("data-swap");
    form.requestSubmit(event.submitter);
  } finally {
    delete form.dataset.busy;
  }
});

// --- Keys ------------------------------------------------------------------------------
const typing = (node) => node.closest("input, textarea, select, [contenteditable]");
let before = "";

document.addEventListener("keydown", (event) => {
  const sends = event.target.closest("textarea[data-enter]");
  if (sends && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    sends.form.requestSubmit(sends.form.querySelector("button[name=act]"));
    return;
  }
  if (event.key === "Escape" && typing(event.target)) event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if ($("dialog[open]") && event.key !== "?") return;
  const chord = before === "g" ? `g ${event.key}` : event.key;
  before = event.key === "g" && before !== "g" ? "g" : "";
  if (press(chord)) event.preventDefault();
});

function press(key) {
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  if (key === "/") return focusOn($("[data-find]"));
  if (key === "?") return toggleHelp();
  const target = $$("[data-key]").find((node) => node.dataset.key === key && !node.disabled && node.offsetParent !== null)
    ?? $$("a[data-key]").find((node) => node.dataset.key === key);
  if (!target) return false;
  if (target.matches("input, textarea, select")) return focusOn(target);
  target.click();
  return true;
}

function step(by) {
  const items = $$("[data-item]").filter((node) => node.offsetParent !== null);
  if (!items.length) return false;
  const at = items.indexOf(document.activeElement);
  const current = at < 0 ? items.findIndex((node) => node.hasAttribute("aria-current")) : at;
  return focusOn(items[Math.min(items.length - 1, Math.max(0, current + by))]);
}

function focusOn(node) {
  if (!node) return false;
  node.focus();
  node.scrollIntoView({ block: "nearest" });
  if (node.matches("input")) node.select();
  return true;
}

function toggleHelp() {
  const help = $("#keys");
  if (!help) return false;
  if (help.open) help.close();
  else help.showModal();
  return true;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) toggleHelp();
  if (event.target.closest("dialog [data-close]")) event.target.closest("dialog").close();
});

// --- Live verdicts -----------------------------------------------------------------------
const MOST_ROWS = 200;

function follow(list) {
  const pulse = $("#pulse");
  const pause = $("#pause");
  const waiting = [];
  let paused = false;
  const state = (name) => {
    pulse.classList.toggle("on", name === "live");
    pulse.textContent = pulse.dataset[name].replace("#", String(waiting.length));
  };
  const show = (html) => {
    const row = parse(html).querySelector("li");
    if (!row || document.getElementById(row.id)) return;
    row.classList.add("new");
    list.prepend(document.adoptNode(row));
    while (list.children.length > MOST_ROWS) list.lastElementChild.remove();
    const none = $("#none");
    if (none) none.hidden = true;
  };
  const source = new EventSource(list.dataset.stream);
  source.addEventListener("open", () => state(paused ? "paused" : "live"));
  source.addEventListener("error", () => state("lost"));
  source.addEventListener("verdict", (event) => {
    if (!paused) return show(event.data);
    waiting.push(event.data);
    if (waiting.length > MOST_ROWS) waiting.shift();
    state("paused");
  });
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    if (!paused) for (const html of waiting.splice(0)) show(html);
    state(paused ? "paused" : "live");
  });
}

const live = $("[data-stream]");
if (live) follow(live);

// --- Times: relative ones stay true ------------------------------------------------------
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

function refreshTimes() {
  for (const node of $$("time[data-ago]")) {
    const seconds = (new Date(node.dateTime) - Date.now()) / 1000;
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
    if (Math.abs(seconds) < 86400 * 7) node.textContent = relative.format(Math.round(seconds / size), unit);
    node.title = new Date(node.dateTime).toLocaleString(document.documentElement.lang);
  }
  for (const node of $$("time[data-at]")) {
    const at = new Date(node.dateTime);
    const short = { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" };
    node.textContent = at.toLocaleString(document.documentElement.lang, short);
    node.title = at.toLocaleString(document.documentElement.lang);
  }
}
refreshTimes();
setInterval(refreshTimes, 15000);
document.addEventListener("fresh", refreshTimes); // A part of the page was sent anew.
if (live) new MutationObserver(refreshTimes).observe(live, { childList: true });
