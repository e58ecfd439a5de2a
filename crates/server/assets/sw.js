// Keeps the check page and its files, so that it opens without a network. What it answers by then
// comes from the snapshot that the page itself keeps and has verified (kept.js): nothing that this
// file stores is believed for being stored.
"use strict";

const FILES = [/* files */];
// A new version of any file has another address, so it gets another store.
const STORE = `page ${FILES.join(" ")}`;

self.addEventListener("install", (event) => {
  const fill = async () => {
    const store = await caches.open(STORE);
    await store.addAll(["/", ...FILES]);
    await self.skipWaiting();
  };
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("page ") && name !== STORE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin || request.method !== "GET") return;
  if (request.mode === "navigate" && url.pathname === "/") {
    event.respondWith(page(request, url));
  } else if (FILES.includes(url.pathname + url.search)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});

/** From the network; what came is kept, unless it is an answer to somebody's question. */
async function page(request, url) {
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected && url.search === "") {
      const store = await caches.open(STORE);
      await store.put("/", fresh.clone());
    }
    return fresh;
  } catch (cause) {
    const kept = await caches.match("/");
    if (kept) return kept;
    throw cause;
  }
}
