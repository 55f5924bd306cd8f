// What each n-gram adds to a name's log-probability: what charnn/ngram_weights.py works out, of all
// n-grams or of some. The equations stand in charnn/ngrams.py. R n-grams, C counts, L labels.

import { values } from "./model_file.js";
import { lowest, NgramCounts, rowOf } from "./ngram_counts.js";

const OCCURRENCES = [20, 0, 1]; // the smoothing of model files up to format 3

export class NgramWeights extends NgramCounts {
  constructor(tensors, counts, symbols, order) {
    super(tensors, counts, symbols, order);
    const name = "ngrams.smoothing";
    const smoothing = tensors.has(name) ? values(tensors, name, [3], "F64") : OCCURRENCES;
    [this.a, this.d, this.fewest] = smoothing;
    this.count();
    // In 32 bits, as in Python: of a long name it makes a difference.
    const [empty] = this.withoutLetter(0);
    const letter = empty.p.map((p, l) => Math.log((p * empty.rest[l]) / empty.total[l]));
    this.letter = letter.map(Math.fround);
    this.ends = new Float64Array(this.names.length);
    for (let length = 1; length < Math.max(this.order, 2); length++) {
      for (const { p, rest, total } of this.withoutLetter(length)) {
        for (let l = 0; l < p.length; l++) {
          if (length < this.order) this.ends[l] += Math.log(rest[l] / total[l]) / 2;
          if (length === 1) this.ends[l] += Math.log(p[l]) / 2;
        }
      }
    }
    this.ends = this.ends.map(Math.fround);
  }

  // Counts, for each label: all letters, how many are different, how many pairs of symbols are, and
  // how many letters names begin and end with.
  count() {
    const labels = this.names.length;
    this.letters = new Float64Array(labels);
    this.different = this.names.map((n) => Number(n > 0));
    const [two, three] = this.range(2);
    for (let at = 0; at < this.starts[two]; at++) {
      this.letters[this.entries[at] % labels] += this.counts[at];
      this.different[this.entries[at] % labels]++;
    }
    const all = this.fewest > 1; // those that were left out count too, as in `neighbours`
    const zeros = new Float64Array(labels);
    this.pairs = all ? this.letters.map((n, l) => n + this.names[l]) : zeros.slice();
    [this.first, this.last] = [0, 1].map(() => (all ? this.names : zeros).slice());
    for (let place = two; place < three; place++) {
      const code = this.codes[place];
      const begins = Number(this.over(code, this.base)) === this.end;
      const ends = Number(code % this.base) === this.end;
      for (let at = this.starts[place]; at < this.starts[place + 1]; at++) {
        const label = this.entries[at] % labels;
        const count = all ? 1 - this.counts[at] : 1;
        this.pairs[label] += count;
        if (begins) this.first[label] += count;
        if (ends) this.last[label] += count;
      }
    }
    for (const found of [this.pairs, this.first, this.last]) {
      found.forEach((count, l) => (found[l] = Math.max(count, 0)));
    }
  }

  // Whether n-grams of a length count by the different symbols beside them.
  countsNeighbours(length) {
    return this.d > 0 && length < this.order;
  }

  // The n-gram of so many ends, read forward and backward: (L) each of {p, rest, total}, which are
  // the probability of the symbol that is read last, a + d U of the n-gram as a context, and a + T.
  withoutLetter(length) {
    const { a, d, names, letters } = this;
    const uniform = 1 / (Number(this.base) - 1);
    const ofPairs = this.countsNeighbours(1);
    const total = ofPairs ? this.pairs : letters.map((n, l) => n + names[l]);
    const empty = {
      p: names.map(() => uniform),
      rest: this.different.map((n) => a + d * n),
      total: total.map((n) => a + n),
    };
    if (!length) return [empty, empty];
    const side = (first, last) => ({
      p: (ofPairs ? last : names).map(
        (n, l) => (Math.max(n - d, 0) + empty.rest[l] * uniform) / empty.total[l],
      ),
      rest: first.map((n) => a + d * n),
      total: (this.countsNeighbours(length + 1) ? first : names).map((n) => a + n),
    });
    return [side(this.first, this.last), side(this.last, this.first)];
  }

  // What n-grams add, by their places in order, which hold those of their parts too: `added` where
  // they occur, in which `labels`, those of the n-gram at each place from `starts[row]` on.
  weigh(places) {
    const work = this.weighing(places);
    let step = work.next();
    while (!step.done) step = work.next();
    return step.value;
  }

  // The same, one length of n-grams at a time: of all n-grams it takes a page a while.
  *weighing(places) {
    const labels = this.names.length;
    const starts = new Int32Array(places.length + 1);
    for (let row = 0; row < places.length; row++) {
      const place = places[row];
      starts[row + 1] = starts[row] + this.starts[place + 1] - this.starts[place];
    }
    const size = starts.at(-1);
    const all = { starts, labels: new Int32Array(size), n: new Int32Array(size) };
    places.forEach((place, row) => {
      for (let k = starts[row], at = this.starts[place]; k < starts[row + 1]; k++, at++) {
        all.labels[k] = this.entries[at] - place * labels;
        all.n[k] = this.counts[at];
      }
    });
    all.added = new Float32Array(size);
    const [forward, backward] = this.withoutLetter(0);
    const place = Int32Array.from({ length: labels }, (_, l) => l);
    let shorter = { codes: this.codes.slice(0, 0), place, forward, backward };
    let row = 0;
    for (let length = 1; length <= this.order; length++) {
      const stop = lowest(places, this.range(length)[1]);
      shorter = this.longer(all, places.slice(row, stop), row, shorter, length);
      row = stop;
      yield length;
    }
    return all;
  }

  // Writes what the n-grams of one length add, which are from `row` on among all; gives what longer
  // ones need.
  longer(all, places, row, shorter, length) {
    const { a, d } = this;
    const labels = this.names.length;
    const codes = new this.codes.constructor(places.length);
    for (let r = 0; r < codes.length; r++) codes[r] = this.codes[places[r]];
    const first = all.starts[row]; // of their counts
    const size = all.starts[row + codes.length] - first;
    const place = new Int32Array((codes.length + 1) * labels);
    for (let k = 0; k < place.length; k++) place[k] = size + (k % labels);
    for (let r = 0, at = 0; r < codes.length; r++) {
      for (; at < all.starts[row + r + 1] - first; at++) {
        place[r * labels + all.labels[first + at]] = at;
      }
    }
    const n = all.n.subarray(first, first + size);
    const around = this.around(codes, place, n, length);
    const sides = this.withoutLetter(length).map(({ p, rest, total }, back) => ({
      p: zerosThen(size, p),
      rest: joined(around.following[back].map((u) => a + d * u), rest),
      total: joined(around.total.map((t) => a + t), total),
    }));
    // Writes the probability; gives what is added in one direction, forward or `back`.
    const read = (back, at, context, rest, predicts, leads) => {
      const side = back ? shorter.backward : shorter.forward;
      const found = sides[back];
      const seen = Math.max(around.n[back][at] - d, 0);
      const backedOff = side.rest[context] * side.p[rest];
      found.p[at] = (seen + backedOff) / side.total[context];
      const gain = predicts ? Math.log1p(seen / backedOff) : 0;
      return leads ? gain + Math.log(found.rest[at] / found.total[at]) : gain;
    };
    const top = this.powers[length - 1];
    for (let r = 0, at = 0; r < codes.length; r++) {
      const prefix = labels * rowOf(shorter.codes, this.over(codes[r], this.base));
      const suffix = labels * rowOf(shorter.codes, codes[r] % top);
      const { predictsLast, predictsFirst, leads, leadsBack } = this.roles(codes[r], length);
      for (; at < all.starts[row + r + 1] - first; at++) {
        const label = all.labels[first + at];
        const start = shorter.place[prefix + label];
        const rest = shorter.place[suffix + label];
        const forward = read(0, at, start, rest, predictsLast, leads);
        all.added[first + at] = (forward + read(1, at, rest, start, predictsFirst, leadsBack)) / 2;
      }
    }
    return { codes, place, forward: sides[0], backward: sides[1] };
  }

  // Of n-grams of a length what the formula takes: N and U forward and backward, and T.
  around(codes, place, n, length) {
    const total = Float64Array.from(n);
    if (!this.countsNeighbours(length)) {
      const none = new Float64Array(n.length);
      return { n: [total, total], following: [none, none], total };
    }
    const { before, after, pairs } = this.neighbours(codes, place, n, length, this.fewest);
    const last = this.countsNeighbours(length + 1);
    return { n: [before, after], following: [after, before], total: last ? pairs : total };
  }

  // Whether an n-gram predicts its last symbol and its first, and whether it is the context of what
  // comes after and before it.
  roles(code, length) {
    const { base, end } = this;
    const isLetter = (place) => Number(this.over(code, this.powers[place]) % base) !== end;
    const [last, first] = [isLetter(0), isLetter(length - 1)];
    const alone = length === 1;
    return {
      predictsLast: alone || last || isLetter(1),
      predictsFirst: alone || first || isLetter(length - 2),
      leads: length < this.order && last,
      leadsBack: length < this.order && first,
    };
  }
}

// An array of zeros, then these numbers; numbers, then others.
function zerosThen(size, numbers) {
  return joined(new Float64Array(size), numbers);
}

function joined(one, other) {
  const found = new Float64Array(one.length + other.length);
  found.set(one);
  found.set(other, one.length);
  return found;
}
