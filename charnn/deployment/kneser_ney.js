// The n-gram model of what comes next: what charnn/kneser_ney.py computes, for one text at a time.
// The equation stands there. V symbols, G n-grams.

import { fail, values } from "./model_file.js";
import { lowest, shapeOf } from "./ngram_counts.js";

export class KneserNey {
  // `scale` multiplies the log-probabilities. Throws an Error for tensors that do not fit.
  constructor(tensors, symbols, scale) {
    const row = (name, kind) => values(tensors, name, shapeOf(tensors, name), kind);
    this.codes = row("ngrams.codes", "I64");
    this.counts = row("ngrams.counts", "I32");
    this.discounts = row("ngrams.discounts", "F64");
    this.starts = [0]; // of the n-grams of each length
    for (const size of row("ngrams.sizes", "I64")) {
      this.starts.push(this.starts.at(-1) + Number(size));
    }
    this.order = this.starts.length - 1;
    const whole = this.starts.at(-1) === this.codes.length && this.order > 0;
    const pairs = this.counts.length === this.codes.length;
    if (!whole || !pairs || this.discounts.length !== 4 * this.order) {
      fail("has n-grams that do not belong together");
    }
    this.symbols = symbols;
    this.base = BigInt(symbols + 1);
    this.scale = scale;
  }

  // scale * log p(c | h) of all symbols (V) after those that were `read`: ids counted from 1, the
  // last one last. `label` is a place, null where there are no labels.
  scores(read, label) {
    return this.probabilities(read, label ?? 0).map((p) => this.scale * Math.log(p));
  }

  probabilities(read, label) {
    const found = new Float64Array(this.symbols).fill(1 / this.symbols);
    let context = BigInt(label + 1); // a label is read before all letters
    let rest = 0n; // the letters alone
    let power = 1n;
    for (let length = 0; length < this.order; length++) {
      if (length) {
        if (length > read.length) break;
        rest += BigInt(read.at(-length)) * power;
        power *= this.base;
        context = BigInt(label + 1) * power + rest;
      }
      const [start, stop] = [this.starts[length], this.starts[length + 1]];
      const first = lowest(this.codes, context * this.base, start, stop);
      const last = lowest(this.codes, (context + 1n) * this.base, first, stop);
      if (first === last) break;
      this.sharpen(found, first, last, this.discounts.subarray(4 * length, 4 * length + 4));
    }
    return found;
  }

  // From the probabilities after a shorter context to those after a longer one, whose n-grams are
  // from `first` to `last`.
  sharpen(found, first, last, discounts) {
    let seen = 0;
    let taken = 0;
    for (let place = first; place < last; place++) {
      seen += this.counts[place];
      taken += discounts[Math.min(this.counts[place], 3)];
    }
    for (let id = 0; id < found.length; id++) found[id] *= taken / seen;
    for (let place = first; place < last; place++) {
      const id = Number(this.codes[place] % this.base) - 1;
      found[id] += (this.counts[place] - discounts[Math.min(this.counts[place], 3)]) / seen;
    }
  }
}
