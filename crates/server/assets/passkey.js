// Passkeys: passes what the server asks to the browser and the answer back. The server
// speaks the JSON of WebAuthn with base64url for bytes.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withId = (entry) => ({ ...entry, id: bytes(entry.id) });

function creation({ publicKey }) {
  return { publicKey: { ...publicKey, challenge: bytes(publicKey.challenge),
    user: withId(publicKey.user), excludeCredentials: (publicKey.excludeCredentials ?? []).map(withId) } };
}

function request({ publicKey }) {
  return { publicKey: { ...publicKey, challenge: bytes(publicKey.challenge),
    allowCredentials: (publicKey.allowCredentials ?? []).map(withId) } };
}

function answer(credential) {
  const { response } = credential;
  const body = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    body.attestationObject = text(response.attestationObject);
    body.transports = response.getTransports?.() ?? [];
  } else {
    body.authenticatorData = text(response.authenticatorData);
    body.signature = text(response.signature);
    body.userHandle = response.userHandle ? text(response.userHandle) : null;
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type,
    extensions: credential.getClientExtensionResults(), response: body };
}

async function post(address, body, csrf) {
  const reply = await fetch(address, { method: "POST", credentials: "same-origin",
    headers: { "content-type": "application/json", "x-csrf-token": csrf }, body: JSON.stringify(body) });
  const said = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(said.message ?? reply.statusText);
  return said;
}

// <button type="button" data-passkey="create|get" data-start="…" data-finish="…">: these
// fields of its form go along with both requests.
const ALONG = ["name", "login", "label", "next", "csrf"];

async function prove(button) {
  const { form, dataset } = button;
  const problem = document.getElementById("passkey-problem");
  problem.hidden = true;
  const asked = [...form.elements].filter((field) => ALONG.includes(field.name));
  if (!asked.every((field) => field.reportValidity())) return;
  const fields = Object.fromEntries(asked.map((field) => [field.name, field.value]));
  button.disabled = true;
  try {
    const { ceremony, options } = await post(dataset.start, fields, fields.csrf);
    const credential = dataset.passkey === "create"
      ? await navigator.credentials.create(creation(options))
      : await navigator.credentials.get(request(options));
    const done = await post(dataset.finish, { ...fields, ceremony, credential: answer(credential) }, fields.csrf);
    location.assign(done.next);
  } catch (cause) {
    problem.querySelector("[data-message]").textContent =
      cause.name === "NotAllowedError" ? dataset.cancelled : cause.message;
    problem.hidden = false;
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-passkey]");
  if (button) prove(button);
});

// Enter means the passkey as long as the part with the password is folded.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest("input")?.form;
  const button = form?.querySelector("[data-passkey]");
  if (!button || event.key !== "Enter" || event.isComposing || form.querySelector("details[open]")) return;
  event.preventDefault();
  prove(button);
});

if (!window.PublicKeyCredential) {
  for (const node of document.querySelectorAll("[data-passkey]")) node.disabled = true;
  for (const node of document.querySelectorAll("[data-no-passkey]")) node.hidden = false;
}
