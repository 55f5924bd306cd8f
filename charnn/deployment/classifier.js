// A trained classifier: which label a text has, and what speaks against the answer.
// What charnn/inference/classifier.py computes, for one text at a time. L labels, T letters.

import { doubtsOf } from "./doubts.js";
import { isWord, UNKNOWN_SYMBOL } from "./letters.js";
import { Model } from "./model.js";
import { logSoftmax } from "./network.js";
import { Ngrams } from "./ngrams.js";
import { WordNgrams } from "./word_ngrams.js";

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

  // What speaks against the answer for a text: {unknown, unlikeTraining, severalWords}.
  doubts(text) {
    return doubtsOf(this, text);
  }

  // What each letter (or word) adds to each label's log-probability, in nats: T arrays (L). That
  // is what it loses when the letter becomes the unknown symbol, one letter at a time: Li, Monroe
  // and Jurafsky (2016), "Understanding neural networks through representation erasure".
  occlusion(text) {
    const symbols = this.read(text);
    return symbols.map((_, place) => this.occlusionAt(symbols, place));
  }

  // The same for one letter (L) of what `read` gives, whose answer may be known.
  occlusionAt(symbols, place, answer = this.logProbaOf(symbols)) {
    const hidden = symbols.map((symbol, t) => (t === place ? UNKNOWN_SYMBOL : symbol));
    let without = this.logProbaOf(hidden);
    // The n-grams ignore a hidden letter: it would favour the labels with few names. They have no
    // part in the shares, which a name without any known letter gets.
    if (this.ngrams instanceof Ngrams && this.knows(hidden)) {
      const { scale, letter } = this.ngrams;
      without = logSoftmax(without.map((value, l) => value - scale * letter[l]));
    }
    return answer.map((value, l) => value - without[l]);
  }

  // The labels with their probabilities, the most probable first.
  rank(logProbs) {
    const rows = this.labels.map((label, k) => ({ label, probability: Math.exp(logProbs[k]) }));
    return rows.sort((one, other) => other.probability - one.probability);
  }
}
