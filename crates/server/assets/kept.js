// The snapshot that this browser keeps: fetched, verified, pinned, and asked without a network.
//
// Always true here:
// - Nothing is kept that was not verified with the keys pinned at the first visit, and what is
//   kept is verified again each time it is opened.
// - A damaged or older snapshot never takes the place of a good one.
// - Another key is a warning, unless a log signed by the pinned one has named it.

import { canVerify, openSnapshot } from "./verify.js";

/** After so long (milliseconds) a snapshot is stale, unless the server says otherwise. */
const STALE_AFTER = 24 * 3600 * 1000;
const STORE = "touchstone snapshot";
const PINNED = "touchstone-keys";
const FILES = ["/log/snapshot", "/log/snapshot.proof"];

async function bytesOf(answer) {
  return new Uint8Array(await answer.arrayBuffer());
}

async function believed([snapshot, proof], trust) {
  return openSnapshot(await bytesOf(snapshot), await proof.text(), trust);
}

function pinned() {
  try {
    return JSON.parse(localStorage.getItem(PINNED));
  } catch {
    return null;
  }
}

const trustOf = ({ log, witnesses, quorum }) => ({
  log,
  witnesses: (witnesses ?? []).map((it) => it.key ?? it),
  quorum: quorum ?? 0,
});

const sameKeys = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** What is kept, opened with the pinned keys; null if there is nothing good. */
async function open() {
  const trust = pinned();
  if (!trust || !("caches" in globalThis)) return null;
  try {
    const store = await caches.open(STORE);
    const found = await Promise.all(FILES.map((file) => store.match(file)));
    return found.every(Boolean) ? await believed(found, trust) : null;
  } catch {
    return null;
  }
}

/** Fetches the newest, and keeps it if it is to be believed. Gives what to warn of, or null. */
async function refresh(kept, again = true) {
  const answers = await Promise.all(["/log/keys", ...FILES].map((file) => fetch(file, { cache: "no-cache" })));
  if (answers.some((it) => it.status === 404)) return { kept, problem: "no-log" };
  if (!answers.every((it) => it.ok)) return { kept, problem: "unreachable" };
  const offered = trustOf(await answers[0].json());
  const trust = pinned() ?? offered;
  const files = answers.slice(1);
  let fresh;
  try {
    fresh = await believed(files.map((it) => it.clone()), trust);
  } catch (cause) {
    // Between two of the three requests a new snapshot may have come.
    if (again && cause.reason === "damaged") return refresh(kept, false);
    const changed = cause.reason === "signature" && !sameKeys(trust.log, offered.log);
    return { kept, problem: changed ? "keys-changed" : "refused" };
  }
  if (kept && fresh.entries < kept.entries) return { kept, problem: "older" };
  // A pinned key has signed this log, and the log names its next key: that one is pinned as well.
  const named = fresh.snapshot.keys().filter((it) => it.use === "log").map((it) => it.key);
  const strangers = offered.log.filter((key) => !trust.log.includes(key) && !named.includes(key));
  if (pinned() === null) localStorage.setItem(PINNED, JSON.stringify(offered));
  else if (strangers.length === 0 && offered.log.length > 0) {
    localStorage.setItem(PINNED, JSON.stringify({ ...trust, log: offered.log }));
  }
  const store = await caches.open(STORE);
  await Promise.all(FILES.map((file, at) => store.put(file, files[at])));
  return { kept: fresh, problem: strangers.length > 0 ? "keys-changed" : null };
}

/**
 * The kept snapshot and what is to be said of it:
 * { kept: { snapshot, at, entries, index, checkpoint } or null, problem: name or null, stale }.
 * Problems: unsupported, no-log, unreachable, refused, older, keys-changed. Where the server offers
 * no log (`offered`) it is not asked for one.
 */
export async function keep(offered, now = Date.now()) {
  if (!(await canVerify())) return { kept: null, problem: "unsupported", stale: false };
  let state = { kept: await open(), problem: "no-log" };
  try {
    if (offered) state = await refresh(state.kept);
  } catch {
    state.problem = "unreachable";
  }
  return { ...state, stale: state.kept !== null && now - state.kept.at > STALE_AFTER };
}

