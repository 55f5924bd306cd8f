// What the page draws: bars, lines over the letters, and heat maps. Knows numbers and elements;
// every text goes in as text, never as markup. T letters, L labels, H hidden.

const SVG = "http://www.w3.org/2000/svg";
const LONGEST_WORD = 12; // letters of a word that are shown beside a picture
const MARKERS = ["●", "■", "▲", "◆", "▼", "○"];
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

function drawn(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function percent(probability) {
  if (probability > 0 && probability < 0.001) return "< 0.1 %";
  return `${(100 * probability).toFixed(1)} %`;
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
      return element(
        "li",
        {},
        element("span", { className: "label", title: label }, label),
        element("span", { className: "track", ariaHidden: "true" }, bar),
        element("span", { className: "number" }, percent(probability)),
      );
    }),
  );
}

// Lines over the letters: a line {label, values (T)} each, with its last value in the legend.
export function drawLines(place, letters, lines, description) {
  const upright = !areWords(letters);
  const [top, bottom, left] = [10, 210, 40];
  const height = bottom + (upright ? 40 : 140);
  const width = Math.max(place.clientWidth, 90 + 24 * letters.length);
  const x = (t) => left + 14 + (t * (width - left - 30)) / Math.max(letters.length - 1, 1);
  const y = (p) => top + (1 - p) * (bottom - top);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((p) => [
    drawn("line", { class: "grid", x1: left, x2: width - 4, y1: y(p), y2: y(p) }),
    drawn("text", { x: left - 6, y: y(p) + 4, "text-anchor": "end" }, `${100 * p}%`),
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
  place.replaceChildren(wide(picture), element("ul", { className: "legend" }, ...legend));
  showEnd(place);
}

// What may be wider than the page scrolls by itself, and by keyboard too.
function wide(content) {
  return element("div", { className: "wide", tabIndex: 0 }, content);
}

// Of what is too wide the end is seen first: that is where somebody types.
function showEnd(place) {
  place.firstElementChild.scrollLeft = place.firstElementChild.scrollWidth;
}

function areWords(letters) {
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
        element("span", { className: "number" }, bits.toFixed(1)),
      );
    }),
  );
}

// ---------------------------------------------------------------- heat maps

// A gate (values from 0 to 1) or a state (around 0) of H units at each letter: rows (T) of (H).
// Units are in this order (H). Under the letters stand the means over the units.
export function drawHeatMap(place, letters, rows, order, name) {
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
  const sizes = `${order.length} units at each of ${rows.length} steps`;
  canvas.setAttribute("aria-label", `${name} of ${sizes}; the means are below`);
  canvas.style.height = `${Math.min(Math.max(order.length * 3, 120), 384)}px`;
  const means = rows.map((row) =>
    (row.reduce((sum, value) => sum + value, 0) / row.length).toFixed(2),
  );
  const cells = (texts, kind) => texts.map((text) => element(kind, {}, text));
  const map = element("td", { colSpan: rows.length }, canvas);
  const table = element(
    "table",
    { className: areWords(letters) ? "steps words" : "steps" },
    element("tr", {}, element("td"), ...cells(letters.map(visibleLetter), "th")),
    element("tr", { className: "map" }, element("td"), map),
    element("tr", {}, element("th", { scope: "row" }, "mean"), ...cells(means, "td")),
  );
  table.style.width = `clamp(${2.5 * rows.length + 3}rem, 100%, ${5 * rows.length + 3}rem)`;
  const about = element("span", {}, `${order.length} units`);
  place.replaceChildren(wide(table), scale(low, high, about));
  showEnd(place);
}

function scale(low, high, about) {
  const colours = CIVIDIS.map((colour) => `rgb(${colour.join(" ")})`).join(", ");
  const strip = element("span", { className: "strip", ariaHidden: "true" });
  strip.style.background = `linear-gradient(to right, ${colours})`;
  const [from, to] = [low, high].map((end) => end.toFixed(low ? 1 : 0));
  return element("p", { className: "scale" }, from, strip, to, about);
}

function cividis(share) {
  const at = Math.min(Math.max(share, 0), 1) * (CIVIDIS.length - 1);
  const below = Math.min(Math.floor(at), CIVIDIS.length - 2);
  return CIVIDIS[below].map((from, k) => from + (at - below) * (CIVIDIS[below + 1][k] - from));
}
