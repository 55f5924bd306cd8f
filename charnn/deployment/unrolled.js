// The picture of the unrolled network: the letters, a box for each letter and direction, arrows of
// the hidden state between them, and the answer at the end. Knows numbers and elements, no model.

import { areWords, drawn, element, visibleLetter, wide } from "./drawing.js";
import { named, number, text } from "./texts.js";

const [LEFT, TOP, ROW, BOX] = [8, 46, 78, 40]; // px; a row has its name above its boxes
const [GAP, ANSWER] = [22, 140]; // px between boxes; of the answer's width

// `directions` are {layer, change (T)}, the lowest layer first; `at` is the chosen letter's place
// and `chosen` the chosen direction's. choose(letter, direction) is called for a click; a click on
// a letter leaves the direction as it is.
export function drawNetwork(place, network, choose) {
  const { letters, at } = network;
  const hadFocus = place.contains(document.activeElement);
  const scrolled = place.firstElementChild?.scrollLeft ?? 0;
  const layout = layoutOf(place, network);
  const picture = drawn("svg", {
    viewBox: `0 0 ${layout.width} ${layout.height}`,
    width: layout.width,
    height: layout.height,
    role: "group",
    "aria-label": text("inside.network"),
    class: "network",
  });
  picture.append(...readings(network, layout), ...answerOf(network, layout));
  network.directions.forEach((_, row) => picture.append(...rowOf(network, layout, row, choose)));
  picture.append(...letters.map((_, t) => letterOf(network, layout, t, choose)));
  const box = wide(picture, text("inside.network"));
  box.removeAttribute("tabindex"); // the letters in it have the focus, and scroll with it
  const note = { every: "predicts", last: "last", pooled: "pooled" }[network.readout];
  place.replaceChildren(box, element("p", { className: "quiet" }, text(`inside.${note}`)));
  if (hadFocus) place.querySelector('[tabindex="0"]').focus({ preventScroll: true });
  const [from, to] = [layout.x(at) - layout.column, layout.x(at) + layout.column];
  box.scrollLeft = Math.min(from, Math.max(scrolled, to - box.clientWidth));
  if (at > 0 && at === letters.length - 1) box.scrollLeft = box.scrollWidth; // the answer, too
}

function layoutOf(place, { letters, directions, readout }) {
  const least = areWords(letters) ? 110 : 62;
  const beside = LEFT + (readout === "every" ? 0 : ANSWER + GAP);
  const room = (place.clientWidth - beside) / letters.length;
  const column = Math.max(least, Math.min(110, room));
  const end = LEFT + Math.max(letters.length * column, 150); // a direction's name takes room too
  const bottom = TOP + directions.length * ROW + 4; // of the line that the boxes write on
  return {
    column,
    end,
    bottom,
    width: Math.max(place.clientWidth, end + beside - LEFT),
    height: bottom + (readout === "every" ? 18 : 8),
    boxWidth: column - GAP,
    x: (t) => LEFT + t * column + column / 2, // of a letter's middle
    y: (row) => TOP + row * ROW + 20, // of a box's top
  };
}

// Each letter goes into the boxes below it; those of the highest layer go on to the answer.
function readings({ letters, at, readout }, { x, bottom, y }) {
  const rows = Math.round((bottom - 4 - TOP) / ROW);
  const end = { last: y(rows - 1), pooled: bottom, every: bottom - 6 }[readout];
  return letters.map((_, t) =>
    drawn("path", { class: t === at ? "wire now" : "wire", d: `M${x(t)} 34V${end}` }),
  );
}

function answerOf(network, layout) {
  const { letters, readout, answer, directions } = network;
  const { end, bottom, x, y, boxWidth } = layout;
  if (readout === "every") {
    const next = letters.map((_, t) => {
      const letter = visibleLetter(letters[t + 1] ?? "\n");
      return drawn("text", { "text-anchor": "middle", x: x(t), y: bottom + 9 }, letter);
    });
    return next;
  }
  const left = end + GAP;
  const middle = (y(0) + y(directions.length - 1) + BOX) / 2;
  const box = [
    drawn("rect", { class: "answer", x: left, y: middle - 32, width: ANSWER, height: 64, rx: 8 }),
    ...inLines(answer, left + ANSWER / 2, middle),
  ];
  const up = `H${left + ANSWER / 2}V${middle + 40}`;
  const arrow = head(left + ANSWER / 2, middle + 33, "up");
  if (readout === "pooled") {
    const line = drawn("path", { class: "wire", d: `M${x(0)} ${bottom}${up}` });
    return [line, arrow, ...box];
  }
  const top = directions.length - (directions.at(-1).layer.endsWith("backwards") ? 2 : 1);
  const level = y(top) + BOX / 2;
  const from = x(letters.length - 1) + boxWidth / 2;
  const bend = Math.max(middle - 22, Math.min(middle + 22, level));
  const across = `M${from} ${level}H${left - 14}V${bend}H${left - 7}`;
  const parts = [drawn("path", { class: "wire", d: across }), head(left, bend, "right"), ...box];
  if (top === directions.length - 1) return parts;
  const start = `M${x(0)} ${y(top + 1) + BOX}V${bottom}`;
  return [...parts, drawn("path", { class: "wire", d: start + up }), arrow];
}

// A label and its probability, one below the other; a long label's beginning.
function inLines(answer, x, y) {
  return answer.map((line, k) => {
    const shown = line.length > 16 ? `${line.slice(0, 15)}…` : line;
    const lower = y + 5 + (k - (answer.length - 1) / 2) * 20;
    return drawn("text", { class: k ? "" : "said", "text-anchor": "middle", x, y: lower }, shown);
  });
}

// A direction's name, its boxes, and the arrows of the hidden state between them.
function rowOf({ letters, directions, at, chosen }, layout, row, choose) {
  const { x, y, boxWidth, column } = layout;
  const { layer, change } = directions[row];
  const isBackwards = layer.endsWith("backwards");
  const most = Math.max(...directions.flatMap((one) => [...one.change]), 1e-9);
  const arrowed = `${named(layer)} ${isBackwards ? "←" : "→"}`;
  const name = drawn("text", { class: "note", x: LEFT, y: y(row) - 7 }, arrowed);
  const boxes = letters.map((_, t) => {
    const isNow = t === at && row === chosen;
    const corner = { x: x(t) - boxWidth / 2, y: y(row), width: boxWidth, height: BOX, rx: 6 };
    const box = drawn("rect", { class: isNow ? "box now" : "box", ...corner });
    box.style.setProperty("--share", `${((50 * change[t]) / most).toFixed(1)}%`);
    const middle = { x: x(t), y: y(row) + BOX / 2 + 5, "text-anchor": "middle" };
    const made = drawn("g", { class: "step" }, box, drawn("text", middle, number(change[t], 2)));
    made.addEventListener("click", () => choose(t, row));
    return made;
  });
  const arrows = letters.slice(1).map((_, t) => {
    const [left, right] = [x(t) + boxWidth / 2, x(t) + column - boxWidth / 2];
    const level = y(row) + BOX / 2;
    const line = drawn("path", { class: "wire", d: `M${left} ${level}H${right}` });
    const tip = isBackwards ? head(left, level, "left") : head(right, level, "right");
    return drawn("g", {}, line, tip);
  });
  return [name, ...arrows, ...boxes];
}

// A letter, which is a button: the chosen one has the focus, and the arrow keys move it.
function letterOf({ letters, at }, { x, column }, t, choose) {
  const shown = visibleLetter(letters[t]);
  const width = Math.min(column - 6, areWords(letters) ? 104 : 44);
  const made = drawn(
    "g",
    {
      class: t === at ? "reads now" : "reads",
      role: "button",
      tabindex: t === at ? 0 : -1,
      "aria-pressed": t === at,
      "aria-label": text("inside.at", { letter: shown, place: t + 1, all: letters.length }),
    },
    drawn("rect", { x: x(t) - width / 2, y: 4, width, height: 32, rx: 6 }),
    drawn("text", { class: "letter", x: x(t), y: 26, "text-anchor": "middle" }, shown),
  );
  made.addEventListener("click", () => choose(t, null));
  return made;
}

// The tip of an arrow at (x, y).
function head(x, y, way) {
  const [dx, dy] = { right: [-7, 0], left: [7, 0], up: [0, 7] }[way];
  const [a, b] = [0.6, -0.6].map((side) => `L${x + dx + side * dy} ${y + dy + side * dx}`);
  return drawn("path", { class: "tip", d: `M${x} ${y}${a}${b}Z` });
}
