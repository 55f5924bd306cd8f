// A trained generator: new texts, letter by letter, and how surprising each letter of a text is.
// What charnn/inference/generator.py computes, for one text at a time. L labels, V symbols,
// T letters.

import { visible } from "./letters.js";
import { KneserNey } from "./kneser_ney.js";
import { Model, expect, total } from "./model.js";
import { fail } from "./model_file.js";
import { logSoftmax, logSumExp } from "./network.js";
import { draw, narrow, randomFrom } from "./sampling.js";

const OF_RUNNING_TEXT = 500; // characters that are written of a running text
const NEWLINE = "\n"; // read before the first letter; the end of a name

export class Generator extends Model {
  constructor(about, tensors, table) {
    super(about, tensors, table);
    const ofLetters = this.config.tokens === "letters";
    expect(ofLetters, "This generator writes words; a page writes letters alone.");
    this.writesNames = about.reads === "names";
    this.newline = this.idOf.get(NEWLINE);
    if (!this.newline) fail("lacks the newline among its symbols, which starts a name");
    if (this.config.ngrams) {
      const scale = (about.ngram_share ?? 0) / (about.temperature ?? 1);
      this.ngrams = new KneserNey(tensors, this.symbols.length + 1, scale);
    }
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
    let after = this.next(this.newline, label);
    return [...ids, this.newline].map((id) => {
      const logProb = after.logProbs[id];
      after = this.next(id, label, after);
      return logProb;
    });
  }

  // What comes after one more symbol: {logProbs (V), states, read}, from what came after the one
  // before: the network's answer, in a product with that of the n-grams if there are any.
  next(id, label, before = null) {
    const after = this.network.next(id, label, before?.states);
    if (!this.ngrams) return after;
    const read = [...(before?.read ?? []), id + 1].slice(-this.ngrams.order);
    const scores = this.ngrams.scores(read, label);
    const logProbs = logSoftmax(after.logProbs.map((value, k) => value + scores[k]));
    return { logProbs, states: after.states, read };
  }

  // A new text: {text, label, bitsPerChar, ended, letters}, with the letters as `writing` gives
  // them. Bits per character are those of what was drawn, the prefix not among it, and always those
  // at temperature 1.
  write(options = {}) {
    const { label, letters } = this.writing(options);
    return this.written(label, [...letters]);
  }

  // What `write` gives, of letters that were written.
  written(label, letters) {
    const drawn = letters.filter((row) => !row.given);
    const bitsPerChar = total(drawn.map((row) => row.bits)) / Math.max(drawn.length, 1);
    const ended = this.writesNames && letters.at(-1)?.letter === NEWLINE;
    const text = letters.map((row) => row.letter).join("");
    const name = this.labels[label] ?? null;
    return { text: ended ? text.slice(0, -1) : text, label: name, bitsPerChar, ended, letters };
  }

  // A new text letter by letter: {label, letters}, where `letters` gives {letter, bits, given} one
  // after the other, the prefix first (given), and of a name that ended its end. `label` is a
  // place, by default one drawn by its share; a name ends by itself or after `length` letters.
  // Temperature 0 takes the most probable letter; topK and topP draw from the most probable alone.
  // The same seed gives the same text. Throws an Error for a letter of the prefix that the model
  // does not know.
  writing(options = {}) {
    const { label = null, prefix = "" } = options;
    this.checkLabel(label);
    checkSampling(options);
    const start = this.readPrefix(prefix);
    const usual = this.writesNames ? this.config.max_length : OF_RUNNING_TEXT;
    const most = options.length ?? Math.max(usual, start.length + 1);
    const random = randomFrom(options.seed ?? Math.floor(Math.random() * 2 ** 32));
    const chosen = this.labels.length && label === null ? draw(this.logPrior(), random) : label;
    return { label: chosen, letters: this.lettersOf(start, chosen, most, random, options) };
  }

  *lettersOf(start, label, most, random, { temperature = 1, topK = null, topP = null }) {
    let after = this.next(this.newline, label);
    for (let place = 0; place < most; place++) {
      const given = place < start.length;
      const logits = given ? null : narrow(after.logProbs, temperature, topK, topP);
      const id = given ? this.id(start[place]) : draw(logits, random);
      yield { letter: this.symbols[id - 1], bits: -after.logProbs[id] / Math.LN2, given };
      if (!given && this.writesNames && id === this.newline) return;
      after = this.next(id, label, after);
    }
  }

  // What could come after a prefix: a list of {letter, probability}, the most probable first,
  // without those that top-k and top-p leave out. Together they have the probability 1.
  nextLetters(options = {}) {
    const { label = null, prefix = "", temperature = 1, topK = null, topP = null } = options;
    this.checkLabel(label);
    checkSampling(options);
    const isGiven = label !== null || this.labels.length < 2;
    expect(isGiven, "The next letter depends on the label; choose one of the labels.");
    const given = label ?? (this.labels.length ? 0 : null);
    let after = this.next(this.newline, given);
    for (const letter of this.readPrefix(prefix)) {
      after = this.next(this.id(letter), given, after);
    }
    const logProbs = logSoftmax(narrow(after.logProbs, temperature, topK, topP));
    return this.symbols
      .map((letter, place) => ({ letter, probability: Math.exp(logProbs[place + 1]) }))
      .filter((row) => row.probability > 0)
      .sort((one, other) => other.probability - one.probability);
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

function runningSum(values, start) {
  let sum = start;
  return values.map((value) => (sum += value));
}

// Throws an Error for a temperature, top-k or top-p out of range.
function checkSampling({ temperature = 1, topK = null, topP = null }) {
  expect(temperature >= 0, `The temperature ${temperature} is no number from 0 on.`);
  expect(topK === null || (Number.isInteger(topK) && topK > 0), `top-k ${topK} is less than 1.`);
  expect(topP === null || (topP > 0 && topP <= 1), `top-p ${topP} is not above 0 and up to 1.`);
}
