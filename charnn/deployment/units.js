// What every unit of one direction does at one letter, as a table, and one unit in numbers: what
// came in, what was kept of before, and what is shown. Knows values by name as the engine gives
// them ("update gate", "hidden state"), and no model. T letters, H hidden.

import { cividis, element } from "./drawing.js";
import { named, number, text } from "./texts.js";

const MOST_UNITS = 256; // rows of the table
const STATE = { lstm: "cell state" }; // what a cell keeps from letter to letter, if not h

// The values of one unit at letter t, by the names of the columns.
// `before` is the letter's place that was read before, or -1.
export function valuesAt(values, t, before, unit) {
  const hidden = values["hidden state"];
  const old = before < 0 ? 0 : hidden[before][unit];
  const found = { before: old };
  for (const [name, rows] of Object.entries(values)) found[name] = rows[t][unit];
  return { ...found, change: found["hidden state"] - old };
}

// How units can be sorted, by key: each gives the number (H) by which, the largest first.
export function sortings(values, t, before, last) {
  const hidden = values["hidden state"];
  const mean = (rows) => (_, unit) => rows.reduce((sum, row) => sum + row[unit], 0) / rows.length;
  const old = (unit) => (before < 0 ? 0 : hidden[before][unit]);
  const found = {
    end: hidden[last],
    here: hidden[t],
    change: hidden[t].map((value, unit) => Math.abs(value - old(unit))),
  };
  for (const [name, rows] of Object.entries(values)) {
    if (name.endsWith("gate")) found[name] = hidden[t].map(mean(rows));
  }
  found.number = hidden[t].map((_, unit) => -unit);
  return found;
}

export function nameOfSorting(key) {
  if (key.endsWith("gate")) return text("inside.sort_mean", { gate: named(key) });
  return text(`inside.sort_${key}`);
}

// The table: units in this order, at letter t. choose(unit) is called for a click on a row, and
// the arrow keys move from row to row.
export function drawUnits(place, { values, t, before, order, chosen }, choose) {
  const hadFocus = place.contains(document.activeElement) && document.activeElement !== place;
  const scrolled = place.scrollTop;
  const names = Object.keys(valuesAt(values, t, before, 0));
  const size = (name) => sizeOf(values[name] ?? values["hidden state"]);
  const sizes = Object.fromEntries(names.map((name) => [name, size(name)]));
  const head = names.map((name) =>
    element("th", { scope: "col" }, named(name), element("small", {}, roleOf(name))),
  );
  const rows = order.slice(0, MOST_UNITS).map((unit) => {
    const found = valuesAt(values, t, before, unit);
    const button = element("button", { type: "button" }, String(unit + 1));
    button.tabIndex = unit === chosen ? 0 : -1;
    button.ariaPressed = String(unit === chosen);
    button.ariaLabel = text("inside.unit", { unit: unit + 1 });
    const cells = names.map((name) => cellOf(name, found[name], sizes[name]));
    const row = element("tr", {}, element("th", { scope: "row" }, button), ...cells);
    row.dataset.unit = unit + 1;
    if (unit === chosen) row.className = "now";
    row.onclick = () => choose(unit);
    return row;
  });
  const corner = element("th", { scope: "col" }, text("inside.unit_number"));
  const body = element("tbody", {}, ...rows);
  const top = element("thead", {}, element("tr", {}, corner, ...head));
  const table = element("table", {}, top, body);
  body.onkeydown = (event) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = order[order.indexOf(chosen) + way];
    if (!way || next === undefined || order.indexOf(next) >= MOST_UNITS) return;
    event.preventDefault();
    choose(next);
  };
  place.replaceChildren(table);
  place.scrollTop = scrolled;
  if (hadFocus) place.querySelector("tr.now button")?.focus();
  return order.length > MOST_UNITS ? MOST_UNITS : 0;
}

function sizeOf(rows) {
  return rows.reduce((most, row) => row.reduce((top, v) => Math.max(top, Math.abs(v)), most), 1);
}

// A value in its colour: a gate from 0 to 1, all else around 0.
function cellOf(name, value, size) {
  const share = name.endsWith("gate") ? value : (value / size + 1) / 2;
  const colour = cividis(share);
  const cell = element("td", { title: value.toPrecision(6) }, number(value, 2));
  cell.dataset.name = name;
  cell.dataset.value = value.toPrecision(8);
  cell.style.background = `rgb(${colour.map(Math.round).join(" ")})`;
  // White on dark and black on light, whichever is told from it more easily.
  cell.style.color = colour[0] * 0.3 + colour[1] * 0.59 + colour[2] * 0.11 < 117 ? "#fff" : "#000";
  return cell;
}

function roleOf(name) {
  return text(`inside.role_${name.replaceAll(" ", "_")}`);
}

// One unit at letter t in numbers: how its new state comes about.
export function drawUnit(place, { values, t, before, chosen, kind }) {
  const found = valuesAt(values, t, before, chosen);
  const state = STATE[kind.split("-")[0]] ?? "hidden state";
  const old = before < 0 ? 0 : values[state][before][chosen];
  const rows = equations(kind, found, old).map(([what, sum, result]) =>
    element(
      "div",
      {},
      element("dt", {}, text(`inside.${what}`)),
      element("dd", {}, sum, element("b", {}, ` = ${three(result)}`)),
    ),
  );
  const numbers = Object.entries(found).map(([name, value]) => {
    const shown = element("td", { className: "number" }, three(value));
    shown.dataset.name = name;
    return element("tr", {}, element("th", { scope: "row" }, named(name)), shown);
  });
  const table = element("table", { className: "one" }, element("tbody", {}, ...numbers));
  place.replaceChildren(element("dl", { className: "sums" }, ...rows), table);
}

function equations(kind, found, old) {
  const times = (one, other) => `${three(one)} × ${three(other)}`;
  const candidate = found.candidate;
  const hidden = found["hidden state"];
  if (kind.includes("lstm")) {
    const [i, f, o] = ["input gate", "forget gate", "output gate"].map((name) => found[name]);
    const cell = found["cell state"];
    return [
      ["came_in_lstm", times(i, candidate), i * candidate],
      ["kept_lstm", times(f, old), f * old],
      ["forgotten_lstm", times(1 - f, old), (1 - f) * old],
      ["cell_lstm", `${three(i * candidate)} + ${three(f * old)}`, cell],
      ["shown_lstm", `${three(o)} × tanh ${three(cell)}`, hidden],
    ];
  }
  if (kind.includes("gru")) {
    const z = found["update gate"];
    return [
      ["came_in_gru", times(1 - z, candidate), (1 - z) * candidate],
      ["kept_gru", times(z, old), z * old],
      ["forgotten_gru", times(1 - z, old), (1 - z) * old],
      ["shown_gru", `${three((1 - z) * candidate)} + ${three(z * old)}`, hidden],
    ];
  }
  return [["shown_rnn", `${three(old)} + ${three(hidden - old)}`, hidden]];
}

function three(value) {
  const shown = number(Math.abs(value), 3);
  return value < 0 ? `−${shown}` : shown;
}
