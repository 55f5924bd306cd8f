// Which training names are nearest to a text: in letters to change, add or remove.
//
// The page may bring lists of names. Which of them a model was trained on, its file says with
// fingerprints: what charnn/inference/nearest.py finds, without rapidfuzz. Knows no page.

import { Blake2b } from "./blake2b.js";
import { lowest } from "./ngram_counts.js";

const BITS = 64; // of a fingerprint

export class TrainingNames {
  // `lists` is the names of each label: [[label, [name, ...]], ...].
  constructor(model, lists) {
    this.model = model;
    this.names = lists.flatMap(([label, names]) => names.map((name) => ({ label, name })));
  }

  // The `count` nearest training names: {name, label, distance}, the first of several first.
  nearest(text, count) {
    const asked = this.spelling(text);
    const found = this.names.map((one) => {
      one.spelling ??= this.spelling(one.name);
      return { ...one, distance: distance(asked, one.spelling) };
    });
    found.sort((one, other) => one.distance - other.distance);
    const kept = [];
    for (const one of found) {
      if (kept.length === count) break;
      if (!isIn(kept, one) && this.isTrainedOn(one.spelling)) kept.push(one);
    }
    return kept.map(({ name, label, distance: letters }) => ({ name, label, distance: letters }));
  }

  // As in charnn/text/letters.py: what makes two names the same, for a network that reads ASCII.
  spelling(text) {
    return this.model.normalise(text).join("").toLowerCase();
  }

  isTrainedOn(spelling) {
    const marks = this.model.fingerprints;
    const hash = new Blake2b(BITS / 8);
    hash.update(new TextEncoder().encode(spelling));
    const mark = BigInt.asIntN(BITS, BigInt(`0x${hash.hex()}`));
    return marks[lowest(marks, mark)] === mark;
  }
}

function isIn(kept, { spelling, label }) {
  return kept.some((one) => one.spelling === spelling && one.label === label);
}

// Levenshtein's distance (1966), a row of the table at a time.
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const changed = row[j] + Number(one[i] !== other[j]);
      next.push(Math.min(changed, row[j + 1] + 1, next[j] + 1));
    }
    row = next;
  }
  return row[other.length];
}
