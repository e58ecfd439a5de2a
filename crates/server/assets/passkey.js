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

// <form data-passkey="create|get" data-start="…" data-finish="…">: its named fields go
// along with both requests.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-passkey]");
  if (!form) return;
  event.preventDefault();
  const problem = document.getElementById(form.dataset.problem);
  problem.hidden = true;
  const fields = Object.fromEntries(new FormData(form));
  try {
    const { ceremony, options } = await post(form.dataset.start, fields, fields.csrf);
    const credential = form.dataset.passkey === "create"
      ? await navigator.credentials.create(creation(options))
      : await navigator.credentials.get(request(options));
    const done = await post(form.dataset.finish, { ...fields, ceremony, credential: answer(credential) }, fields.csrf);
    location.assign(done.next);
  } catch (cause) {
    problem.querySelector("[data-message]").textContent =
      cause.name === "NotAllowedError" ? form.dataset.cancelled : cause.message;
    problem.hidden = false;
  }
});

if (!window.PublicKeyCredential) {
  for (const node of document.querySelectorAll("form[data-passkey] button")) node.disabled = true;
  for (const node of document.querySelectorAll("[data-no-passkey]")) node.hidden = false;
}
