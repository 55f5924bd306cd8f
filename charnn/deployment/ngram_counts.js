// How often n-grams occur in the names of each label, and with what symbols around them: what
// charnn/ngram_counts.py has. G n-grams, R some of them, C counts, L labels.

import { fail, values } from "./model_file.js";

export class NgramCounts {
  // counts (L): names of each label.
  constructor(tensors, counts, symbols, order) {
    const codes = values(tensors, "ngrams.codes", shapeOf(tensors, "ngrams.codes"), "I64");
    this.entries = values(tensors, "ngrams.entries", shapeOf(tensors, "ngrams.entries"), "I32");
    this.counts = values(tensors, "ngrams.counts", [this.entries.length], "I32");
    this.names = Float64Array.from(counts);
    this.end = symbols + 1; // the digit of both ends; a letter's is its id + 1
    this.order = longestOrder(order, BigInt(symbols + 2));
    // As plain numbers, which is ten times as fast, where these are exact.
    const exact = BigInt(symbols + 2) ** BigInt(this.order) <= BigInt(Number.MAX_SAFE_INTEGER);
    this.codes = exact ? Float64Array.from(codes, Number) : codes;
    this.number = exact ? Number : BigInt;
    this.over = exact ? (code, by) => Math.floor(code / by) : (code, by) => code / by;
    this.base = this.number(symbols + 2);
    this.powers = []; // of the base, from 1 on
    for (let n = 0; n <= this.order; n++) this.powers.push(this.base ** this.number(n));
    this.starts = new Int32Array(codes.length + 1); // of the counts of each n-gram, then their end
    for (const entry of this.entries) this.starts[Math.floor(entry / counts.length) + 1]++;
    for (let place = 0; place < codes.length; place++) this.starts[place + 1] += this.starts[place];
  }

  // The place of an n-gram in the table, or -1.
  find(digits) {
    const number = this.number;
    const code = digits.reduce((sum, digit) => sum * this.base + number(digit), number(0));
    const place = lowest(this.codes, code);
    return this.codes[place] === code ? place : -1;
  }

  // The places at which the n-grams of a length start and stop.
  range(length) {
    return [this.powers[length - 1], this.powers[length]].map((code) => lowest(this.codes, code));
  }

  // How often the n-gram at a place occurs in each label's names (L).
  countsOf(place) {
    const labels = this.names.length;
    const found = new Float64Array(labels);
    for (let at = this.starts[place]; at < this.starts[place + 1]; at++) {
      found[this.entries[at] - place * labels] = this.counts[at];
    }
    return found;
  }

  // How many different symbols stand before and after n-grams of a length, by their codes (R), and
  // pairs of both: (C) each. `place` (R * L) is where each of each label is among the counts n (C),
  // and behind them where it does not occur. They are counted in the n-grams that are one symbol
  // longer, or two; of those that occur less often than `fewest`, which were left out, each counts
  // as often as it occurred.
  neighbours(codes, place, n, length, fewest) {
    const labels = this.names.length;
    const all = fewest > 1;
    const zeros = () => (all ? Float64Array.from(n) : new Float64Array(n.length));
    const [before, after, pairs] = [zeros(), zeros(), zeros()];
    const tally = (found, row, from, to) => {
      for (let at = this.starts[from]; at < this.starts[to]; at++) {
        const where = place[row * labels + (this.entries[at] % labels)];
        if (where < n.length) found[where] += all ? 1 - this.counts[at] : 1;
      }
    };
    codes.forEach((code, row) => tally(after, row, ...this.followed(code)));
    this.preceded(codes, length, (row, longer) => {
      tally(before, row, longer, longer + 1);
      tally(pairs, row, ...this.followed(this.codes[longer]));
    });
    const counted = (found) => found.map((count) => Math.max(count, 0));
    return { before: counted(before), after: counted(after), pairs: counted(pairs) };
  }

  // The places from and to which n-grams are one symbol longer than a code, at the end.
  followed(code) {
    const one = this.number(1);
    return [lowest(this.codes, code * this.base), lowest(this.codes, (code + one) * this.base)];
  }

  // Calls `found(row, place)` for those that are one symbol longer at the beginning. For a few
  // n-grams all that can be are looked up; for many, all that there are are gone through.
  preceded(codes, length, found) {
    const top = this.powers[length];
    const [start, stop] = this.range(length + 1);
    if (codes.length * Number(this.base) < stop - start) {
      codes.forEach((code, row) => {
        let low = start;
        for (let longer = code + top; low < stop && longer < top * this.base; longer += top) {
          low = lowest(this.codes, longer, low, stop);
          if (this.codes[low] === longer) found(row, low);
        }
      });
      return;
    }
    for (let place = start; place < stop; place++) {
      const row = rowOf(codes, this.codes[place] % top);
      if (row < codes.length) found(row, place);
    }
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

// The place of a code in sorted ones, behind the last for one that is not there.
export function rowOf(codes, code) {
  const row = lowest(codes, code);
  return codes[row] === code ? row : codes.length;
}

// A tensor's shape where the file alone decides it: one axis of any length.
export function shapeOf(tensors, name) {
  const shape = tensors.get(name)?.shape;
  if (shape?.length !== 1) fail(`has no row of numbers in tensor ${name}`);
  return shape;
}

// The longest n-gram of up to `order` letters whose code fits into 63 bits.
function longestOrder(order, base) {
  while (base ** BigInt(order) >= 2n ** 62n) order--;
  return order;
}
