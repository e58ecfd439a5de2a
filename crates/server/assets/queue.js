// What the desk does beyond HTML: lists and a case's page bring themselves up to date, times run
// on, wording goes into the answer box, what is typed is kept. Every form works without this file.
// Fragments come from this server, which has escaped them.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const parse = (html) => new DOMParser().parseFromString(html, "text/html");
const place = $("[data-live]");

// --- Time that is left, in the words of the page ------------------------------------------
function span(seconds) {
  const [days, hours, minutes] = place.dataset.units.split("|");
  const all = Math.floor(Math.max(0, seconds) / 60);
  const parts = [[days, Math.floor(all / 1440)], [hours, Math.floor(all / 60) % 24], [minutes, all % 60]];
  const used = parts.slice(parts[0][1] ? 0 : 1, parts[0][1] ? 2 : 3).filter(([, n]) => n > 0);
  return used.length ? used.map(([unit, n]) => unit.replace("#", n)).join(" ") : place.dataset.moment;
}

function refresh() {
  for (const node of $$(".left[data-by]")) {
    const [from, by, now] = [new Date(node.dataset.from), new Date(node.dataset.by), new Date()];
    const gone = by <= now ? 100 : Math.min(100, Math.max(0, Math.floor(((now - from) / (by - from)) * 100)));
    node.classList.remove("ok", "soon", "late");
    node.classList.add(by <= now ? "late" : gone >= 80 ? "soon" : "ok");
    $("progress", node).value = gone;
    const words = by <= now ? place.dataset.late : place.dataset.left;
    $(".words", node).textContent = words.replace("#", span(Math.abs(by - now) / 1000));
    node.title = by.toLocaleString(document.documentElement.lang);
  }
}

// --- Parts that the server sends anew -----------------------------------------------------
// Each element of the fragment takes the place of the one with its id. What is ticked stays
// ticked, what has the focus keeps it, and what is open stays open.
function swap(fresh) {
  const old = document.getElementById(fresh.id);
  if (!old) return;
  const ticked = new Set($$("input[name=case]:checked", old).map((node) => node.value));
  const known = new Set($$("[id]", old).map((node) => node.id));
  const open = new Set($$("details[open][id]", old).map((node) => node.id));
  const focus = document.activeElement?.closest("[id]");
  const back = focus && old.contains(focus) && focus !== old ? focus.id : null;
  const inside = back && document.activeElement !== focus ? document.activeElement.getAttribute("href") : null;
  old.replaceWith(document.adoptNode(fresh));
  for (const node of $$("input[name=case]", fresh)) node.checked = ticked.has(node.value);
  for (const node of $$("details[id]", fresh)) node.open ||= open.has(node.id);
  for (const node of $$(".case-line[id]", fresh)) node.classList.toggle("fresh", known.size > 0 && !known.has(node.id));
  if (back) {
    const again = document.getElementById(back);
    (inside ? $(`a[href="${CSS.escape(inside)}"]`, again ?? fresh) ?? $("a[data-item]", again ?? fresh) : again)?.focus();
  }
}

if (place?.dataset.live) {
  const source = new EventSource(place.dataset.live);
  const newest = () => $("#case-timeline .entry")?.id;
  source.addEventListener("now", (event) => {
    const before = newest();
    for (const part of [...parse(event.data).body.children]) if (part.id) swap(part);
    refresh();
    document.dispatchEvent(new Event("fresh"));
    // Who is writing does not see the timeline.
    if (before !== newest() && $("textarea[data-draft]")?.value) $("#news").hidden = false;
  });
  source.addEventListener("gone", () => {
    source.close();
    $("#stale").hidden = false;
  });
}
if (place) {
  refresh();
  setInterval(refresh, 15000);
}

// --- Keys of the queue --------------------------------------------------------------------
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const line = document.activeElement?.closest(".case-line");
  if (!line) return;
  if (event.key === "t") $("[data-take]", line)?.click();
  else if (event.key === "e") location.assign(`${$("a[data-item]", line).href}#escalate`);
  else if (event.key === "x") $("input[name=case]", line)?.click();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const node of $$("input[name=case]")) node.checked = event.target.checked;
});

// --- What an address points at is opened --------------------------------------------------
function unfold() {
  const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  if (!target) return;
  if (target.matches("details")) target.open = true;
  $("textarea, input:not([type=hidden])", target)?.focus();
}
addEventListener("hashchange", unfold);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link && link.getAttribute("href") === location.hash) unfold();
});
unfold();

// --- The answer box -----------------------------------------------------------------------
const letters = (text) => (text.normalize("NFKC").toLowerCase().match(/[\p{L}\p{N}]/gu) ?? []).join("");
const box = $("textarea[data-draft]");

if (box) {
  const hint = $("#text-hint");
  const plain = hint.textContent;
  const key = `draft-${box.dataset.draft}`;
  const look = () => {
    const text = letters(box.value);
    const holes = [...box.value.matchAll(/\[[^\[\]\n]{1,24}\]/g)].map((it) => it[0]);
    const ready = text.length > 0 && $$("[data-wording]").some((it) => {
      const wording = letters(it.textContent);
      return text.includes(wording) && text.length - wording.length < 12;
    });
    hint.textContent = holes.length ? `${box.dataset.holes} ${holes.join(" ")}` : ready ? box.dataset.same : plain;
    hint.classList.toggle("warned", holes.length > 0 || ready);
  };
  // What was typed outlives a closed tab, but not the sending.
  if (sessionStorage.getItem(`${key}-sent`)) {
    sessionStorage.removeItem(`${key}-sent`);
    sessionStorage.removeItem(key);
  }
  if (!box.value) box.value = sessionStorage.getItem(key) ?? "";
  box.addEventListener("input", () => {
    sessionStorage.setItem(key, box.value);
    look();
  });
  box.form.addEventListener("submit", () => sessionStorage.setItem(`${key}-sent`, "1"));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    event.preventDefault();
    const text = $("[data-wording]", button.closest("details")).textContent;
    const gap = box.value && !box.value.endsWith("\n") ? "\n\n" : "";
    box.setRangeText(gap + text, box.selectionStart, box.selectionEnd, "end");
    sessionStorage.setItem(key, box.value);
    box.focus();
    look();
  });
  look();
}
