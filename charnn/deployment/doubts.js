// Why an answer may be worth nothing: what the model does not know of a text, or never read.
// What charnn/inference/doubts.py says of one text, for a classifier. Knows an n-gram model and no
// network.

import { SPACE } from "./letters.js";
import { Ngrams } from "./ngrams.js";

const SURPRISING = 10; // bits: a thousand times less probable than what could still be a name
const LONGER = 6; // times the mean training name; if lengths were exponential, 1 in 400 were longer
const FEW = 0.1; // spaces per training name, below which a model was trained on single words
const SEPARATORS = [" ", ","]; // between words
const BETWEEN = new RegExp(`[,${SPACE}]+`);

// {unknown, unlikeTraining, severalWords} of a text: the letters (or words) that the model does not
// know, each once; whether it is far from all that the model was trained on; whether it is several
// words, and the model was trained on single ones.
export function doubtsOf(model, text) {
  const symbols = model.read(text);
  const ids = model.ids(symbols);
  const ofLetters = model.config.tokens === "letters";
  const counted = countedOf(model);
  const known = ids.filter((id) => id);
  const hasUnknown = symbols.length > 0 && known.length < ids.length;
  // An unknown sign, such as a hyphen, makes no name unlike all others: the rest tells.
  const judged = ofLetters && hasUnknown && known.length ? known : ids;
  let longest = ofLetters ? model.config.max_length : Infinity;
  if (counted) longest = Math.min(longest, LONGER * counted.meanLength);
  const isFar = symbols.length > longest || Boolean(counted?.isSurprising(judged));
  return {
    unknown: hasUnknown ? unknownOf(model, text, symbols) : [],
    unlikeTraining: symbols.length > 0 && isFar,
    severalWords: ofLetters && (isSeveral(model, symbols) || Boolean(counted?.hasNewSpace(ids))),
  };
}

function unknownOf(model, text, symbols) {
  if (model.config.tokens === "words") {
    return [...new Set(symbols.filter((word) => !model.id(word)))];
  }
  // What is read may be a sign that stands for many, as "?" does for an emoji.
  const knows = (letter) => model.normalise(letter).every((symbol) => model.idOf.has(symbol));
  return [...new Set(text.normalize("NFC"))].filter((letter) => !knows(letter));
}

// Whether a text has several words, with a space or comma between them that is no symbol.
function isSeveral(model, symbols) {
  const isNew = (sign) => !model.idOf.has(sign) && symbols.includes(sign);
  return SEPARATORS.some(isNew) && symbols.join("").split(BETWEEN).filter(Boolean).length > 1;
}

// ---------------------------------------------------------------- how far from the training names

const COUNTED = new WeakMap(); // by model: what is summed over all n-grams is summed once

function countedOf(model) {
  if (!(model.ngrams instanceof Ngrams)) return null;
  if (!COUNTED.has(model)) COUNTED.set(model, new Counted(model.ngrams, model.idOf.get(" ") ?? -1));
  return COUNTED.get(model);
}

// What an n-gram model's counts say of the names that it was trained on.
class Counted {
  constructor(ngrams, space) {
    this.ngrams = ngrams;
    this.space = space; // the id of a space; -1, which nothing has, where it is no symbol
    this.names = sum(ngrams.names);
    this.letters = sum(ngrams.letters);
    this.meanLength = this.letters / Math.max(this.names, 1);
    this.usualBits = null; // the mean of a letter of these names, ends counted
  }

  // Whether ids need more bits than a name of their length may need, under the label that fits
  // best. A letter may need the mean of the usual bits and of those of a letter drawn at random.
  isSurprising(ids) {
    const { ngrams } = this;
    const bits = -Math.max(...ngrams.logLikelihood(ids)) / Math.LN2;
    const atRandom = Math.log2(Number(ngrams.base) - 1);
    const excess = (usual) => bits - ((ids.length + 1) * (usual + atRandom)) / 2;
    // The usual bits are a sum over all n-grams: hardly a name is so odd that it needs them.
    if (excess(0) <= SURPRISING) return false;
    const nats = () => -ngrams.logLikelihoodOfAll();
    this.usualBits ??= nats() / Math.LN2 / Math.max(this.letters + this.names, 1);
    return excess(this.usualBits) > SURPRISING;
  }

  // Whether ids have a space after letters which are followed by a space in no training name; not
  // where spaces are usual.
  hasNewSpace(ids) {
    if (!ids.includes(this.space)) return false;
    const { ngrams, space } = this;
    const place = ngrams.find([space + 1]);
    if (place >= 0 && sum(ngrams.countsOf(place)) >= FEW * this.names) return false;
    const pad = Array(ngrams.order - 1).fill(ngrams.end);
    const digits = [...pad, ...ids.map((id) => id + 1)];
    const isNew = (t) => ngrams.find(digits.slice(t, t + ngrams.order)) < 0;
    return ids.some((id, t) => id === space && isNew(t));
  }
}

function sum(values) {
  return values.reduce((all, value) => all + value, 0);
}
