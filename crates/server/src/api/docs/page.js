"use strict";
// Shows /openapi.json as forms. Text goes in as text, never as markup.

const chinese = document.documentElement.lang.startsWith("zh");
const words = chinese
  ? { send: "发送", body: "内容", kind: "内容类型", accept: "回答格式", scope: "需要权限", open: "无需密钥", wait: "请稍候……", failed: "无法连接服务器" }
  : { send: "Send", body: "Body", kind: "Content type", accept: "Answer as", scope: "needs", open: "no key", wait: "Waiting …", failed: "The server cannot be reached" };

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function field(name, input, about) {
  const label = make("label", {}, make("span", {}, make("code", {}, name), about ? " · " + about : ""));
  label.append(input);
  return label;
}

function choice(values) {
  const select = make("select", {});
  for (const value of values) select.append(make("option", { value }, value));
  return select;
}

function show(text, kind) {
  if (!/json$/.test(kind)) return text;
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

const LIVE = "text/event-stream";

async function send(form, output, signal) {
  const query = new URLSearchParams();
  let path = form.dataset.path;
  const headers = {};
  const key = document.getElementById("key").value.trim();
  if (key) headers.Authorization = "Bearer " + key;
  for (const input of form.querySelectorAll("[data-in]")) {
    if (!input.value) continue;
    if (input.dataset.in === "path") path = path.replace("{" + input.dataset.name + "}", encodeURIComponent(input.value));
    if (input.dataset.in === "query") query.set(input.dataset.name, input.value);
    if (input.dataset.in === "header") headers[input.dataset.name] = input.value;
  }
  const accept = form.querySelector("[data-accept]");
  if (accept) headers.Accept = accept.value;
  const options = { method: form.dataset.method.toUpperCase(), headers, signal };
  const body = form.querySelector("textarea");
  if (body) {
    options.body = body.value;
    headers["Content-Type"] = form.querySelector("[data-kind]").value;
  }
  output.textContent = words.wait;
  const answer = await fetch(path + (query.size ? "?" + query : ""), options);
  const kind = (answer.headers.get("Content-Type") || "").split(";")[0];
  const head = answer.status + " " + answer.statusText + "\n\n";
  if (kind !== LIVE) {
    output.textContent = head + show(await answer.text(), kind);
    return;
  }
  output.textContent = head;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    output.textContent = (output.textContent + part.value).slice(-20000);
  }
}

function operation(path, method, it) {
  const scope = it.security ? words.scope + " " + it.security[0].key[0] : words.open;
  const summary = make("summary", {},
    make("span", { class: "method" }, method.toUpperCase()),
    make("span", { class: "path" }, path),
    make("span", {}, (chinese && it["x-summary-zh"]) || it.summary),
    make("span", { class: "scope" }, scope));
  const form = make("form", { "data-path": path, "data-method": method });
  if (it.description) form.append(make("p", {}, it.description));
  for (const parameter of it.parameters || []) {
    const values = parameter.schema.enum;
    const input = values ? choice(["", ...values]) : make("input", { autocomplete: "off", spellcheck: "false" });
    input.dataset.in = parameter.in;
    input.dataset.name = parameter.name;
    if (parameter.required) input.required = true;
    form.append(field(parameter.name, input, parameter.description));
  }
  if (it.requestBody) {
    const bodies = it.requestBody.content;
    const kind = choice(Object.keys(bodies));
    kind.dataset.kind = "";
    const body = make("textarea", { spellcheck: "false" });
    const fill = () => {
      const example = bodies[kind.value].example;
      if (example !== undefined) body.value = typeof example === "string" ? example : JSON.stringify(example, null, 2);
    };
    kind.addEventListener("change", fill);
    fill();
    form.append(field(words.kind, kind), field(words.body, body));
  }
  const kinds = Object.keys(it.responses["200"].content || {});
  if (kinds.length > 1) {
    const accept = choice(kinds);
    accept.dataset.accept = "";
    form.append(field(words.accept, accept));
  }
  const output = make("pre", { hidden: "", tabindex: "0", "aria-live": "polite" });
  form.append(make("p", {}, make("button", {}, words.send)), output);
  let before = null;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (before) before.abort();
    const mine = before = new AbortController();
    output.hidden = false;
    try {
      await send(form, output, mine.signal);
    } catch (error) {
      if (before === mine) output.textContent = words.failed + ": " + error.message;
    }
  });
  return make("details", { id: it.operationId }, summary, form);
}

async function start() {
  const answer = await fetch("/openapi.json");
  const document_ = await answer.json();
  const main = document.getElementById("operations");
  main.replaceChildren();
  for (const [path, methods] of Object.entries(document_.paths)) {
    for (const [method, it] of Object.entries(methods)) main.append(operation(path, method, it));
  }
  const problems = document.getElementById("problems");
  for (const problem of document_["x-problems"]) {
    problems.append(
      make("dt", { id: problem.kind }, problem.status + " " + problem.kind),
      make("dd", {}, chinese ? problem.message.zh : problem.message.en));
  }
  const wanted = document.getElementById(location.hash.slice(1));
  if (wanted) {
    if (wanted.tagName === "DETAILS") wanted.open = true;
    wanted.scrollIntoView();
  }
}

start().catch((error) => {
  document.getElementById("operations").textContent = words.failed + ": " + error.message;
});
