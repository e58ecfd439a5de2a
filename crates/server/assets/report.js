// What the pages of a report do beyond HTML; all of them work without it. Nothing typed is lost:
// it is kept in this tab until it is sent, but never what looks like a secret.
"use strict";

(() => {
  const KEPT = "report";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const escaped = (id) => CSS.escape(id);

  // --- Secrets: a first look; the server looks again ------------------------------------
  const WORDS = /(?:^|[^a-z])(?:[a-z]{3,8}[\s,]+){11,}[a-z]{3,8}(?![a-z])/i;
  const HAN = /(?:[\u4e00-\u9fff][\s,，、]+){11,}[\u4e00-\u9fff]/;
  const CODE = /(?:验证码|动态码|口令|one.?time|verification|code|otp|pin)\D{0,12}\d{4,8}(?!\d)/i;
  const KEY = /(?:私钥|private.?key|secret)[^\n]{0,24}\b(?:0x)?[0-9a-f]{64}\b|\b[5KL][1-9A-HJ-NP-Za-km-z]{50,51}\b/i;
  const isSecret = (text) => [WORDS, HAN, CODE, KEY].some((it) => it.test(text));

  function warn(form, field) {
    const id = `secret-${field.name}`;
    const shown = document.getElementById(id);
    if (!isSecret(field.value)) return shown?.remove();
    if (shown) return;
    const line = document.createElement("p");
    Object.assign(line, { id, className: "secret-warning", textContent: form.dataset.secret });
    line.setAttribute("role", "alert");
    field.after(line);
  }

  // --- The form of a report -----------------------------------------------------------------
  function kept() {
    try { return JSON.parse(sessionStorage.getItem(KEPT)) ?? null; } catch { return null; }
  }

  function keep(form) {
    const fields = [];
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "act" && value !== "" && !isSecret(value)) fields.push([name, value]);
    }
    try { sessionStorage.setItem(KEPT, JSON.stringify(fields)); } catch { /* A full or closed store loses only this. */ }
  }

  function restore(form, fields) {
    const had = fields.some(([name, value]) => !["draft", "time_zone", "device_compromised"].includes(name) && value);
    for (const [name, value] of fields) {
      const row = /^(losses|suspects)\.(\d{1,2})\./.exec(name);
      while (row && !form.elements.namedItem(name) && addRow(row[1]) < Number(row[2]));
      const field = form.elements.namedItem(name);
      if (!field) continue;
      if (field instanceof RadioNodeList) field.value = value;
      else if (field.type !== "file") field.value = value;
      if (value && field instanceof Element && field.type !== "hidden") {
        const fold = field.closest("details");
        if (fold) fold.open = true;
      }
    }
    return had;
  }

  function addRow(list) {
    const rows = one(`[data-rows="${list}"]`);
    const n = rows.children.length;
    if (n >= 50) return Infinity;
    const row = rows.lastElementChild.cloneNode(true);
    const renamed = (text) => text?.replace(/^(losses|suspects)\.\d+/, `${list}.${n}`);
    row.id = `${list}.${n}`;
    for (const node of all(".wrong, .secret-warning", row)) node.remove();
    for (const node of all("[name]", row)) {
      node.name = renamed(node.name);
      node.id = renamed(node.id);
      node.value = "";
      for (const name of ["aria-invalid", "aria-describedby"]) node.removeAttribute(name);
    }
    for (const label of all("label", row)) label.htmlFor = renamed(label.htmlFor);
    rows.append(row);
    one("input", row).focus();
    return n;
  }

  function local(date) {
    const two = (n) => String(n).padStart(2, "0");
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
  }

  function zone(form) {
    const select = form.elements.namedItem("time_zone");
    const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!mine) return;
    if (!all("option", select).some((it) => it.value === mine)) select.add(new Option(mine, mine), 0);
    select.value = mine;
  }

  /** As the server reads the box, roughly: a word of ours says what it recognised. */
  function recognise(box) {
    const line = one("#recognised");
    const words = box.value.split(/[^A-Za-z0-9._@-]+/).filter((it) => it.length >= 25 && /\d/.test(it) && !/[.@]/.test(it));
    const transactions = new Set(words.filter((it) => /^(0x)?[0-9a-f]{64}$/i.test(it) || /^[A-Za-z0-9]{86,88}$/.test(it)));
    const addresses = new Set(words.filter((it) => !transactions.has(it)));
    line.hidden = !(transactions.size || addresses.size);
    line.textContent = line.dataset.words.replace("%a", addresses.size).replace("%t", transactions.size);
  }

  /** A request with its progress; fetch does not tell how much is sent. */
  function post(url, body, progress) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", url);
      request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
      request.addEventListener("load", () => resolve(request));
      request.addEventListener("error", () => reject(new Error("not sent")));
      request.send(body);
    });
  }

  function fileLine(list, name) {
    const line = document.createElement("li");
    const label = document.createElement("span");
    label.className = "name";
    label.textContent = name;
    const bar = document.createElement("progress");
    bar.max = 1;
    line.append(label, bar);
    list.append(line);
    return line;
  }

  /** The line of a file that is on the server. */
  function waits(list, line, kept) {
    one("progress", line).remove();
    line.dataset.file = kept.file;
    const size = document.createElement("span");
    size.className = "muted small";
    size.textContent = kept.size;
    const drop = document.createElement("button");
    Object.assign(drop, { type: "button", className: "btn small quiet", textContent: list.dataset.drop });
    drop.dataset.dropFile = "";
    line.append(size, drop);
  }

  /** Files that were uploaded before the page was left. */
  async function uploaded(form) {
    const body = new FormData();
    body.append("draft", form.elements.namedItem("draft").value);
    const answer = await fetch("/report/files", { method: "POST", body });
    const list = one("#uploads");
    for (const kept of (await answer.json()).all ?? []) {
      if (all("li", list).some((it) => it.dataset.file === kept.file)) continue;
      waits(list, fileLine(list, kept.name), kept);
      one("#part-files").open = true;
    }
  }

  async function upload(form, file) {
    const list = one("#uploads");
    const line = fileLine(list, file.name);
    const bad = (text) => {
      line.className = "bad";
      line.textContent = text;
      line.setAttribute("role", "alert");
    };
    const body = new FormData();
    body.append("draft", form.elements.namedItem("draft").value);
    body.append("file", file);
    try {
      const request = await post("/report/files", body, (part) => { one("progress", line).value = part; });
      const answer = JSON.parse(request.responseText);
      const [kept] = answer.files;
      if (!kept) return bad(answer.refused[0]?.message ?? list.dataset.broken);
      waits(list, line, kept);
    } catch {
      bad(list.dataset.broken);
    }
  }

  async function dropFile(form, line) {
    const body = new FormData();
    body.append("draft", form.elements.namedItem("draft").value);
    body.append("file", line.dataset.file);
    const answer = await fetch("/report/files/drop", { method: "POST", body });
    if (answer.ok) line.remove();
  }

  function report(form) {
    const pristine = !one("#problems") && !one(".note.bad") && !one("[name=story]", form).value;
    const before = kept();
    if (!pristine) keep(form);
    else {
      zone(form);
      if (before && restore(form, before)) one("#kept").hidden = false;
      if (before) uploaded(form).catch(() => {});
    }
    const box = one("[name=pasted]", form);
    recognise(box);
    one("#quick").hidden = false;
    one("#upload-first").hidden = true;
    let timer = 0;
    form.addEventListener("input", (event) => {
      clearTimeout(timer);
      timer = setTimeout(() => keep(form), 250);
      if (event.target.matches("textarea, input:not([type])")) warn(form, event.target);
      if (event.target === box) recognise(box);
      if (event.target.name === "kind" && ["stolen_wallet", "fake_support"].includes(event.target.value)) {
        one("#part-losses").open = true;
        one("#part-pasted").open = true;
      }
    });
    window.addEventListener("pagehide", () => { if (!form.dataset.sent) keep(form); });
    const send = one("#send").textContent;
    let busy = Promise.resolve();
    one("#file").addEventListener("change", (event) => {
      const files = [...event.target.files];
      event.target.value = "";
      for (const file of files) busy = busy.then(() => upload(form, file));
    });
    form.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.agoMinutes) {
        const minutes = Number(button.dataset.agoMinutes);
        form.elements.namedItem("happened_from").value = local(new Date(Date.now() - minutes * 60_000));
        zone(form);
        keep(form);
      } else if (button.dataset.add) {
        event.preventDefault();
        addRow(button.dataset.add);
      } else if (button.matches("[data-drop-file]")) {
        event.preventDefault();
        dropFile(form, button.closest("li"));
      }
    });
    form.addEventListener("submit", async (event) => {
      const button = event.submitter ?? one("#send");
      if (form.dataset.busy) return event.preventDefault();
      form.dataset.busy = "1";
      keep(form);
      if (button.value === "send") one("#send").textContent = form.dataset.sending;
      event.preventDefault();
      await busy; // Files that are on their way belong to the report.
      form.dataset.sent = "1";
      const act = document.createElement("input");
      Object.assign(act, { type: "hidden", name: "act", value: button.value });
      form.append(act);
      form.submit();
    });
    // Back from a page that did not load: the button must work again.
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      delete form.dataset.busy;
      delete form.dataset.sent;
      one("#send").textContent = send;
      all("input[name=act][type=hidden]", form).forEach((it) => it.remove());
    });
    const problems = one("#problems");
    if (problems) problems.focus();
    for (const link of all(".problems a")) {
      link.addEventListener("click", (event) => {
        const target = one(`#${escaped(decodeURIComponent(link.hash.slice(1)))}`);
        if (!target) return;
        event.preventDefault();
        const fold = target.closest("details");
        if (fold) fold.open = true;
        target.scrollIntoView({ block: "center" });
        (target.matches("input, textarea, select") ? target : one("input, textarea, select", target) ?? target).focus();
      });
    }
  }

  // --- What is left of a term -------------------------------------------------------------------
  function left() {
    const units = [[86_400, "day"], [3_600, "hour"], [60, "minute"]];
    for (const node of all("time[data-left]")) {
      const seconds = (Date.parse(node.dateTime) - Date.now()) / 1000;
      let line = node.nextElementSibling?.matches(".left") ? node.nextElementSibling : null;
      if (!(seconds > 0)) {
        line?.remove();
        continue;
      }
      const [length, unit] = units.find(([it]) => seconds >= it) ?? units[2];
      const count = Math.max(1, Math.floor(seconds / length));
      const format = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" });
      if (!line) {
        line = document.createElement("span");
        line.className = "left";
        node.after(line);
      }
      const chinese = document.documentElement.lang.startsWith("zh");
      line.textContent = chinese ? `${node.dataset.left} ${format.format(count)}` : `${format.format(count)} ${node.dataset.left}`;
    }
  }

  // --- A case that keeps itself up to date ------------------------------------------------------
  async function refresh(page) {
    const answer = await fetch(page.dataset.live.replace(/\/live$/, ""), { cache: "no-store" });
    if (!answer.ok) throw new Error("no answer");
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const old of all("[data-part]", page)) {
      const part = fresh.getElementById(old.id);
      if (!part || old.contains(document.activeElement)) continue;
      const open = new Set(all("details[open] > summary", old).map((it) => it.textContent));
      old.replaceWith(document.adoptNode(part));
      for (const summary of all("details > summary", part)) summary.parentElement.open = open.has(summary.textContent);
    }
    page.dataset.version = one("[data-version]", fresh).dataset.version;
    left();
  }

  function live(page) {
    const pulse = one("#pulse");
    const source = new EventSource(page.dataset.live);
    source.addEventListener("open", () => {
      pulse.textContent = page.dataset.on;
      pulse.classList.add("on");
    });
    source.addEventListener("error", () => {
      pulse.textContent = page.dataset.lost;
      pulse.classList.remove("on");
    });
    source.addEventListener("version", async (event) => {
      if (event.data === page.dataset.version) return;
      try { await refresh(page); } catch { pulse.textContent = page.dataset.lost; }
    });
    window.addEventListener("pagehide", () => source.close());
  }

  function message(form) {
    const text = one("textarea", form);
    text.addEventListener("input", () => warn(form, text));
    form.addEventListener("submit", (event) => {
      if (form.dataset.busy) return event.preventDefault();
      form.dataset.busy = "1";
      const files = one("input[type=file]", form).files;
      if (!files.length) return;
      event.preventDefault();
      const bar = one("#sent", form);
      bar.hidden = false;
      post(form.action, new FormData(form), (part) => { bar.value = part * 100; }).then((request) => {
        if (request.status < 400) return window.location.assign(request.responseURL);
        // What is wrong is said on the page that came back, and what was typed is in it.
        const fresh = new DOMParser().parseFromString(request.responseText, "text/html");
        one("main").replaceWith(document.adoptNode(one("main", fresh)));
        start();
        window.scrollTo(0, 0);
      }, () => {
        delete form.dataset.busy;
        bar.hidden = true;
        form.submit();
      });
    });
  }

  function start() {
    if (one("[data-sent]")) sessionStorage.removeItem(KEPT);
    const form = one("#tell");
    if (form) report(form);
    const page = one("[data-live]");
    if (page) live(page);
    const letter = one("#message");
    if (letter) message(letter);
    left();
  }

  setInterval(left, 20_000);
  start();
})();
