// A trained model in JavaScript: from the bytes of a model file to labels, scores and new names.
//
// load(bytes, table) gives a Classifier or a Generator that answers as charnn.load(path) does in
// Python: log-probabilities within 1e-4. `table` is the text of ascii.txt. Knows no page: it runs
// in a browser, in a worker and in node. L labels, V symbols, T letters (or words).

import { ending, isWord, reader, visible } from "./letters.js";
import { fail, isListOf, readFile } from "./model_file.js";
import { Network, logSoftmax, logSumExp } from "./network.js";
import { Ngrams } from "./ngrams.js";
import { WordNgrams } from "./word_ngrams.js";

const MOST = { letters: 10_000, words: 10_000_000 }; // characters of a text
const OF_RUNNING_TEXT = 500; // characters that are written of a running text
const NEWLINE = "\n"; // read before the first letter; the end of a name

// The model of a file's bytes (a Uint8Array). Throws an Error, in words, for a damaged file.
export function load(bytes, table = "") {
  expect(bytes instanceof Uint8Array, "The model file is not given as a Uint8Array.");
  const { about, tensors } = readFile(bytes);
  const kind = { classify: Classifier, generate: Generator }[about.task];
  if (!kind) fail(`is of the task ${about.task}, which is no model's`);
  const isText = (value) => typeof value === "string";
  const { config, symbols, labels, counts } = about;
  const whole =
    (isText(symbols) || isListOf(symbols, isText)) &&
    isListOf(labels, isText) &&
    isListOf(counts, Number.isInteger) &&
    counts.length === labels.length &&
    config?.layers >= 1 &&
    (about.temperature > 0 || about.task === "generate");
  if (!whole) fail("lacks its configuration, symbols, labels or temperature");
  return new kind(about, tensors, table);
}

class Model {
  constructor(about, tensors, table) {
    this.about = about;
    this.config = { tokens: "letters", keep: "first", embedding: 0, ...about.config };
    this.labels = about.labels.map((label) => label.normalize("NFC"));
    this.symbols = [...about.symbols]; // the symbol with id i is symbols[i - 1]; id 0 is unknown
    this.idOf = new Map(this.symbols.map((symbol, place) => [symbol, place + 1]));
    this.normalise = reader(this.config, table);
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

// ---------------------------------------------------------------- a classifier

export class Classifier extends Model {
  constructor(about, tensors, table) {
    super(about, tensors, table);
    const { config, labels } = this;
    const scale = (about.ngram_share ?? 0) / about.temperature;
    if (config.ngrams && config.tokens === "words") {
      this.ngrams = new WordNgrams(tensors, labels.length, config.ngrams, scale);
    } else if (config.ngrams) {
      const isNatural = config.sampling === "natural";
      const prior = isNatural ? this.logPrior() : new Float64Array(labels.length);
      const symbols = this.symbols.length + 1;
      this.ngrams = new Ngrams(tensors, about.counts, prior, symbols, config.ngrams, scale);
    }
  }

  // Log-probabilities (L) of the labels for a text.
  logProba(text) {
    return this.logProbaOf(this.read(text));
  }

  // Probabilities (L) after each letter or word of a text: T arrays, at least one.
  beliefs(text) {
    const symbols = this.read(text);
    const ends = symbols.length ? symbols.map((_, place) => place + 1) : [0];
    return ends.map((end) => this.logProbaOf(symbols.slice(0, end)).map(Math.exp));
  }

  // The same for what `read` gives; the labels' shares where no letter of it is known.
  logProbaOf(symbols) {
    const ids = this.ids(symbols);
    if (!ids.some((id) => id && isWord(this.symbols[id - 1]))) return this.logPrior();
    const others = this.ngrams?.scores(this.config.tokens === "words" ? symbols : ids);
    return this.network.classify(ids, others);
  }

  // The labels with their probabilities, the most probable first.
  rank(logProbs) {
    const rows = this.labels.map((label, k) => ({ label, probability: Math.exp(logProbs[k]) }));
    return rows.sort((one, other) => other.probability - one.probability);
  }
}

// ---------------------------------------------------------------- a generator

export class Generator extends Model {
  constructor(about, tensors, table) {
    super(about, tensors, table);
    this.writesNames = about.reads === "names";
    this.newline = this.idOf.get(NEWLINE);
    if (!this.newline) fail("lacks the newline among its symbols, which starts a name");
    // Running text is read as it is written, with white space around it.
    if (!this.writesNames) this.normalise = (text) => [...visible(text)];
  }

  // Bits per character of a text, the end of a name counted. Without a label's place, under the
  // mixture of all labels. Throws an Error where there is nothing to score.
  score(text, label = null) {
    const bits = this.bitsPerLetter(text, label).map((row) => row.bits);
    return total(bits) / bits.length;
  }

  // Each letter as the network reads it, with its bits given those before it: {letter, bits}.
  bitsPerLetter(text, label = null) {
    const symbols = this.read(text);
    const ids = this.ids(symbols);
    const logs = this.scoredUnder(label).map((one) => this.logProbsOfLetters(ids, one));
    return this.bitsOf(symbols, logs);
  }

  // The labels' places under which a text is scored: one, or all of them where none is given.
  scoredUnder(label) {
    this.checkLabel(label);
    return label === null && this.labels.length ? [...this.labels.keys()] : [label];
  }

  // The same for what `read` gives and its log-probabilities (T + 1) under each of those labels.
  bitsOf(symbols, logs) {
    const scored = this.writesNames ? [...symbols, NEWLINE] : symbols;
    expect(scored.length, "An empty text has no letter to score.");
    let [row] = logs;
    if (logs.length > 1) {
      // Under the mixture: log P(letters so far), and what each letter adds to it.
      const prior = this.logPrior();
      const soFar = logs.map((one, k) => runningSum(one, prior[k]));
      const mixed = row.map((_, t) => logSumExp(soFar.map((one) => one[t])));
      row = mixed.map((value, t) => value - (t ? mixed[t - 1] : 0));
    }
    return scored.map((letter, t) => ({ letter, bits: -row[t] / Math.LN2 }));
  }

  // Log-probabilities (T + 1) of each letter after a newline, and of the newline that ends a name.
  logProbsOfLetters(ids, label) {
    let before = this.newline;
    let states = null;
    return [...ids, this.newline].map((id) => {
      const after = this.network.next(before, label, states);
      states = after.states;
      before = id;
      return after.logProbs[id];
    });
  }

  // A new text: {text, label, bitsPerChar, ended}. `label` is a place, by default one drawn by its
  // share; a name ends by itself or after `length` letters. Temperature 0 takes the most probable
  // letter; topK and topP draw from the most probable alone. The same seed gives the same text.
  // Throws an Error for a letter of the prefix that the model does not know.
  write(options = {}) {
    const { label = null, prefix = "", temperature = 1, topK = null, topP = null } = options;
    this.checkLabel(label);
    expect(temperature >= 0, `The temperature ${temperature} is no number from 0 on.`);
    expect(topK === null || (Number.isInteger(topK) && topK > 0), `top-k ${topK} is less than 1.`);
    expect(topP === null || (topP > 0 && topP <= 1), `top-p ${topP} is not above 0 and up to 1.`);
    const start = this.readPrefix(prefix);
    const usual = this.writesNames ? this.config.max_length : OF_RUNNING_TEXT;
    const most = options.length ?? Math.max(usual, start.length + 1);
    const random = randomFrom(options.seed ?? Math.floor(Math.random() * 2 ** 32));
    const chosen = this.labels.length && label === null ? draw(this.logPrior(), random) : label;
    let states = null;
    let after = null;
    const feed = (id) => {
      after = this.network.next(id, chosen, states);
      states = after.states;
    };
    [this.newline, ...start.map((letter) => this.id(letter))].forEach(feed);
    const written = [...start];
    let [nats, drawn, ended] = [0, 0, false];
    while (written.length < most && !ended) {
      const logits = narrow(after.logProbs, temperature, topK, topP);
      const id = draw(logits, random);
      nats -= after.logProbs[id];
      drawn++;
      ended = this.writesNames && id === this.newline;
      if (!ended) {
        written.push(this.symbols[id - 1]);
        feed(id);
      }
    }
    const bitsPerChar = nats / Math.LN2 / Math.max(drawn, 1);
    return { text: written.join(""), label: this.labels[chosen] ?? null, bitsPerChar, ended };
  }

  readPrefix(prefix) {
    const letters = this.read(prefix);
    const unknown = [...new Set(letters.filter((letter) => !this.idOf.has(letter)))];
    if (unknown.length) {
      throw new Error(`The model does not know ${unknown.join(" ")}; leave it out.`);
    }
    return letters;
  }
}

// Logits to draw from, as `narrow` in charnn/inference/sampling.py; -Infinity for what is left out.
// The unknown symbol is never drawn.
export function narrow(logProbs, temperature = 1, topK = null, topP = null) {
  const logits = logProbs.map((value, id) => (id ? value / (temperature || 1) : -Infinity));
  const order = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
  let kept = temperature === 0 ? 1 : Math.min(topK ?? Infinity, order.length);
  if (topP !== null) {
    const top = logSoftmax(order.slice(0, kept).map((id) => logits[id])).map(Math.exp);
    let before = 0;
    // A symbol stays while the more probable ones together have less than topP.
    kept = Math.max(1, top.filter((p) => (before += p) - p < topP).length);
  }
  const left = new Set(order.slice(0, kept));
  return logits.map((value, id) => (left.has(id) ? value : -Infinity));
}

// A place, with the probabilities of the softmax of logits: the largest one with Gumbel noise.
function draw(logits, random) {
  const noisy = Array.from(logits, (logit) => logit - Math.log(-Math.log(random())));
  return noisy.reduce((best, value, place) => (value > noisy[best] ? place : best), 0);
}

// Random numbers between 0 and 1, from a seed: mulberry32, by Tommy Ettinger.
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

function expect(condition, sentence) {
  if (!condition) throw new Error(sentence);
}

function total(values) {
  return values.reduce((sum, value) => sum + value, 0);
}

function runningSum(values, start) {
  let sum = start;
  return values.map((value) => (sum += value));
}
