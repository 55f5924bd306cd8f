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
    return this.logLikelihood(ids).map((score, l) => this.scale * (score + this.prior[l]));
  }

  // log P(name | label), (L), in nats.
  logLikelihood(ids) {
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
    return sum.map((score, l) => score + letters * this.letter[l]);
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
    this.letters = letters;
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
    const roles = this.roles(digits);
    const counts = this.countsOf(place);
    const row = Float32Array.from(counts, (n, l) =>
      this.added(n, suffix.forward[l], prefix.backward[l], roles, digits.length),
    );
    return {
      counts,
      row,
      forward: counts.map((n, l) => (n + a * suffix.forward[l]) / (prefix.counts[l] + a)),
      backward: counts.map((n, l) => (n + a * prefix.backward[l]) / (suffix.counts[l] + a)),
    };
  }

  // What an n-gram adds to a label's log-probability that occurs n times in its names, where its
  // last symbol and its first have these probabilities without the other end of the n-gram.
  added(n, last, first, { predictsLast, predictsFirst, contexts }, length) {
    const a = SMOOTHING;
    let sum = predictsLast ? Math.log1p(n / (a * last)) : 0;
    if (predictsFirst) sum += Math.log1p(n / (a * first));
    if (length < this.order) sum -= contexts * Math.log1p(n / a);
    return sum / 2;
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

  // The log-probability of all names that were counted, each given its label. A name's is a sum
  // over its n-grams, so this is one over all n-grams: what each adds, as often as it occurs.
  // They come by length, and those of one length are forgotten again: `weigh` would keep all.
  logLikelihoodOfAll() {
    const labels = this.names.length;
    let nats = 0;
    for (let l = 0; l < labels; l++) {
      nats += this.letters[l] * this.letter[l] + this.names[l] * this.ends[l];
    }
    const { codes, base, one, over } = this.numbers();
    let at = 0; // in entries
    let top = one; // the base to the power of length - 1
    let shorter = { start: 0, stop: 0, ...this.empty };
    for (let length = 1; length <= this.order; length++) {
      const start = shorter.stop;
      const stop = lowest(codes, top * base);
      const { counts, forward, backward } = this.onlyEnds;
      const rows = length < this.order ? stop - start + 1 : 1;
      const found = {
        start,
        stop,
        counts: zerosThen(rows, counts),
        forward: zerosThen(rows, forward),
        backward: zerosThen(rows, backward),
      };
      for (let place = start; place < stop; place++) {
        const code = codes[place];
        const prefix = labels * rowOf(codes, over(code, base), shorter);
        const suffix = labels * rowOf(codes, code % top, shorter);
        if (length < this.order) {
          this.backOff(found, labels * (place - start), shorter, prefix, suffix);
        }
        const digits = [];
        for (let rest = code; rest; rest = over(rest, base)) digits.unshift(Number(rest % base));
        const roles = this.roles(digits);
        for (; this.entries[at] < (place + 1) * labels; at++) {
          const l = this.entries[at] - place * labels;
          const n = this.counts[at];
          const last = shorter.forward[suffix + l];
          const first = shorter.backward[prefix + l];
          nats += n * Math.fround(this.added(n, last, first, roles, length));
          if (length === this.order) continue;
          const row = labels * (place - start) + l;
          found.counts[row] = n;
          found.forward[row] += n / (shorter.counts[prefix + l] + SMOOTHING);
          found.backward[row] += n / (shorter.counts[suffix + l] + SMOOTHING);
        }
      }
      shorter = found;
      top *= base;
    }
    return nats;
  }

  // The codes and what to reckon with them: as plain numbers, which is ten times as fast, where
  // these are exact.
  numbers() {
    if (this.base ** BigInt(this.order) > BigInt(Number.MAX_SAFE_INTEGER)) {
      return { codes: this.codes, base: this.base, one: 1n, over: (code, by) => code / by };
    }
    const over = (code, by) => Math.floor(code / by);
    return { codes: Float64Array.from(this.codes, Number), base: Number(this.base), one: 1, over };
  }

  // The probabilities of the last symbol and of the first, from those of shorter n-grams alone.
  backOff(found, row, shorter, prefix, suffix) {
    const a = SMOOTHING;
    for (let l = 0; l < this.names.length; l++) {
      const before = shorter.counts[prefix + l];
      const after = shorter.counts[suffix + l];
      found.forward[row + l] = (a * shorter.forward[suffix + l]) / (before + a);
      found.backward[row + l] = (a * shorter.backward[prefix + l]) / (after + a);
    }
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

// The first place in sorted numbers, from `low` to `high`, at which one is not below `wanted`.
export function lowest(numbers, wanted, low = 0, high = numbers.length) {
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

// The row of an n-gram among those of its length: the last one where it was not counted.
function rowOf(codes, code, { start, stop }) {
  const place = lowest(codes, code, start, stop);
  return place < stop && codes[place] === code ? place - start : stop - start;
}

// An array of zeros (rows, L), of which the last row is this one.
function zerosThen(rows, last) {
  const found = new Float64Array(rows * last.length);
  found.set(last, found.length - last.length);
  return found;
}

// The longest n-gram of up to `order` letters whose code fits into 63 bits.
function longestOrder(order, base) {
  while (base ** BigInt(order) >= 2n ** 62n) order--;
  return order;
}
