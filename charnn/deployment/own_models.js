// Classifiers of somebody's own beside the page's: what each says of the typed text, and what its
// gates do at each letter. The files stay in the browser. Knows classifiers, and compare.html.

import { SHOWN, part, say } from "./asking.js";
import { Classifier } from "./classifier.js";
import { drawBars, element, visibleLetter } from "./drawing.js";
import { load } from "./engine.js";
import { named, number, percent, text, troubleOf } from "./texts.js";

const BARS = 5; // labels of each model
const LARGEST = 2 ** 28; // bytes of a file that a page reads

// The view of models: add(file), and show(typed), what they say of a text.
export function startOwnModels(own, table) {
  const models = [{ name: null, model: own }];
  let typed = "";
  const add = async (file) => {
    if (file.size > LARGEST) throw new Error("The model file is too large for a page.");
    const model = load(new Uint8Array(await file.arrayBuffer()), table);
    if (!(model instanceof Classifier)) {
      throw new Error("The model file holds a generator; give a classifier.");
    }
    models.push({ name: file.name, model });
    say(text("compare.added", { name: file.name }));
    list();
    show(typed);
  };
  const remove = (one) => {
    models.splice(models.indexOf(one), 1);
    list();
    show(typed);
    (part("own-models").querySelector("button") ?? part("own-file")).focus();
  };
  const list = () => {
    const items = models.slice(1).map((one) => {
      const button = element("button", { type: "button" }, `${one.name} ×`);
      button.setAttribute("aria-label", text("compare.remove", { name: one.name }));
      button.addEventListener("click", () => remove(one));
      return element("li", {}, button);
    });
    part("own-models").replaceChildren(...items);
  };
  const show = (asked) => {
    typed = asked;
    const some = models.length > 1 && asked.trim() !== "";
    part("beside-about").hidden = !some;
    part("beside").replaceChildren(...(some ? models.map((one) => columnOf(one, asked)) : []));
  };
  return {
    add,
    show,
    draw: () => {
      list();
      show(typed);
    },
  };
}

// A model's answer and its gates. What is wrong with a text may be wrong for one of them alone.
function columnOf({ name, model }, typed) {
  const { cell, hidden, layers } = model.config;
  const about = text("compare.model", { cell: cell.toUpperCase(), hidden, layers });
  const column = element("div", {}, element("h3", {}, name ?? text("compare.this_page")));
  column.append(element("p", { className: "quiet" }, `${about}; ${accuracyOf(model)}`));
  try {
    const symbols = model.read(typed);
    if (!model.knows(symbols)) {
      column.append(element("p", {}, text("compare.unknown")));
      return column;
    }
    const bars = element("ol", { className: "bars" });
    drawBars(bars, model.rank(model.logProbaOf(symbols)).slice(0, BARS));
    column.append(bars, gatesOf(model, symbols.slice(0, SHOWN), name ?? text("compare.this_page")));
  } catch (error) {
    column.append(element("p", { className: "trouble" }, troubleOf(error)));
  }
  return column;
}

function accuracyOf(model) {
  const accuracy = model.about.figures?.test?.accuracy;
  return text("compare.accuracy", { value: accuracy === undefined ? "–" : percent(accuracy) });
}

// The mean of each gate and state over the units, at each letter, with a bar as long as it is.
function gatesOf(model, symbols, name) {
  const cells = (texts) => texts.map((one) => element("th", { scope: "col" }, one));
  const letters = symbols.map(visibleLetter);
  const head = element("tr", {}, element("td"), ...cells(letters));
  const bodies = model.gates(model.ids(symbols)).map(({ layer, values }) => {
    const heading = element("th", { scope: "rowgroup", colSpan: letters.length + 1 }, named(layer));
    const rows = Object.entries(values).map(([gate, steps]) =>
      element("tr", {}, element("th", { scope: "row" }, named(gate)), ...steps.map(meanCell)),
    );
    return element("tbody", {}, element("tr", { className: "layer" }, heading), ...rows);
  });
  const caption = element("caption", { className: "apart" }, text("compare.gates", { name }));
  const table = element("table", { className: "means" }, caption, element("thead", {}, head));
  table.append(...bodies);
  const box = element("div", { className: "wide", tabIndex: 0 }, table);
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", text("compare.gates", { name }));
  return box;
}

function meanCell(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const bar = element("span", { className: "bar", ariaHidden: "true" });
  bar.style.width = `${Math.min(100 * Math.abs(mean), 100)}%`;
  return element("td", { className: mean < 0 ? "below" : "" }, number(mean, 2), bar);
}
