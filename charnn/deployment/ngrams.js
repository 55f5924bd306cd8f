// Letter n-gram models, one for each label: what charnn/ngrams.py computes, for one name.
//
// The file holds how often each n-gram occurs in each label's names. For a few names only their
// n-grams are weighed; then all are, a part with each name, so that a page does not wait for it.
// The equations stand in ngrams.py. G n-grams, L labels.

import { fail, values } from "./model_file.js";
import { lowest } from "./ngram_counts.js";
import { NgramWeights } from "./ngram_weights.js";

const FEW = 256; // names, up to which their n-grams alone are weighed
const OF_LENGTHS = 20; // how strongly the shares of lengths are smoothed

export class Ngrams extends NgramWeights {
  // counts (L): names of each label; prior (L): the labels' log-probabilities before a letter.
  constructor(tensors, counts, prior, symbols, order, scale) {
    super(tensors, counts, symbols, order);
    this.prior = prior;
    this.scale = scale;
    this.asked = 0; // names, so far
    this.ofLength = lengthsOf(tensors, prior.length);
  }

  // scale * log P(name, label), (L), of a name's ids.
  scores(ids) {
    const ofLength = this.ofLength[Math.min(ids.length, this.ofLength.length - 1)];
    return this.logLikelihood(ids).map(
      (score, l) => this.scale * (score + this.prior[l] + (ofLength?.[l] ?? 0)),
    );
  }

  // log P(name | label), (L), in nats.
  logLikelihood(ids) {
    const places = this.placesIn(ids);
    if (++this.asked > FEW && !this.all) this.goOn();
    const few = !this.all;
    const held = few ? Int32Array.from(new Set(places)).sort() : null;
    const { starts, labels, added } = few ? this.weigh(held) : this.weighed();
    const sum = Float64Array.from(this.ends, (end, l) => end + ids.length * this.letter[l]);
    for (const place of places) {
      const row = few ? lowest(held, place) : place;
      for (let at = starts[row]; at < starts[row + 1]; at++) sum[labels[at]] += added[at];
    }
    return sum;
  }

  // The places of the n-grams of a name that are known, from the first with a letter to the last.
  placesIn(ids) {
    const pad = Array(this.order - 1).fill(this.end);
    const digits = [...pad, ...ids.map((id) => id + 1), ...pad];
    const found = [];
    for (let length = 1; length <= this.order; length++) {
      for (let first = this.order - length; first < this.order - 1 + ids.length; first++) {
        found.push(this.find(digits.slice(first, first + length)));
      }
    }
    return found.filter((place) => place >= 0);
  }

  // All n-grams, weighed once.
  weighed() {
    while (!this.all) this.goOn();
    return this.all;
  }

  // Weighs the n-grams of one more length among all of them.
  goOn() {
    this.work ??= this.weighing(Int32Array.from(this.codes.keys()));
    const { done, value } = this.work.next();
    if (done) this.all = value;
  }

  // The log-probability of all names that were counted, each given its label. A name's is a sum
  // over its n-grams, so this is one over all n-grams: what each adds, as often as it occurs.
  logLikelihoodOfAll() {
    const { added } = this.weighed();
    const { letters, names } = this;
    let nats = this.counts.reduce((sum, n, at) => sum + n * added[at], 0);
    letters.forEach((n, l) => (nats += n * this.letter[l] + names[l] * this.ends[l]));
    return nats;
  }
}

// log P(t | l) for each length t, (T) of (L), as charnn/name_lengths.py has it; none in old files.
function lengthsOf(tensors, labels) {
  const name = "ngrams.lengths";
  if (!tensors.has(name)) return [];
  const { shape } = tensors.get(name);
  const counts = values(tensors, name, [shape[0], labels], "I32");
  if (!shape[0]) fail(`has no row in tensor ${name}`);
  const rowAt = (_, t) => counts.subarray(t * labels, (t + 1) * labels);
  const rows = Array.from({ length: shape[0] }, rowAt);
  const sum = (numbers) => numbers.reduce((all, n) => all + n, 0);
  const ofAll = rows.map((row) => sum(row) + 0.5);
  const all = sum(ofAll);
  const names = Array.from({ length: labels }, (_, l) => sum(rows.map((row) => row[l])));
  return rows.map((row, t) =>
    names.map((n, l) => Math.log((row[l] + (OF_LENGTHS * ofAll[t]) / all) / (n + OF_LENGTHS))),
  );
}
