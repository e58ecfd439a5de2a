// The user's page of a live conversation. Token and nonce are behind the # of the address; the
// proof is checked here; what is pasted is hashed here. Texts go into the page as texts only.
import { NotVerified, bytes, findMessage, readInbox, verify } from "./proofs.js";

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
    const session = await verify(now.proof, { now: Date.now(), userNonce, case: now.case, channel: now.channel, keys: now.keys, agents: now.agents });
    if (turn !== last) return;
    await proven(session, now);
    show("open", "proven", "paste");
  } catch (cause) {
    if (turn !== last) return;
    broken(cause);
  }
}

function broken(cause) {
  $("broken-why").textContent = word(cause instanceof NotVerified ? cause.name : "malformed");
  show("open", "broken", "paste");
}

async function proven(session, now) {
  const agent = now.agents.find((it) => it.name === session.agent);
  const parts = [session.agent, session.role, agent.organisation[lang]].filter(Boolean);
  $("who").textContent = parts.join(" · ");
  $("for").textContent = session.purposes.join(lang === "zh" ? "；" : "; ");
  $("until").textContent = new Date(session.expiry).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  $("case").textContent = session.case || word("no_case");
  $("channel").textContent = word(session.channel);
  for (const old of $("cannot").querySelectorAll("[data-fact]")) old.remove();
  for (const fact of agent.never) {
    const item = document.createElement("li");
    item.dataset.fact = "";
    item.textContent = agent.organisation[lang] + (lang === "zh" ? "" : " ") + fact[lang];
    $("cannot").append(item);
  }
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

// An expired proof is not shown as one, whatever the server says.
setInterval(async () => {
  if ($("proven").hidden) return;
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
      const found = await findMessage(await readInbox(entries, bytes(inbox), keys, Date.now()), text);
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
