// What is wrong with a page for somebody who reads it with a screen reader, with keys only,
// or with weak eyes. Returns a list of sentences; an empty one is good.
const problems = [];
const shown = (node) => node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
const name = (node) => (node.getAttribute("aria-label") || node.innerText || node.title || node.value || "").trim();
const where = (node) => node.outerHTML.slice(0, 120);

if (document.querySelectorAll("h1").length !== 1) problems.push(`${document.querySelectorAll("h1").length} h1`);
let level = 0;
for (const heading of [...document.querySelectorAll("h1, h2, h3, h4")].filter((node) => shown(node) && !node.closest("[role=img]"))) {
  const next = Number(heading.tagName[1]);
  if (level && next > level + 1) problems.push(`h${next} after h${level}: ${where(heading)}`);
  level = next;
}
for (const field of [...document.querySelectorAll("input:not([type=hidden]), select, textarea")].filter(shown)) {
  const labelled = field.labels?.length || field.getAttribute("aria-label") || field.getAttribute("aria-labelledby");
  if (!labelled) problems.push(`no label: ${where(field)}`);
}
for (const node of [...document.querySelectorAll("a, button")].filter(shown)) {
  if (!name(node)) problems.push(`no name: ${where(node)}`);
}
for (const node of document.querySelectorAll("img:not([alt]), svg[role=img]:not(:has(title))")) {
  problems.push(`no text for a picture: ${where(node)}`);
}
const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) problems.push(`id twice: ${id}`);
if (!document.documentElement.lang) problems.push("no language");
if (!document.querySelector("main")) problems.push("no main");
if (!document.querySelector("a.skip[href='#main']")) problems.push("no way past the menu");
if (document.documentElement.scrollWidth > window.innerWidth + 1) {
  const wide = [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > window.innerWidth + 1 && shown(node)
    && ![...function* () { for (let up = node.parentElement; up; up = up.parentElement) yield up; }()].some((up) => getComputedStyle(up).overflowX !== "visible"));
  problems.push(`wider than the window by ${document.documentElement.scrollWidth - window.innerWidth}: ${wide.slice(-1).map(where)}`);
}

// Contrast of every text against what is behind it (WCAG 2.2, 1.4.3).
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const rgba = (colour) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
const behind = (node) => {
  const layers = [];
  for (let up = node; up; up = up.parentElement) {
    const colour = rgba(getComputedStyle(up).backgroundColor);
    if (colour[3] > 0) layers.push(colour);
    if (colour[3] === 1) break;
  }
  return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
};
const light = (colour) => {
  const [r, g, b] = colour.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const seen = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || seen.has(node) || !shown(node) || node.closest("[disabled], svg, .skip, .hidden-text, script, option")) continue;
  seen.add(node);
  const style = getComputedStyle(node);
  const back = behind(node);
  const front = over(rgba(style.color), back);
  const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
  const ratio = (high + 0.05) / (low + 0.05);
  const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
  if (ratio < (large ? 3 : 4.5)) problems.push(`contrast ${ratio.toFixed(2)}: ${where(node)}`);
}
return problems;
