// Proofs of live conversations, as docs/sessions.md has them: the same checks in the same order
// as `registry::session`, on WebCrypto alone. Nothing here touches the page or the network, so
// that an app can use this file as it is.

const LONGEST_SESSION = 2 * 3600e3;
const LONGEST_AGENT_KEY = 12 * 3600e3;
const LONGEST_TEXT = 8192;
const CLOCKS_DIFFER = 120e3;
const SPACES = " \t\u00a0\u3000";

/** Why a proof does not hold; `name` is a key of the words. */
export class NotVerified extends Error {
  constructor(name) {
    super(name);
    this.name = name;
  }
}

const utf8 = (text) => new TextEncoder().encode(text);
const refuse = (name) => { throw new NotVerified(name); };

/** Bytes from base64 with padding; null for anything else. */
export function bytes(text) {
  try {
    const raw = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return base64(raw) === text ? raw : null;
  } catch {
    return null;
  }
}

/** Base64 with padding. */
export const base64 = (raw) => btoa(String.fromCharCode(...new Uint8Array(raw)));

const same = (a, b) => a && b && a.length === b.length && a.every((it, n) => it === b[n]);
const time = (text) => {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? refuse("malformed") : at;
};

const FORMS = {
  "touchstone agent key 1": ["agent", "key", "from", "until"],
  "touchstone session 1": ["session", "case", "channel", "agent", "role", "purposes", "from", "expiry", "user_nonce"],
  "touchstone message 1": ["inbox", "n", "session", "at", "salt", "hash", "previous"],
};
const BYTES = ["key", "user_nonce", "inbox", "salt", "hash", "previous"];
const TIMES = ["from", "until", "expiry", "at"];

/** What a signed text says, in its one form; whoever signed it. */
export function read(signed, line) {
  const text = signed?.text;
  if (typeof text !== "string" || typeof signed.signature !== "string") refuse("malformed");
  if (utf8(text).length > LONGEST_TEXT || !text.startsWith(`${line}\n`)) refuse("malformed");
  let value;
  try {
    value = JSON.parse(text.slice(line.length + 1));
  } catch {
    refuse("malformed");
  }
  if (!value || Object.keys(value).join() !== FORMS[line].join() || `${line}\n${JSON.stringify(value)}` !== text) refuse("malformed");
  for (const [name, it] of Object.entries(value)) {
    const good = name === "n" ? Number.isSafeInteger(it) && it >= 0
      : name === "purposes" ? Array.isArray(it) && it.every((one) => typeof one === "string")
      : typeof it === "string";
    if (!good || (BYTES.includes(name) && bytes(it)?.length !== 32)) refuse("malformed");
    if (TIMES.includes(name)) time(it);
  }
  return value;
}

async function isSignedBy(signed, key) {
  const [raw, signature] = [bytes(key), bytes(signed.signature)];
  if (raw?.length !== 32 || signature?.length !== 64) return false;
  try {
    const imported = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, utf8(signed.text));
  } catch {
    return false;
  }
}

/** Throws unless one of the keys that was in force at `at` signed this. */
async function checkKey(signed, keys, at, otherwise) {
  let why = otherwise;
  for (const key of keys) {
    if (!(await isSignedBy(signed, key.key))) continue;
    if (time(key.from) <= at && at < time(key.until)) return;
    why = at < time(key.from) ? "sessions_key_not_yet" : "sessions_key_expired";
  }
  refuse(why);
}

/** Follows the chain from the log's key to the session; gives the session, or throws a
    NotVerified. `expected`: { now (ms), userNonce (bytes), case?, channel?, keys, agents }. */
export async function verify(proof, expected) {
  const { now } = expected;
  const certificate = read(proof?.agent_key, "touchstone agent key 1");
  const session = read(proof.session, "touchstone session 1");
  if (!session.purposes.length) refuse("malformed");
  await checkKey(proof.agent_key, expected.keys, now, "agent_key_forged");
  const [from, until] = [time(certificate.from), time(certificate.until)];
  if (until - from > LONGEST_AGENT_KEY || until <= from) refuse("agent_key_too_long");
  if (now < from) refuse("agent_key_not_yet");
  if (until <= now) refuse("agent_key_expired");
  if (!(await isSignedBy(proof.session, certificate.key))) refuse("session_forged");
  if (session.agent !== certificate.agent) refuse("other_agent");
  checkAgent(session, expected);
  if (!same(bytes(session.user_nonce), expected.userNonce)) refuse("other_user");
  if (expected.case != null && expected.case !== session.case) refuse("other_case");
  if (expected.channel != null && expected.channel !== session.channel) refuse("other_channel");
  const [begin, end] = [time(session.from), time(session.expiry)];
  if (end <= begin || end - begin > LONGEST_SESSION) refuse("session_too_long");
  if (until < end || begin < from) refuse("outlives_key");
  if (now < begin) refuse("session_not_yet");
  if (end <= now) refuse("session_expired");
  return session;
}

function checkAgent(session, { now, agents }) {
  const named = agents.filter((it) => it.name === session.agent);
  const revoked = (it) => it.revoked != null && time(it.revoked) <= now;
  const listed = named.find((it) => (it.from == null || time(it.from) <= now)
    && (it.until == null || now < time(it.until)) && !revoked(it));
  if (!listed) refuse(named.some(revoked) ? "agent_revoked" : "agent_not_listed");
  if (listed.role !== session.role) refuse("role_not_listed");
  if (!session.purposes.every((it) => listed.purposes.includes(it))) refuse("purpose_not_listed");
}

const join = (...parts) => {
  const out = new Uint8Array(parts.reduce((sum, it) => sum + it.length, 0));
  parts.reduce((at, it) => (out.set(it, at), at + it.length), 0);
  return out;
};
const sha256 = async (raw) => new Uint8Array(await crypto.subtle.digest("SHA-256", raw));

/** The name of a user's inbox. */
export const inboxOf = (user) => sha256(utf8(`touchstone inbox 1\n${user}`));

/** A text as it is compared: what copying changes does not count. */
export function compared(text) {
  const trimEnd = (it, set) => {
    let end = it.length;
    while (end > 0 && set.includes(it[end - 1])) end -= 1;
    return it.slice(0, end);
  };
  const lines = text.normalize("NFC").replace(/\r\n?/g, "\n").split("\n").map((it) => trimEnd(it, SPACES));
  let out = trimEnd(lines.join("\n"), `${SPACES}\n`);
  while (out && `${SPACES}\n`.includes(out[0])) out = out.slice(1);
  return out;
}

/** The salted hash of a message in an inbox. */
export const messageHash = (inbox, salt, text) =>
  sha256(join(utf8("touchstone text 1\n"), inbox, salt, utf8(compared(text))));

/** Reads an inbox, oldest entry first; throws a NotVerified if anything in it is wrong. */
export async function readInbox(entries, inbox, keys, now) {
  const messages = [];
  for (const [n, entry] of entries.entries()) {
    const message = read(entry, "touchstone message 1");
    const at = time(message.at);
    await checkKey(entry, keys, at, "message_forged");
    if (!same(bytes(message.inbox), inbox)) refuse("other_inbox");
    if (at > now + CLOCKS_DIFFER) refuse("from_the_future");
    const previous = bytes(message.previous);
    const follows = n > 0
      ? message.n === messages[n - 1].n + 1 && same(previous, await sha256(utf8(entries[n - 1].text)))
      : message.n !== 1 || previous.every((it) => it === 0);
    if (!follows) refuse("chain_broken");
    messages.push(message);
  }
  return messages;
}

/** The newest message of the inbox with this text; null if there is none. */
export async function findMessage(messages, text) {
  for (const message of [...messages].reverse()) {
    const hash = await messageHash(bytes(message.inbox), bytes(message.salt), text);
    if (same(hash, bytes(message.hash))) return message;
  }
  return null;
}
