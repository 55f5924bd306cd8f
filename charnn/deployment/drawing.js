// What the page draws: bars, lines over the letters, and heat maps. Knows numbers and elements;
// every text goes in as text, never as markup. T letters, L labels, H hidden.

import { named, number, percent, text } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";
const LONGEST_WORD = 12; // letters of a word that are shown beside a picture
const MARKERS = ["●", "■", "▲", "◆", "▼", "○"];
const DRAWN = new WeakMap(); // the letters that a place shows lines of
const DASHES = ["", "6 3", "2 3", "8 3 2 3", "12 4", "4 2"];
// The scale cividis, made for all kinds of colour vision: Nuñez, Anderton and Renslow (2018).
const CIVIDIS = [
  [0, 34, 78],
  [18, 53, 112],
  [59, 73, 108],
  [87, 93, 109],
  [112, 113, 115],
  [138, 134, 120],
  [165, 156, 116],
  [195, 179, 105],
  [225, 204, 85],
  [254, 232, 56],
];

// An element with properties and children.
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function drawn(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A letter that can be seen, such as a space or the end of a line; of a long word its beginning.
export function visibleLetter(letter) {
  const shown = { " ": "␣", "\n": "⏎", "\t": "⇥" }[letter] ?? letter;
  return shown.length > LONGEST_WORD ? `${shown.slice(0, LONGEST_WORD - 1)}…` : shown;
}

// A row for each {label, probability}, with a bar as long as the probability.
export function drawBars(list, rows) {
  list.replaceChildren(
    ...rows.map(({ label, probability }) => {
      const bar = element("span", { className: "bar" });
      bar.style.width = `${100 * probability}%`;
      const number = element("span", { className: "number" }, percent(probability));
      number.dataset.probability = number.title = probability.toPrecision(6);
      return element(
        "li",
        {},
        element("span", { className: "label", title: label }, label),
        element("span", { className: "track", ariaHidden: "true" }, bar),
        number,
      );
    }),
  );
}

// Lines over the letters: a line {label, values (T)} each, with its last value in the legend.
export function drawLines(place, letters, lines, description) {
  const upright = !areWords(letters);
  const [top, bottom, left] = [10, 210, 46];
  const height = bottom + (upright ? 40 : 140);
  // Letters keep their places while others are added, as long as there is room.
  const room = place.clientWidth - left - 40;
  const step = Math.max(24, Math.min(56, room / Math.max(letters.length - 1, 7)));
  const width = Math.max(place.clientWidth, left + 40 + step * (letters.length - 1));
  const x = (t) => left + 18 + t * step;
  const y = (p) => top + (1 - p) * (bottom - top);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((p) => [
    drawn("line", { class: "grid", x1: left, x2: width - 4, y1: y(p), y2: y(p) }),
    drawn("text", { x: left - 6, y: y(p) + 4, "text-anchor": "end" }, percent(p, 0)),
  ]);
  const axis = letters.map((letter, t) => {
    const turned = { "text-anchor": "end", transform: `translate(${x(t) + 5} 224) rotate(-90)` };
    const position = upright ? { "text-anchor": "middle", x: x(t), y: height - 8 } : turned;
    return drawn("text", { class: "letter", ...position }, visibleLetter(letter));
  });
  const curves = lines.map(({ values }, k) => {
    const points = values.map((p, t) => [x(t), y(p)]);
    return curve(points, k);
  });
  const before = DRAWN.get(place) ?? [];
  DRAWN.set(place, letters);
  const picture = drawn(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": description },
    ...grid,
    ...axis,
    ...curves.reverse(), // the first line last, on top of the others
  );
  const legend = lines.map(({ label, values }, k) =>
    element(
      "li",
      {},
      element("span", { className: `key line-${k}`, ariaHidden: "true" }, MARKERS[k]),
      element("span", { className: "label", title: label }, label),
      element("span", { className: "number" }, percent(values.at(-1))),
    ),
  );
  place.replaceChildren(
    wide(picture, description),
    element("ul", { className: "legend" }, ...legend),
  );
  showEnd(place);
  const same = letters.findIndex((letter, t) => letter !== before[t]);
  if (same >= 0) grow(curves, (100 * x(Math.max(same - 1, 0))) / width, letters.length - same);
}

// Draws curves letter by letter, from a share of the picture's width on.
function grow(curves, from, letters) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const shown = (share) => ({ clipPath: `inset(0 ${100 - share}% 0 0) view-box` });
  const duration = Math.min(180 * letters, 1500);
  for (const one of curves) one.animate([shown(from), shown(100)], { duration });
}

// What may be wider than the page scrolls by itself, and by keyboard too.
export function wide(content, description) {
  const box = element("div", { className: "wide", tabIndex: 0, ariaLabel: description }, content);
  box.setAttribute("role", "group");
  return box;
}

// Of what is too wide the end is seen first: that is where somebody types.
export function showEnd(place) {
  place.firstElementChild.scrollLeft = place.firstElementChild.scrollWidth;
}

export function areWords(letters) {
  return letters.some((letter) => [...letter].length > 2);
}

function curve(points, k) {
  const path = points
    .map(([x, y], t) => `${t ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join("");
  const marks = points.map(([x, y]) =>
    drawn("text", { class: "marker", x, y: y + 5, "text-anchor": "middle" }, MARKERS[k]),
  );
  return drawn(
    "g",
    { class: `line-${k}` },
    drawn("path", { d: path, "stroke-dasharray": DASHES[k], "stroke-width": k ? 1.8 : 3 }),
    ...marks,
  );
}

// Each letter with what it adds to an answer, in nats: more colour and a longer bar for more, blue
// and up for what speaks for the answer, orange and down for what speaks against it.
export function drawEvidence(list, letters, added) {
  const most = Math.max(...added.map(Math.abs), 1);
  list.className = areWords(letters) ? "evidence words" : "evidence";
  list.replaceChildren(
    ...letters.map((letter, t) => {
      const isFor = added[t] >= 0;
      const sign = Math.abs(added[t]) < 0.005 ? "" : isFor ? "+" : "−";
      const shown = `${sign}${number(Math.abs(added[t]), 2)}`;
      const tile = element("b", { className: "letter" }, visibleLetter(letter));
      const value = element("span", { className: "number" }, shown);
      const bar = element("span", { className: "bar", ariaHidden: "true" });
      bar.style.height = `${(50 * Math.abs(added[t])) / most}%`;
      const row = element("li", { className: !sign ? "neither" : isFor ? "for" : "against" });
      row.append(element("span", { className: "column", ariaHidden: "true" }, bar), tile, value);
      row.style.setProperty("--share", `${((55 * Math.abs(added[t])) / most).toFixed(1)}%`);
      row.dataset.value = added[t].toPrecision(6);
      return row;
    }),
  );
}

// A bar over each letter: rows {letter, bits}.
export function drawBits(place, rows) {
  const most = Math.max(...rows.map((row) => row.bits), 1);
  place.replaceChildren(
    ...rows.map(({ letter, bits }) => {
      const bar = element("span", { className: "bar", ariaHidden: "true" });
      bar.style.height = `${(100 * bits) / most}%`;
      return element(
        "li",
        {},
        element("span", { className: "column" }, bar),
        element("b", {}, visibleLetter(letter)),
        element("span", { className: "number" }, number(bits, 1)),
      );
    }),
  );
}

// ---------------------------------------------------------------- heat maps

// A gate (values from 0 to 1) or a state (around 0) of H units at each letter: rows (T) of (H).
// Units are in this order (H), and the letter at the place `at` is marked. Under the letters stand
// the means over the units.
export function drawHeatMap(place, letters, rows, order, name, at = -1) {
  const isGate = name.endsWith("gate");
  const sizeOf = (row) => row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const size = Math.max(1, ...rows.map(sizeOf));
  const [low, high] = isGate ? [0, 1] : [-size, size];
  const canvas = element("canvas", { width: rows.length, height: order.length });
  const context = canvas.getContext("2d");
  const image = context.createImageData(rows.length, order.length);
  rows.forEach((row, t) => {
    order.forEach((unit, k) => {
      const colour = cividis((row[unit] - low) / (high - low));
      image.data.set([...colour, 255], 4 * (k * rows.length + t));
    });
  });
  context.putImageData(image, 0, 0);
  canvas.setAttribute("role", "img");
  const sizes = { gate: named(name), units: order.length, steps: rows.length };
  canvas.setAttribute("aria-label", text("inside.picture", sizes));
  canvas.style.height = `${Math.min(Math.max(order.length * 3, 120), 384)}px`;
  const meanOf = (row) => row.reduce((sum, value) => sum + value, 0) / row.length;
  const means = rows.map((row) => number(meanOf(row), 2));
  const cells = (texts, kind) =>
    texts.map((shown, t) => element(kind, { className: t === at ? "now" : "" }, shown));
  const map = element("td", { colSpan: rows.length }, canvas);
  const table = element(
    "table",
    { className: areWords(letters) ? "steps words" : "steps" },
    element("tr", {}, element("td"), ...cells(letters.map(visibleLetter), "th")),
    element("tr", { className: "map" }, element("td"), map),
    element("tr", {}, element("th", { scope: "row" }, text("inside.mean")), ...cells(means, "td")),
  );
  table.style.width = `clamp(${2.5 * rows.length + 4}rem, 100%, ${5 * rows.length + 4}rem)`;
  const about = element("span", {}, text("inside.units", { count: order.length }));
  place.replaceChildren(wide(table, named(name)), scale(low, high, about));
  showEnd(place);
}

function scale(low, high, about) {
  const colours = CIVIDIS.map((colour) => `rgb(${colour.join(" ")})`).join(", ");
  const strip = element("span", { className: "strip", ariaHidden: "true" });
  strip.style.background = `linear-gradient(to right, ${colours})`;
  const [from, to] = [low, high].map((end) => number(end, low ? 1 : 0));
  return element("p", { className: "scale" }, from, strip, to, about);
}

export function cividis(share) {
  const at = Math.min(Math.max(share, 0), 1) * (CIVIDIS.length - 1);
  const below = Math.min(Math.floor(at), CIVIDIS.length - 2);
  return CIVIDIS[below].map((from, k) => from + (at - below) * (CIVIDIS[below + 1][k] - from));
}
