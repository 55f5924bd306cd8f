// The part "inside": the unrolled network, letter by letter, with every gate of every unit, and
// the heat map over all letters. Knows a model by `gates` and `config`, and inside.html's parts.

import { buttons, part, say } from "./asking.js";
import { drawHeatMap, element, visibleLetter } from "./drawing.js";
import { named, text } from "./texts.js";
import { drawUnit, drawUnits, nameOfSorting, sortings } from "./units.js";
import { drawNetwork } from "./unrolled.js";

const PACE = 900; // ms for a letter when it plays

// The view of the gates: show(letters, ids, label, answer) draws what the network does at these
// letters, `answer` being the lines of the answer at the end; draw() draws it again.
export function startInside(model) {
  return new Inside(model);
}

class Inside {
  constructor(model) {
    this.model = model;
    this.asked = null;
    this.found = []; // of each direction: {layer, values}
    this.direction = 0;
    this.gate = "";
    this.at = 0; // the chosen letter's place
    this.unit = null; // the chosen unit; the first of the table until somebody chooses
    this.sorting = "end";
    this.playing = 0;
    this.listen();
  }

  listen() {
    part("back").onclick = () => this.step(-1);
    part("on").onclick = () => this.step(1);
    part("play").onclick = () => (this.playing ? this.pause() : this.play());
    part("network").onkeydown = (event) => {
      const last = this.asked.letters.length - 1;
      const places = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: last };
      if (!(event.key in places)) return;
      event.preventDefault();
      this.go(places[event.key]);
    };
    part("sort").onchange = () => {
      this.sorting = part("sort").value;
      this.unit = null;
      this.draw();
    };
  }

  show(letters, ids, label = null, answer = []) {
    const isNew = letters.join("\u0000") !== this.asked?.letters.join("\u0000");
    this.asked = { letters, ids, label, answer };
    this.found = this.model.gates(ids, label);
    if (isNew) {
      this.at = letters.length - 1;
      this.pause();
    }
    this.draw();
  }

  // ---------------------------------------------------------------- stepping

  step(by) {
    this.pause();
    this.go(this.at + by);
  }

  go(place) {
    const last = this.asked.letters.length - 1;
    this.at = Math.max(0, Math.min(place, last));
    this.drawHere();
    say(part("at").textContent);
  }

  play() {
    const last = this.asked.letters.length - 1;
    if (this.at >= last) this.go(0);
    this.playing = setInterval(() => {
      this.go(this.at + 1);
      if (this.at >= this.asked.letters.length - 1) this.pause();
    }, PACE);
    this.drawPlayer();
  }

  pause() {
    clearInterval(this.playing);
    this.playing = 0;
    if (this.asked) this.drawPlayer();
  }

  // ---------------------------------------------------------------- drawing

  // The letter that the chosen direction read before one, or -1; and the one that it reads last.
  get reading() {
    const last = this.asked.letters.length - 1;
    if (!this.isBackwards) return { before: this.at - 1, last };
    return { before: this.at < last ? this.at + 1 : -1, last: 0 };
  }

  get isBackwards() {
    return this.found[this.direction].layer.endsWith("backwards");
  }

  draw() {
    if (!this.asked) return;
    const { layer, values } = this.found[this.direction];
    if (!(this.gate in values)) this.gate = Object.keys(values)[0];
    const layers = this.found.map((one) => one.layer);
    const chooseLayer = (_, place) => this.chooseDirection(place);
    buttons(part("directions"), layers, layer, chooseLayer, layers.map(named));
    const names = Object.keys(values);
    const chooseGate = (name) => {
      this.gate = name;
      this.draw();
    };
    buttons(part("gates"), names, this.gate, chooseGate, names.map(named));
    const ways = Object.keys(this.sortings());
    if (!ways.includes(this.sorting)) this.sorting = ways[0];
    const options = ways.map((key) => element("option", { value: key }, nameOfSorting(key)));
    part("sort").replaceChildren(...options);
    part("sort").value = this.sorting;
    this.drawHere();
  }

  chooseDirection(place) {
    this.direction = place;
    this.unit = null;
    this.draw();
  }

  sortings() {
    const { before, last } = this.reading;
    return sortings(this.found[this.direction].values, this.at, before, last);
  }

  // What belongs to the chosen letter.
  drawHere() {
    const { values } = this.found[this.direction];
    const by = this.sortings()[this.sorting];
    const order = Array.from(by.keys()).sort((a, b) => by[b] - by[a] || a - b);
    this.drawLetters();
    this.drawTable(order);
    drawHeatMap(part("map"), this.asked.letters, values[this.gate], order, this.gate, this.at);
    this.drawPlayer();
  }

  drawLetters() {
    const { letters, answer } = this.asked;
    const directions = this.found.map(({ layer, values }) => ({
      layer,
      change: changes(values["hidden state"], layer.endsWith("backwards")),
    }));
    const { readout } = this.model.config;
    const network = { letters, directions, at: this.at, chosen: this.direction, readout, answer };
    drawNetwork(part("network"), network, (place, direction) => {
      this.pause();
      this.at = place;
      if (direction === null || direction === this.direction) this.drawHere();
      else this.chooseDirection(direction);
    });
  }

  drawTable(order) {
    const { values } = this.found[this.direction];
    const chosen = this.unit ?? order[0];
    const kind = this.model.config.cell.replace("torch-", "");
    const here = { values, t: this.at, before: this.reading.before, order, chosen, kind };
    const cut = drawUnits(part("units"), here, (unit) => {
      this.unit = unit;
      this.drawTable(order);
    });
    part("units-cut").textContent = cut
      ? text("inside.units_cut", { shown: cut, all: order.length })
      : "";
    part("unit").textContent = text("inside.unit_at", {
      unit: chosen + 1,
      letter: visibleLetter(this.asked.letters[this.at]),
    });
    drawUnit(part("one"), here);
  }

  drawPlayer() {
    const { letters } = this.asked;
    part("back").disabled = this.at <= 0;
    part("on").disabled = this.at >= letters.length - 1;
    const sign = element("span", { ariaHidden: "true" }, this.playing ? "❚❚ " : "▶ ");
    part("play").replaceChildren(sign, text(this.playing ? "inside.pause" : "inside.play"));
    const place = this.at + 1;
    const step = this.isBackwards ? letters.length - this.at : place;
    const letter = visibleLetter(letters[this.at]);
    const said = [
      text("inside.at", { letter, place, all: letters.length }),
      text(this.isBackwards ? "inside.step_backwards" : "inside.step_forwards", { step }),
    ];
    part("at").textContent = said.join(" ");
  }
}

// How much the hidden state changes at each letter (T): the mean over the units.
function changes(hidden, isBackwards) {
  return hidden.map((h, t) => {
    const before = hidden[isBackwards ? t + 1 : t - 1];
    return h.reduce((sum, v, k) => sum + Math.abs(v - (before?.[k] ?? 0)), 0) / h.length;
  });
}
