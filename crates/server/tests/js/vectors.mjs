// Holds verify.js against the test vectors of the Rust rooms. Runs in node and, through
// `globalThis.vectors`, in the browser test.
export async function check(verify, { snapshot, json, proof, keys }) {
  const wrong = [];
  const equal = (what, found, expected) => {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    if (a !== b) wrong.push(`${what}: ${a} instead of ${b}`);
  };
  const { Snapshot, hex, normal, sha256, statusOf } = verify;
  const time = (text) => (text === null ? null : Date.parse(text));
  equal("sha256", hex(await sha256(snapshot)), json.sha256);
  const open = await Snapshot.open(snapshot);
  equal("entries", open.entries, json.entries);
  equal("at", open.at, time(json.at));
  equal("organisations", open.organisations(), json.content.organisations.map((it) => ({
    id: it.id, name: { zh: it.name.zh, en: it.name.en }, facts: it.facts,
    ways_in: it.ways_in.map(({ zh, en }) => ({ zh, en })), owned_domains: it.owned_domains,
  })));
  equal("keys", open.keys(), json.content.keys.map((it) => ({
    use: it.use, key: it.key, from: time(it.from), until: time(it.until),
  })));
  json.content.records.forEach((expected, n) => {
    const record = open.record(n);
    for (const name of ["account", "certificate", "chain", "changed", "files", "index", "kind", "languages",
      "newest_safe", "platform", "purposes", "role", "shown", "value"]) {
      equal(`record ${n} ${name}`, record[name], expected[name]);
    }
    equal(`record ${n} from`, record.from, time(expected.from));
    equal(`record ${n} ends`, record.ends, time(expected.ends));
    equal(`record ${n} organisation`, open.organisation(record.organisation).id, expected.organisation);
  });
  equal("records", open.length, json.content.records.length);
  for (const { kind, raw, normal: expected } of json.normal) equal(`normal ${kind} ${raw}`, normal(kind, raw), expected);
  for (const { at, of } of json.answers) {
    const said = (records) => records.map((it) => {
      const { name, since } = statusOf(it, time(at));
      return { index: it.index, name, since };
    });
    const expected = (answers) => answers.map(({ index, status }) => ({
      index, name: status.name, since: time(status.since),
    }));
    for (const it of of.find) equal(`find ${it.kind} ${it.value} at ${at}`, said(open.find(it.kind, it.value)), expected(it.answers));
    for (const it of of.account) equal(`account ${it.account} at ${at}`, said(open.account(it.platform, it.account)), expected(it.answers));
    for (const it of of.hash) equal(`hash ${it.sha256} at ${at}`, said(open.findHash(it.sha256)), expected(it.answers));
    for (const it of of.owner_of) equal(`owner of ${it.host} at ${at}`, open.ownerOf(it.host)?.id ?? null, it.owner);
  }
  for (const at of [0, 8, 30, 60, 300, 508, 640, snapshot.length - 1]) {
    const bent = snapshot.slice();
    bent[at] ^= 1;
    const refused = await Snapshot.open(bent).then(() => false, () => true);
    equal(`byte ${at} altered is refused`, refused, true);
    const cut = await Snapshot.open(snapshot.slice(0, at)).then(() => false, () => true);
    equal(`cut at ${at} is refused`, cut, true);
  }
  if (proof) await proofs(verify, { snapshot, proof, keys }, equal);
  return wrong;
}

/** The proof, and every way of tampering with it. */
async function proofs({ openSnapshot }, { snapshot, proof, keys }, equal) {
  const trust = { log: [keys.log], witnesses: [keys.witness], quorum: 1 };
  const opened = await openSnapshot(snapshot, proof, trust);
  equal("proven entries", opened.entries, opened.snapshot.entries);
  equal("witnesses", opened.checkpoint.witnesses.map((it) => it.name), [keys.witness.split("+")[0]]);
  const fails = async (what, bytes, text, other = trust) => {
    const refused = await openSnapshot(bytes, text, other).then(() => "believed", (cause) => cause.name);
    equal(what, refused, "NotBelieved");
  };
  const lines = proof.split("\n");
  const without = (at) => lines.filter((_, n) => n !== at).join("\n");
  const index = lines.findIndex((it) => it.startsWith("index "));
  const number = Number(lines[index].slice(6));
  await fails("another index", snapshot, proof.replace(/^index \d+$/m, `index ${number - 1}`));
  await fails("a path without its first hash", snapshot, without(index + 1));
  await fails("no witness", snapshot, proof.trimEnd().split("\n").slice(0, -1).join("\n") + "\n");
  await fails("an unknown log key", snapshot, proof, { ...trust, log: [keys.other] });
  await fails("two witnesses asked for", snapshot, proof, { ...trust, quorum: 2 });
  await fails("another snapshot", snapshot.slice(0, -1), proof);
  await fails("the extra line altered", snapshot, proof.replace(/^extra .{8}/m, (it) => `${it.slice(0, -1)}${it.endsWith("A") ? "B" : "A"}`));
  await fails("a root that was altered", snapshot, proof.replace(/\n([A-Za-z0-9+/])(.{42}=)\n\n\u2014/u, (_, a, b) => `\n${a === "A" ? "B" : "A"}${b}\n\n\u2014`));
  await fails("no proof at all", snapshot, "");
}
