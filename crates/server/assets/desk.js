// The agent's side: the key is made here, cannot be taken out of this browser, and signs one
// conversation. The list of conversations follows the server.
import { base64, read } from "./proofs.js";

async function post(address, body, csrf) {
  const answer = await fetch(address, { method: "POST", credentials: "same-origin",
    headers: { "content-type": "application/json", "x-csrf-token": csrf }, body: JSON.stringify(body) });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.message ?? answer.statusText);
  return said;
}

async function take(form) {
  const csrf = form.elements.csrf.value;
  const purpose = form.elements.purpose.value;
  let pair;
  try {
    pair = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
  } catch {
    throw new Error(form.dataset.oldBrowser);
  }
  const key = base64(await crypto.subtle.exportKey("raw", pair.publicKey));
  const { agent_key, text } = await post(`${form.dataset.take}/take`, { key, purpose }, csrf);
  // Only what was agreed to is signed: this key, this purpose, a session text and nothing else.
  const certificate = read(agent_key, "touchstone agent key 1");
  const session = read({ text, signature: "" }, "touchstone session 1");
  if (certificate.key !== key || session.agent !== certificate.agent || session.purposes.join() !== purpose) throw new Error(text);
  const signature = base64(await crypto.subtle.sign({ name: "Ed25519" }, pair.privateKey, new TextEncoder().encode(text)));
  const { next } = await post(`${form.dataset.take}/sign`, { text, signature }, csrf);
  location.assign(next);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.take) return;
  event.preventDefault();
  const problem = document.getElementById("take-problem");
  const button = form.querySelector("button");
  problem.hidden = true;
  button.disabled = true;
  try {
    await take(form);
  } catch (cause) {
    problem.querySelector("[data-message]").textContent = cause.message;
    problem.hidden = false;
    button.disabled = false;
  }
});

// Fragments come from this server, which has escaped what others wrote.
const place = document.querySelector("[data-sessions]");
if (place) {
  const source = new EventSource(place.dataset.sessions);
  source.addEventListener("now", (event) => {
    const fresh = new DOMParser().parseFromString(event.data, "text/html").getElementById("waiting");
    if (!fresh) return;
    place.replaceChildren(document.adoptNode(fresh));
    window.refreshTimes?.();
  });
}
