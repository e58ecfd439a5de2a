// The user's page of a live conversation. Token and nonce are behind the # of the address; the
// proof is checked here; what is pasted is hashed here. Texts go into the page as texts only.
import { NotVerified, base64, bytes, findMessage, read, readInbox, verify } from "./proofs.js";
import { keep } from "./kept.js";
import { parseVkey, statusOf } from "./verify.js";

const $ = (id) => document.getElementById(id);
const lang = document.querySelector("main").dataset.lang;
const words = Object.fromEntries([...$("words").content.querySelectorAll("dt")]
  .map((it) => [it.textContent, it.nextElementSibling.textContent]));
const word = (name) => words[name] ?? name;

const [token, nonceText = ""] = location.hash.slice(1).split(".");
const plain = nonceText.replace(/-/g, "+").replace(/_/g, "/");
const userNonce = bytes(plain.padEnd(Math.ceil(plain.length / 4) * 4, "="));
const headers = { authorization: `Bearer ${token}` };

function show(...ids) {
  for (const id of ["looking", "none", "lost", "open", "waiting", "broken", "proven", "paste"]) $(id).hidden = !ids.includes(id);
}

// --- What the log says, verified in this browser with the keys pinned at the first visit ------
const iso = (time) => (time == null ? null : new Date(time).toISOString());
const earliest = (...times) => times.filter((it) => it !== null).sort((a, b) => a - b)[0] ?? null;

/** The snapshot; throws if it cannot be believed, or is so old that a revocation may be missing. */
async function snapshot() {
  const { kept, problem, stale } = await keep(true);
  if (problem === "unsupported") throw new NotVerified("old_browser");
  // Without a newer one the one that is kept, and was verified when it came, still counts.
  const believed = problem === null || problem === "unreachable" || problem === "older";
  if (!kept || !believed || stale) throw new NotVerified("log_unproven");
  return kept.snapshot;
}

/** A server that says other than the log is believed in nothing. */
function agree(ours, theirs) {
  const sorted = (list) => JSON.stringify(list.map((it) => JSON.stringify(it)).sort());
  if (!Array.isArray(theirs) || sorted(ours) !== sorted(theirs)) throw new NotVerified("log_differs");
}

/** The keys that the log names for sessions; `said` is what the server says they are. */
async function sessionsKeys(log, said) {
  const raw = async (text) => (bytes(text)?.length === 32 ? text : base64((await parseVkey(text)).key));
  const named = log.keys().filter((it) => it.use === "sessions");
  const keys = await Promise.all(named.map(async (it) => ({ key: await raw(it.key), from: iso(it.from), until: iso(it.until) })));
  agree(keys, said?.map((it) => ({ key: it.key, from: iso(it.from), until: iso(it.until) })));
  return keys;
}

const asListed = (it) => ({ index: it.index ?? null, name: it.name, role: it.role, purposes: it.purposes, from: iso(it.from),
  until: iso(it.until), revoked: iso(it.revoked), organisation: [it.organisation.zh, it.organisation.en] });

/** Every listing of an agent of that name in the log, whatever its status. */
const listings = (log, name) => log.find("agent", name).map((it) => asListed({ ...it, name: it.value, role: it.role ?? "",
  until: earliest(it.ends, it.voided), organisation: log.organisation(it.organisation).name }));

let last = 0;

async function render(now) {
  const turn = ++last;
  if (now.state === "none") {
    show("none", ...(token ? ["paste"] : []));
    $("over").hidden = !now.over;
    $("over").textContent = now.over ? word(now.over) : "";
    return;
  }
  $("phrase").textContent = now.phrase[lang];
  $("phrase-other").textContent = now.phrase[lang === "zh" ? "en" : "zh"];
  if (now.state !== "live") return show("open", "waiting", "paste");
  try {
    const log = await snapshot();
    const { agent } = read(now.proof?.session, "touchstone session 1");
    const agents = listings(log, agent);
    const session = await verify(now.proof, { now: Date.now(), userNonce, case: now.case, channel: now.channel,
      keys: await sessionsKeys(log, now.keys), agents });
    agree(agents, now.agents?.map(asListed));
    if (turn !== last) return;
    proven(session, log);
    show("open", "proven", "paste");
  } catch (cause) {
    if (turn !== last) return;
    broken(cause);
  }
}

function broken(cause) {
  const why = word(cause instanceof NotVerified ? cause.name : "malformed");
  // Said once, however often it is found again.
  if ($("broken-why").textContent !== why) $("broken-why").textContent = why;
  show("open", "broken", "paste");
}

/** Says what was verified; who lists the agent, and what they never do, is the log's as well. */
function proven(session, log) {
  const listed = log.find("agent", session.agent).find((it) => statusOf(it, Date.now()).name === "listed");
  const { name, facts } = log.organisation(listed.organisation);
  const parts = [session.agent, session.role, name[lang]].filter(Boolean);
  $("who").textContent = parts.join(" · ");
  $("for").textContent = session.purposes.join(lang === "zh" ? "；" : "; ");
  $("until").textContent = new Date(session.expiry).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  $("case").textContent = session.case || word("no_case");
  $("channel").textContent = word(session.channel);
  for (const old of $("cannot").querySelectorAll("[data-fact]")) old.remove();
  for (const fact of facts.filter((it) => it in words)) {
    const item = document.createElement("li");
    item.dataset.fact = "";
    item.textContent = name[lang] + (lang === "zh" ? "" : " ") + word(fact);
    $("cannot").append(item);
  }
  $("log-proof").textContent = word("log_proven").replace("%date", new Date(log.at).toLocaleString(document.documentElement.lang));
}

// --- How things stand, as they change --------------------------------------------------------
async function follow() {
  const answer = await fetch("/v1/sessions/current/stream", { headers, cache: "no-store" });
  if (answer.status === 401 || answer.status === 404) return render({ state: "none" });
  if (!answer.ok) throw new Error(answer.statusText);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the stream ended");
    rest += value;
    for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
      const data = rest.slice(0, end).split("\n").filter((it) => it.startsWith("data:")).map((it) => it.slice(5).trim()).join("\n");
      rest = rest.slice(end + 2);
      if (data) await render(JSON.parse(data));
    }
  }
}

async function keepFollowing() {
  for (;;) {
    try {
      return await follow();
    } catch {
      // Without a word from the server nothing can be said to be proven.
      last += 1;
      show("lost");
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
}

if (!token || !userNonce) render({ state: "none" });
else if (!crypto.subtle) broken(new NotVerified("old_browser"));
else keepFollowing();

// An expired proof is not shown as one, whatever the server says; and a log that could not be
// reached may be there again.
setInterval(async () => {
  if ($("proven").hidden && $("broken").hidden) return;
  try {
    render(await (await fetch("/v1/sessions/current", { headers, cache: "no-store" })).json());
  } catch { /* The stream will say so. */ }
}, 30000);

$("end").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch("/v1/sessions/current/end", { method: "POST", headers });
  if (answer.ok) render(await answer.json());
});

// --- "Did you send me this?" ------------------------------------------------------------------
$("check").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = $("checked");
  const text = $("message").value;
  if (!text.trim()) return;
  let [name, kind] = ["inbox_lost", "warn"];
  try {
    const answer = await fetch("/v1/inbox", { headers, cache: "no-store" });
    if (answer.ok) {
      const { inbox, entries, keys } = await answer.json();
      const named = await sessionsKeys(await snapshot(), keys);
      const found = await findMessage(await readInbox(entries, bytes(inbox), named, Date.now()), text);
      [name, kind] = found ? ["sent", "good"] : ["not_sent", "bad"];
    }
  } catch (cause) {
    if (cause instanceof NotVerified) [name, kind] = [cause.name, "bad"];
  }
  said.className = `note ${kind}`;
  said.textContent = word(name);
  said.dataset.answer = name;
  said.hidden = false;
});
$("message").addEventListener("input", () => { $("checked").hidden = true; });
