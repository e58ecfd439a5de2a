// The check page beyond HTML: answers without leaving the page, what this browser verified itself,
// and exact look-ups in the kept snapshot when there is no network. Without this file the page is an
// ordinary form.

import { keep } from "./kept.js";
import { normal, statusOf } from "./verify.js";

const form = document.querySelector("#ask");
const box = document.querySelector("#q");
const note = document.querySelector("#kept");
const words = note.dataset;
let state = { kept: null, problem: "unreachable", stale: false };

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const day = (time) => new Date(time).toISOString().slice(0, 16).replace("T", " ") + " UTC";
const isolated = (text) => `\u2068${[...text].slice(0, 120).join("").replace(/[\p{Cc}\p{Cf}]/gu, "\ufffd")}\u2069`;

// --- What is kept ----------------------------------------------------------------------

function tell() {
  const lines = [];
  const { kept, problem, stale } = state;
  if (kept) lines.push(words.keptReady.replace("%date", day(kept.at)).replace("%n", kept.snapshot.length));
  if (stale) lines.push(words.keptStale);
  const warning = {
    unsupported: words.keptUnsupported,
    refused: words.keptRefused,
    older: words.keptOlder,
    "keys-changed": words.keptKeysChanged,
  }[problem];
  if (warning) lines.push(warning);
  note.hidden = lines.length === 0;
  note.classList.toggle("warn", Boolean(warning) || stale);
  note.querySelector("div").replaceChildren(...lines.map((line) => element("p", "small", line)));
  note.dataset.state = problem ?? (kept ? "ready" : "none");
}

/** Says under each listed item that this browser found it in the log by itself, or did not. */
function prove() {
  for (const card of document.querySelectorAll(".item-card[data-kind]")) {
    const line = card.querySelector(".proven");
    if (!state.kept) continue;
    const { snapshot, at } = state.kept;
    const found = snapshot.find(card.dataset.kind, card.dataset.value);
    const listed = found.find((it) => statusOf(it, Date.now()).name === "listed");
    const claimed = card.classList.contains("listed") || card.classList.contains("name");
    if (claimed && !listed) {
      line.classList.add("against");
      line.textContent = words.keptDenied;
    } else if (found.length > 0) {
      const index = (listed ?? found[0]).index ?? "–";
      line.textContent = words.keptProven.replace("%n", index).replace("%date", day(at));
    }
    line.hidden = line.textContent === "";
  }
}

// --- Without a network -----------------------------------------------------------------

/** Everything in the text that can be looked up exactly: [kind, value]. */
function lookups(text) {
  const found = new Map();
  const add = (kind, value, shown = value) => {
    const key = normal(kind, value);
    if (key !== null && found.size < 50) found.set(`${kind} ${key}`, { kind, value, shown });
  };
  const whole = text.trim();
  if ([...whole].length <= 64 && !whole.includes("\n")) {
    for (const kind of ["phone", "display_name", "agent"]) {
      if (kind === "phone" || state.kept.snapshot.find(kind, whole).length > 0) add(kind, whole);
    }
    if (!/[\s.@]/.test(whole) && state.kept.snapshot.find("handle", whole).length > 0) add("handle", whole);
  }
  for (const raw of text.split(/[\s,;"'<>()，。；：“”（）【】]+/u)) {
    const word = raw.replace(/[.!?:]+$/, "");
    if (/^(?:[0-9a-f]{64}|(?:[0-9a-f]{2}:){31}[0-9a-f]{2})$/i.test(word)) found.set(word, { kind: "hash", value: word, shown: word });
    else if (/^@[^@]{2,}$/.test(word)) add("handle", word);
    else if (/^[^@/]+@[^@/]+$/.test(word)) add("email", word);
    else if (state.kept.snapshot.find("app", word).length > 0) add("app", word);
    else if (state.kept.snapshot.find("address", word).length > 0 || /^0x[0-9a-f]{40}$/i.test(word)) add("address", word);
    else if (word.includes(".")) add("domain", hostOf(word), word);
  }
  return [...found.values()];
}

function hostOf(word) {
  const rest = word.includes("://") ? word.slice(word.indexOf("://") + 3) : word;
  const authority = rest.split(/[/?#\\]/)[0];
  return authority.slice(authority.lastIndexOf("@") + 1).replace(/:\d*$/, "");
}

/** The answer about one value, from the snapshot alone. */
function local({ kind, value, shown }) {
  const { snapshot } = state.kept;
  const now = Date.now();
  let records = kind === "hash" ? snapshot.findHash(value) : snapshot.find(kind, value);
  let owner = null;
  if (kind === "domain") {
    const host = normal("domain", value);
    for (let rest = host; records.length === 0 && rest.includes("."); rest = rest.slice(rest.indexOf(".") + 1)) {
      records = snapshot.find("domain", rest);
    }
    owner = records.length === 0 ? snapshot.ownerOf(host) : null;
  }
  const by = (name) => records.find((it) => statusOf(it, now).name === name);
  const listed = by("listed");
  const ended = by("revoked") ?? by("voided") ?? by("lapsed");
  const record = listed ?? ended;
  const organisation = owner ?? (record ? snapshot.organisation(record.organisation) : null);
  const isName = kind === "display_name" || kind === "agent";
  const standing = listed || owner ? (isName ? "name" : "listed") : ended ? "revoked" : "unknown";
  return { shown, standing, record, organisation, purposes: record?.purposes ?? [] };
}

const SIGNS = { listed: "✓", name: "?", revoked: "✕", unknown: "?" };

/** Shows what the snapshot says, and what it cannot say. */
function answerOffline(text) {
  const place = document.querySelector("#asked");
  if (!state.kept) {
    place.replaceChildren(alert(words.keptNone));
    return;
  }
  const zh = document.documentElement.lang.startsWith("zh");
  const pick = (it) => (zh ? it.zh : it.en);
  const answers = lookups(text).map(local);
  const standings = answers.map((it) => it.standing);
  const all = (name) => answers.length > 0 && standings.every((it) => it === name);
  const whole = standings.includes("revoked") ? "revoked" : all("listed") ? "listed" : all("name") ? "name" : "unknown";
  const wordOf = { listed: words.keptWordListed, name: words.keptWordName, revoked: words.keptWordRevoked, unknown: words.keptWordUnknown };
  const section = element("section", `answer ${whole}`);
  const header = element("header");
  const title = element("div");
  title.append(element("p", "word", wordOf[whole]), element("h2", "", words.keptOffline));
  header.append(element("span", "sign", SIGNS[whole]), title);
  const advice = element("ol", "now");
  advice.append(...words.keptAdvice.split("|").map((line) => element("li", "", line)));
  section.append(header, advice);
  const cards = answers.map(({ shown, standing, organisation, purposes }) => {
    const card = element("section", `card item-card ${standing}`);
    const top = element("div", "top");
    top.append(element("span", `chip ${standing}`, `${SIGNS[standing]} ${wordOf[standing]}`));
    const body = element("div", "body");
    const name = organisation ? pick(organisation.name) : "";
    const sentence = { listed: words.keptListed, name: words.keptName, revoked: words.keptEnded, unknown: words.keptNotFound }[standing];
    body.append(element("p", "what", isolated(shown)), element("p", "", sentence.replace("%name", name)));
    if (purposes.length > 0) body.append(element("p", "muted small", purposes.join(" · ")));
    card.append(top, body);
    return card;
  });
  const concerned = new Map(answers.filter((it) => it.organisation).map((it) => [it.organisation.id, it.organisation]));
  if (concerned.size === 0 && state.kept.snapshot.organisationCount <= 3) {
    for (const it of state.kept.snapshot.organisations()) concerned.set(it.id, it);
  }
  const support = [...concerned.values()].filter((it) => it.ways_in.length > 0).map((it) => {
    const card = element("section", "card support");
    const top = element("div", "top");
    top.append(element("h2", "", words.keptWayIn.replace("%name", pick(it.name))));
    const body = element("div", "body");
    const list = element("ul", "ways");
    list.append(...it.ways_in.map((way) => element("li", "", pick(way))));
    body.append(list);
    card.append(top, body);
    return card;
  });
  const warned = state.stale ? [alert(words.keptStale)] : [];
  place.replaceChildren(...warned, section, ...cards, ...support);
}

function alert(text) {
  const made = element("div", "note warn");
  made.setAttribute("role", "alert");
  made.append(element("div", "", text));
  return made;
}

// --- Asking ----------------------------------------------------------------------------

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const query = box.value;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch("/", { method: "POST", body: new URLSearchParams({ q: query }) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("#asked");
    if (!fresh) throw new Error("no answer in the page");
    document.querySelector("#asked").replaceWith(document.adoptNode(fresh));
    prove();
  } catch {
    answerOffline(query);
  } finally {
    form.removeAttribute("aria-busy");
  }
  const asked = document.querySelector("#asked");
  asked.focus({ preventScroll: true });
  asked.scrollIntoView({ block: "start" });
});

// --- An app's file: only its SHA-256 is asked about -------------------------------------

const LARGEST = 2 ** 30;
const app = document.querySelector("#app");
document.querySelector("#by-file").hidden = !globalThis.crypto?.subtle;

app.addEventListener("change", async () => {
  const [file] = app.files;
  if (!file) return;
  app.setCustomValidity(file.size > LARGEST ? app.dataset.large : "");
  if (!app.reportValidity()) return;
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  box.value = [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  form.requestSubmit();
});

box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
state = await keep("log" in words);
tell();
prove();
