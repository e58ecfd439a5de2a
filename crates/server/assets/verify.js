// Checks, on the device of whoever asks, what a registry of official identities says.
//
// The way through: a verifier key that was pinned opens a checkpoint (a signed note), the
// checkpoint's root proves one entry of the log (an inclusion proof), that entry names the SHA-256
// of the snapshot, and the snapshot answers. Nothing here trusts the server, asks the network or
// evaluates text. No dependency: WebCrypto has Ed25519 and SHA-256.
//
// Formats: c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof; RFC 6962 trees;
// the snapshot is described in docs/snapshot.md, how to use this file in docs/check.md.
//
// Always true here:
// - What is damaged, cut or not signed throws; nothing is half believed.
// - The same test vectors pass here and in the Rust rooms.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Why something is not believed. `reason` is a short name that programs can switch on. */
export class NotBelieved extends Error {
  constructor(reason, message) {
    super(message);
    this.name = "NotBelieved";
    this.reason = reason;
  }
}

function ensure(condition, reason, message) {
  if (!condition) throw new NotBelieved(reason, message);
}

// --- Bytes ------------------------------------------------------------------------------

export function base64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Strict: only what `base64` writes reads back. */
export function unbase64(text) {
  ensure(/^[A-Za-z0-9+/]*={0,2}$/.test(text), "form", "not base64");
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  ensure(base64(bytes) === text, "form", "base64 with stray bits");
  return bytes;
}

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function concat(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

function number(text, what) {
  ensure(/^(0|[1-9][0-9]{0,15})$/.test(text), "form", `${what} is no number`);
  const value = Number(text);
  ensure(Number.isSafeInteger(value), "form", `${what} is too large`);
  return value;
}

// --- Signatures -------------------------------------------------------------------------

/** Whether this browser can check Ed25519 signatures at all. (The key is that of RFC 8032, 7.1.) */
export async function canVerify() {
  try {
    const key = unbase64("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    return Boolean(await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]));
  } catch {
    return false;
  }
}

/** Whether `signature` (64 bytes) is that of the 32-byte `key` under `message` (bytes). */
export async function verifyEd25519(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", imported, signature, message);
}

/** `name+id+base64` → { name, id, kind, key }; kind 1 signs notes, 4 cosigns as a witness. */
export async function parseVkey(text) {
  const [name, id, ...rest] = text.trim().split("+");
  const bytes = unbase64(rest.join("+"));
  ensure(name && /^[0-9a-f]{8}$/.test(id ?? "") && bytes.length === 33, "key", "this is no verifier key");
  ensure(bytes[0] === 1 || bytes[0] === 4, "key", `keys of type ${bytes[0]} are not read here`);
  const found = hex((await sha256(concat(encoder.encode(`${name}\n`), bytes))).subarray(0, 4));
  ensure(found === id, "key", "the key's name or bytes were altered");
  return { text: text.trim(), name, id, kind: bytes[0], key: bytes.subarray(1) };
}

/** A signed note → { text, signatures: [{ name, id, bytes }] }. */
export function parseNote(note) {
  const end = note.lastIndexOf("\n\n");
  ensure(end >= 0 && note.endsWith("\n"), "form", "a note ends with an empty line and signatures");
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split("\n");
  ensure(lines.length <= 64, "form", "too many signatures");
  const signatures = lines.map((line) => {
    const found = /^\u2014 (\S+) ([A-Za-z0-9+/=]+)$/u.exec(line);
    ensure(found, "form", "a line after the text is no signature");
    const bytes = unbase64(found[2]);
    ensure(bytes.length > 4, "form", "a signature is too short");
    return { name: found[1], id: hex(bytes.subarray(0, 4)), bytes: bytes.subarray(4) };
  });
  return { text, signatures };
}

/** Whether one of the note's signatures is that of the key; for a witness the time it signed, in seconds. */
async function signedBy(note, key) {
  for (const { bytes } of note.signatures.filter((it) => it.name === key.name && it.id === key.id)) {
    if (key.kind === 1 && (await verifyEd25519(key.key, encoder.encode(note.text), bytes))) return true;
    if (key.kind === 4 && bytes.length === 72) {
      const time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
      const message = encoder.encode(`cosignature/v1\ntime ${time}\n${note.text}`);
      if (await verifyEd25519(key.key, message, bytes.subarray(8))) return Number(time);
    }
  }
  return false;
}

/**
 * A checkpoint that is to be believed: signed by one of the log's keys, which bear its origin as
 * their name, and by at least `quorum` of the witnesses.
 * trust = { log: [vkey text], witnesses: [vkey text], quorum }
 */
export async function openCheckpoint(text, trust) {
  const note = parseNote(text);
  const lines = note.text.slice(0, -1).split("\n");
  ensure(lines.length >= 3 && lines.every(Boolean), "form", "a checkpoint has origin, size and root");
  const [origin, size, root] = [lines[0], number(lines[1], "the size"), unbase64(lines[2])];
  ensure(root.length === 32, "form", "the root is no hash");
  let signer = null;
  for (const key of await Promise.all(trust.log.map(parseVkey))) {
    if (!signer && key.name === origin && key.kind === 1 && (await signedBy(note, key))) signer = key;
  }
  ensure(signer, "signature", "the checkpoint is not signed by a key that is known");
  const witnesses = [];
  for (const key of await Promise.all((trust.witnesses ?? []).map(parseVkey))) {
    const time = key.kind === 4 && (await signedBy(note, key));
    if (time) witnesses.push({ name: key.name, time });
  }
  ensure(witnesses.length >= (trust.quorum ?? 0), "witnesses", "too few witnesses have signed the checkpoint");
  return { origin, size, root, signer: signer.text, witnesses };
}

// --- The tree (RFC 6962) ----------------------------------------------------------------

export const leafHash = (entry) => sha256(concat(Uint8Array.of(0), entry));
const nodeHash = (left, right) => sha256(concat(Uint8Array.of(1), left, right));

/** Whether `leaf` (a hash) is entry `index` of the tree of `size` entries with that root (RFC 9162, 2.1.3.2). */
export async function verifyInclusion(leaf, index, size, path, root) {
  if (index >= size) return false;
  let [node, last, hash] = [BigInt(index), BigInt(size) - 1n, leaf];
  for (const sibling of path) {
    if (last === 0n) return false;
    if (node & 1n || node === last) {
      hash = await nodeHash(sibling, hash);
      while (!(node & 1n) && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      hash = await nodeHash(hash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && same(hash, root);
}

/** A tlog-proof → { extra (bytes or null), index, path, checkpoint (text) }. */
export function parseProof(text) {
  const head = "c2sp.org/tlog-proof@v1\n";
  ensure(text.startsWith(head), "form", "this is no tlog-proof");
  const end = text.indexOf("\n\n");
  ensure(end > 0, "form", "the proof has no checkpoint");
  const lines = text.slice(head.length, end).split("\n");
  const extra = lines[0].startsWith("extra ") ? unbase64(lines.shift().slice(6)) : null;
  const found = /^index (.*)$/.exec(lines.shift() ?? "");
  ensure(found, "form", "the proof has no index");
  const path = lines.map(unbase64);
  ensure(path.length <= 64 && path.every((it) => it.length === 32), "form", "the path is no list of hashes");
  return { extra, index: number(found[1], "the index"), path, checkpoint: text.slice(end + 2) };
}

/** Proves that `entry` (bytes) is in the log; gives the index and the checkpoint. */
export async function verifyProof(text, entry, trust) {
  const proof = parseProof(text);
  const checkpoint = await openCheckpoint(proof.checkpoint, trust);
  const good = await verifyInclusion(await leafHash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root);
  ensure(good, "inclusion", "the log does not hold this entry");
  return { index: proof.index, checkpoint };
}

/**
 * Opens a snapshot that the log vouches for: the proof's entry is a `snapshot` statement that names
 * the SHA-256 of these bytes. `statement` is the entry, unless the proof carries it as `extra`.
 */
export async function openSnapshot(bytes, proofText, trust, statement = null) {
  const entry = statement ?? parseProof(proofText).extra;
  ensure(entry, "form", "the proof does not say what it proves");
  const { index, checkpoint } = await verifyProof(proofText, entry, trust);
  const said = JSON.parse(decoder.decode(entry));
  ensure(said.statement === "snapshot", "form", "the proven entry is no snapshot statement");
  ensure(said.sha256 === hex(await sha256(bytes)), "damaged", "the snapshot is not the one that the log names");
  const snapshot = await Snapshot.open(bytes);
  return { snapshot, at: Date.parse(said.at), entries: said.entries, index, checkpoint };
}

// --- Values as they are compared --------------------------------------------------------

const KINDS = ["handle", "display_name", "avatar", "domain", "email", "phone", "address", "app", "agent"];
const trim = (text) => text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "");

function domain(text) {
  let name = text.replace(/\.+$/, "");
  if (/[^\x00-\x7f]/.test(name)) {
    if (/[\s/?#@:\\%[\]]/u.test(name)) return null;
    try {
      name = new URL(`http://${name}/`).hostname;
    } catch {
      return null;
    }
  }
  name = name.toLowerCase();
  const labels = name.split(".");
  const fits = name.length <= 253 && labels.length >= 2 && labels.every((it) => /^[a-z0-9_-]{1,63}$/.test(it));
  return fits ? name : null;
}

/** The value as it is compared, or null; the same as `touchstone_registry::normal`. */
export function normal(kind, raw) {
  const text = trim(raw);
  let value = text;
  if (kind === "handle") value = text.replace(/^[@\p{White_Space}]+/u, "").toLowerCase();
  if (kind === "domain") value = domain(text);
  if (kind === "email") {
    const at = text.lastIndexOf("@");
    const host = at > 0 ? domain(text.slice(at + 1)) : null;
    value = host && `${text.slice(0, at).toLowerCase()}@${host}`;
  }
  if (kind === "phone") {
    const digits = /^\+[0-9 ().-]*$/.test(text) ? `+${text.replace(/[^0-9]/g, "")}` : "";
    value = digits.length >= 8 && digits.length <= 16 ? digits : null;
  }
  if (kind === "address" && /^0x/i.test(text)) value = text.toLowerCase();
  if (kind === "avatar") value = /^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : null;
  return value && !/\p{Cc}/u.test(value) ? value : null;
}

// --- The snapshot -----------------------------------------------------------------------

/** FNV-1a, 32 bits. */
export function fnv1a(bytes) {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

const HEAD = 48;
const RECORD = 32;
const NONE = 0xffffffff;
const EVER = [-(2n ** 63n), 2n ** 63n - 1n];
const millis = (micros) => (EVER.includes(micros) ? null : Number(micros / 1000n));

/** The whole registry at one moment, in one file; see docs/snapshot.md. */
export class Snapshot {
  /** Throws unless every byte is as it was written. */
  static async open(bytes) {
    ensure(bytes.length >= HEAD + 32, "damaged", "the snapshot is cut short");
    const sum = await sha256(bytes.subarray(0, -32));
    ensure(same(sum, bytes.subarray(-32)), "damaged", "the snapshot is damaged");
    return new Snapshot(bytes);
  }

  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    ensure(decoder.decode(bytes.subarray(0, 8)) === "TSSNAP1\n", "form", "this is no snapshot");
    const word = (at) => this.view.getUint32(at, true);
    this.entries = Number(this.view.getBigUint64(8, true));
    this.at = millis(this.view.getBigInt64(16, true));
    [this.organisationCount, this.keyCount, this.length, this.slotCount, this.textLength] =
      [24, 28, 32, 36, 40].map(word);
    this.recordsAt = HEAD + 4 * (this.organisationCount + this.keyCount);
    this.slotsAt = this.recordsAt + RECORD * this.length;
    this.textAt = this.slotsAt + 4 * this.slotCount;
    const slots = this.slotCount;
    ensure(slots > 0 && (slots & (slots - 1)) === 0, "form", "the slots are no power of two");
    ensure(this.textAt + this.textLength + 32 === bytes.length, "form", "the parts do not fill the file");
  }

  /** Where the n-th item begins in the text: organisations, keys, identities. */
  #begin(item) {
    const heads = this.organisationCount + this.keyCount;
    if (item >= heads + this.length) return this.textLength;
    const at = item < heads ? HEAD + 4 * item : this.recordsAt + RECORD * (item - heads);
    return this.view.getUint32(at, true);
  }

  /** The fields of an item by tag: lists of bytes. */
  #fields(item, skip = 0) {
    const [from, to] = [this.#begin(item) + skip, this.#begin(item + 1)];
    ensure(from <= to && to <= this.textLength, "form", "an item lies outside the text");
    const fields = new Map();
    let at = this.textAt + from;
    const end = this.textAt + to;
    while (at < end) {
      const tag = this.bytes[at++];
      let [length, shift] = [0, 0];
      for (let more = true; more; shift += 7) {
        ensure(at < end && shift <= 21, "form", "a length is broken");
        length += (this.bytes[at] & 0x7f) << shift;
        more = (this.bytes[at++] & 0x80) !== 0;
      }
      ensure(at + length <= end, "form", "a field leaves its item");
      if (!fields.has(tag)) fields.set(tag, []);
      fields.get(tag).push(this.bytes.subarray(at, at + length));
      at += length;
    }
    return fields;
  }

  /** Organisation number n. */
  organisation(n) {
    ensure(n < this.organisationCount, "form", "there is no such organisation");
    const fields = this.#fields(n);
    const text = (tag) => (fields.get(tag) ?? []).map((it) => decoder.decode(it));
    const en = text(6);
    return {
      id: text(1)[0],
      name: { zh: text(2)[0], en: text(3)[0] },
      facts: text(4),
      ways_in: text(5).map((zh, at) => ({ zh, en: en[at] })),
      owned_domains: text(7),
    };
  }

  organisations() {
    return Array.from({ length: this.organisationCount }, (_, n) => this.organisation(n));
  }

  /** Every key that the log has named. */
  keys() {
    return Array.from({ length: this.keyCount }, (_, n) => {
      const fields = this.#fields(this.organisationCount + n);
      const time = (tag) => {
        const it = fields.get(tag)[0];
        return millis(new DataView(it.buffer, it.byteOffset, 8).getBigInt64(0, true));
      };
      const text = (tag) => decoder.decode(fields.get(tag)[0]);
      return { use: text(1), key: text(2), from: time(3), until: time(4) };
    });
  }

  /** Identity number n. Times are milliseconds since 1970, or null. */
  record(n) {
    ensure(n < this.length, "form", "there is no such identity");
    const at = this.recordsAt + RECORD * n;
    const item = this.organisationCount + this.keyCount + n;
    const first = this.bytes[this.textAt + this.#begin(item)];
    const fields = this.#fields(item, 1);
    const text = (tag) => (fields.get(tag) ?? []).map((it) => decoder.decode(it));
    const one = (tag) => text(tag)[0] ?? null;
    const moment = (tag) => {
      const it = fields.get(tag)?.[0];
      return it ? millis(new DataView(it.buffer, it.byteOffset, 8).getBigInt64(0, true)) : null;
    };
    const index = (offset) => {
      const value = this.view.getUint32(at + offset, true);
      return value === NONE ? null : value;
    };
    const why = fields.get(12)?.[0];
    return {
      number: n,
      kind: KINDS[first & 0x3f],
      value: one(1),
      shown: one(2) ?? one(1),
      platform: one(3),
      account: one(4),
      chain: one(5),
      certificate: one(6),
      files: text(7),
      newest_safe: one(8),
      purposes: text(9),
      languages: text(10),
      role: one(11),
      organisation: this.view.getUint32(at + 4, true),
      index: index(8),
      changed: index(12),
      from: millis(this.view.getBigInt64(at + 16, true)),
      ends: millis(this.view.getBigInt64(at + 24, true)),
      proofLapses: (first & 0x40) !== 0,
      voided: moment(12),
      voidReason: why ? decoder.decode(why.subarray(8)) : null,
      revoked: moment(13),
      revokedBecause: one(14) === null ? null : { zh: one(14), en: one(15) ?? one(14) },
    };
  }

  /** Numbers in the slots of what hashes like this, in the order of the file. */
  #slots(bits, bytes) {
    const found = new Set();
    const mask = this.slotCount - 1;
    let slot = fnv1a(bytes) & mask;
    for (let looked = 0; looked < this.slotCount; looked += 1, slot = (slot + 1) & mask) {
      const word = this.view.getUint32(this.slotsAt + 4 * slot, true);
      if (word === 0) break;
      if (word >>> 30 === bits) found.add((word & 0x3fffffff) - 1);
    }
    return [...found].sort((a, b) => a - b);
  }

  /** Every identity of that kind with exactly this value, whatever its status. */
  find(kind, raw) {
    const value = normal(kind, raw);
    const number = KINDS.indexOf(kind);
    if (value === null || number < 0) return [];
    const bytes = concat(Uint8Array.of(number, 0), encoder.encode(value));
    return this.#slots(0, bytes).map((n) => this.record(n)).filter((it) => it.kind === kind && it.value === value);
  }

  /** Every identity of the account that a platform knows by this id. */
  account(platform, account) {
    const bytes = concat(Uint8Array.of(0x40, 0), encoder.encode(platform), Uint8Array.of(0), encoder.encode(account));
    const is = (it) => it.platform === platform && it.account === account;
    return this.#slots(1, bytes).map((n) => this.record(n)).filter(is);
  }

  /** Every app with a certificate or file of that SHA-256 (hexadecimal). */
  findHash(sha) {
    const digits = sha.replaceAll(":", "").toLowerCase();
    const bytes = concat(Uint8Array.of(0x80, 0), encoder.encode(digits));
    const is = (it) => it.certificate === digits || it.files.includes(digits);
    return this.#slots(2, bytes).map((n) => this.record(n)).filter(is);
  }

  /** Whose a host is, as an organisation; null if nobody's. */
  ownerOf(host) {
    for (let rest = host.replace(/\.+$/, ""); rest; rest = rest.includes(".") ? rest.slice(rest.indexOf(".") + 1) : "") {
      const listed = this.find("domain", rest).find((it) => it.value === rest && it.revoked === null);
      if (listed) return this.organisation(listed.organisation);
      const owners = this.#slots(3, concat(Uint8Array.of(0xc0, 0), encoder.encode(rest)));
      const owner = owners.map((n) => this.organisation(n)).find((it) => it.owned_domains.includes(rest));
      if (owner) return owner;
    }
    return null;
  }
}

/** Where an identity stands at a moment (milliseconds): listed, not_yet, lapsed, voided or revoked. */
export function statusOf(record, at) {
  const { from, ends, voided, revoked } = record;
  if (revoked !== null && revoked <= at) return { name: "revoked", since: revoked, reason: record.revokedBecause };
  if (voided !== null && voided <= at) return { name: "voided", since: voided, reason: record.voidReason };
  if (from !== null && from > at) return { name: "not_yet", since: from, reason: null };
  if (ends !== null && ends <= at) return { name: "lapsed", since: ends, reason: null };
  return { name: "listed", since: from, reason: null };
}
