// Letter n-gram models, one for each label: what charnn/ngrams.py computes, for one name.
//
// The file holds how often each n-gram occurs in each label's names. Of these only the n-grams of
// the names that are asked for are weighed, each once; the equations stand in ngrams.py.
// G n-grams, L labels.

import { fail, values } from "./model_file.js";

const SMOOTHING = 20;

export class Ngrams {
  // counts (L): names of each label; prior (L): the labels' log-probabilities before a letter.
  constructor(tensors, counts, prior, symbols, order, scale) {
    this.codes = values(tensors, "ngrams.codes", shapeOf(tensors, "ngrams.codes"), "I64");
    this.entries = values(tensors, "ngrams.entries", shapeOf(tensors, "ngrams.entries"), "I32");
    this.counts = values(tensors, "ngrams.counts", [this.entries.length], "I32");
    this.names = Float64Array.from(counts);
    this.prior = prior;
    this.end = symbols + 1; // the digit of both ends; a letter's is its id + 1
    this.base = BigInt(symbols + 2);
    this.order = longestOrder(order, this.base);
    this.scale = scale;
    this.weighed = new Map(); // by place in codes
    this.prepare();
  }

  // scale * log P(name, label), (L), of a name's ids.
  scores(ids) {
    const pad = Array(this.order - 1).fill(this.end);
    const digits = [...pad, ...ids.map((id) => id + 1), ...pad];
    const sum = new Float64Array(this.names.length);
    for (let length = 1; length <= this.order; length++) {
      // From the first n-gram with a letter in it to the last one.
      for (let first = this.order - length; first < this.order - 1 + ids.length; first++) {
        const found = this.weigh(digits.slice(first, first + length));
        if (found.row) add(sum, found.row);
      }
    }
    add(sum, this.ends);
    const letters = ids.length;
    return sum.map((score, l) => this.scale * (score + letters * this.letter[l] + this.prior[l]));
  }

  // What the empty n-gram has, what an n-gram without letters has, and what every letter and every
  // name adds.
  prepare() {
    const a = SMOOTHING;
    const letters = new Float64Array(this.names.length);
    for (let place = 0; place < this.codes.length && this.codes[place] < this.base; place++) {
      add(letters, this.countsOf(place));
    }
    const symbols = Number(this.base) - 1; // the unknown symbol and an end are among them
    const uniform = letters.map(() => 1 / symbols);
    const all = letters.map((n, l) => n + this.names[l]);
    const end = this.names.map((n, l) => (n + a / symbols) / (all[l] + a));
    this.empty = { counts: all, forward: uniform, backward: uniform };
    this.onlyEnds = { counts: this.names, forward: end, backward: end };
    // In 32 bits, as in Python: of a long name it makes a difference.
    this.letter = all.map((n) => Math.fround(Math.log(1 / symbols) - Math.log1p(n / a)));
    this.ends = this.letter.map((letter, l) =>
      Math.fround(
        letter +
          Math.log1p((this.names[l] * symbols) / a) -
          (this.order - 1) * Math.log1p(this.names[l] / a),
      ),
    );
  }

  // An n-gram's counts (L), the probabilities (L) of its last symbol given those before and of its
  // first given those after, and the row (L) that it adds; without a row where it is not known.
  weigh(digits) {
    if (!digits.length) return this.empty;
    const place = this.find(digits);
    if (place < 0) return this.onlyEnds;
    if (!this.weighed.has(place)) this.weighed.set(place, this.weighAt(place, digits));
    return this.weighed.get(place);
  }

  weighAt(place, digits) {
    const a = SMOOTHING;
    const prefix = this.weigh(digits.slice(0, -1));
    const suffix = this.weigh(digits.slice(1));
    const { predictsLast, predictsFirst, contexts } = this.roles(digits);
    const counts = this.countsOf(place);
    const row = Float32Array.from(counts, (n, l) => {
      let sum = predictsLast ? Math.log1p(n / (a * suffix.forward[l])) : 0;
      if (predictsFirst) sum += Math.log1p(n / (a * prefix.backward[l]));
      if (digits.length < this.order) sum -= contexts * Math.log1p(n / a);
      return sum / 2;
    });
    return {
      counts,
      row,
      forward: counts.map((n, l) => (n + a * suffix.forward[l]) / (prefix.counts[l] + a)),
      backward: counts.map((n, l) => (n + a * prefix.backward[l]) / (suffix.counts[l] + a)),
    };
  }

  // Whether an n-gram predicts its last symbol and its first, and of how many it is the context.
  roles(digits) {
    const isLetter = digits.map((digit) => digit !== this.end);
    const [first, second] = isLetter;
    const last = isLetter.at(-1);
    const alone = digits.length === 1;
    return {
      predictsLast: last || alone || isLetter.at(-2),
      predictsFirst: first || alone || second,
      contexts: Number(last) + Number(first),
    };
  }

  // The place of an n-gram in the table, or -1.
  find(digits) {
    const code = digits.reduce((sum, digit) => sum * this.base + BigInt(digit), 0n);
    const place = lowest(this.codes, code);
    return this.codes[place] === code ? place : -1;
  }

  // How often the n-gram at a place occurs in each label's names (L).
  countsOf(place) {
    const labels = this.names.length;
    const found = new Float64Array(labels);
    let at = lowest(this.entries, place * labels);
    for (; this.entries[at] < (place + 1) * labels; at++) {
      found[this.entries[at] - place * labels] = this.counts[at];
    }
    return found;
  }
}

// The first place in sorted numbers at which one is not below `wanted`.
export function lowest(numbers, wanted) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

// A tensor's shape where the file alone decides it: one axis of any length.
export function shapeOf(tensors, name) {
  const shape = tensors.get(name)?.shape;
  if (shape?.length !== 1) fail(`has no row of numbers in tensor ${name}`);
  return shape;
}

function add(sum, row) {
  for (let k = 0; k < sum.length; k++) sum[k] += row[k];
}

// The longest n-gram of up to `order` letters whose code fits into 63 bits.
function longestOrder(order, base) {
  while (base ** BigInt(order) >= 2n ** 62n) order--;
  return order;
}
