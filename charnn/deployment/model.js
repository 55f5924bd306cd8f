// What every trained model has: its labels, its symbols, how it reads a text, and its gates.
// The kinds are in classifier.js and generator.js. L labels, V symbols, T letters (or words).

import { ending, isWord, reader } from "./letters.js";
import { Network } from "./network.js";

const MOST = { letters: 10_000, words: 10_000_000 }; // characters of a text

export class Model {
  constructor(about, tensors, table) {
    this.about = about;
    this.config = { tokens: "letters", keep: "first", embedding: 0, ...about.config };
    this.labels = about.labels.map((label) => label.normalize("NFC"));
    this.symbols = [...about.symbols]; // the symbol with id i is symbols[i - 1]; id 0 is unknown
    this.idOf = new Map(this.symbols.map((symbol, place) => [symbol, place + 1]));
    this.normalise = reader(this.config, table);
    this.fingerprints = tensors.get("seen.train")?.values ?? new BigInt64Array(); // sorted
    this.network = new Network(this.config, tensors, this.symbols.length + 1, this.labels.length);
  }

  // A text as the network reads it: an array of letters or words. Throws an Error for a long one.
  read(text) {
    expect(typeof text === "string", `${JSON.stringify(text)} is no text.`);
    const most = MOST[this.config.tokens];
    const symbols = this.normalise(text);
    if (Math.max([...text].length, symbols.length) > most) {
      const limit = most.toLocaleString("en");
      throw new Error(`This text is too long: up to ${limit} characters are read.`);
    }
    return symbols;
  }

  // The ids of what was read; an empty text is one unknown symbol.
  ids(symbols) {
    const found = symbols.map((symbol) => this.id(symbol));
    return found.length ? found : [0];
  }

  id(symbol) {
    const rare = this.config.tokens === "words" ? this.idOf.get(ending(symbol)) : 0;
    return this.idOf.get(symbol) ?? rare ?? 0;
  }

  // Throws an Error for what is neither null nor a label's place.
  checkLabel(label) {
    const isPlace = Number.isInteger(label) && label >= 0 && label < this.labels.length;
    const sentence = `is no label's place; there are ${this.labels.length} labels.`;
    expect(label === null || isPlace, `${JSON.stringify(label)} ${sentence}`);
  }

  // Whether a letter or digit that the model knows is in what was read.
  knows(symbols) {
    return symbols.some((symbol) => isWord(symbol) && this.idOf.has(symbol));
  }

  // Log of the labels' shares in the training set (L), with one added to each count.
  logPrior() {
    const all = total(this.about.counts) + this.labels.length;
    return Float64Array.from(this.about.counts, (count) => Math.log((count + 1) / all));
  }

  // What each direction of each layer does at each of these ids: a list of {layer, values}, where
  // values has, by name ("update gate", "hidden state"), a list of T arrays (H).
  gates(ids, label = null) {
    return this.network.run(ids, label).flatMap((directions, layer) =>
      directions.map((steps, direction) => {
        const way = directions.length > 1 ? [", forwards", ", backwards"][direction] : "";
        const names = [...Object.keys(steps[0].gates), "hidden state"];
        const values = names.map((name) => [name, steps.map((step) => step.gates[name] ?? step.h)]);
        return { layer: `recurrent ${layer + 1}${way}`, values: Object.fromEntries(values) };
      }),
    );
  }
}

export function expect(condition, sentence) {
  if (!condition) throw new Error(sentence);
}

export function total(values) {
  return values.reduce((sum, value) => sum + value, 0);
}
