// N-grams of words with a weight for each label: what charnn/word_ngrams.py computes, for one text.
// A feature is known by a hash of 32 bits. G features, L labels.

import { isWord, UNKNOWN_SYMBOL } from "./letters.js";
import { values } from "./model_file.js";
import { lowest, shapeOf } from "./ngram_counts.js";

const PIECES = [3, 4]; // letters of a piece; a word's ends count as letters
const OF_A_PIECE = Math.fround(0.35); // what a piece counts, where an n-gram counts 1
const MULTIPLIER = 0x9e3779b1;
const TINY = 1e-9; // in place of the length of a text in which nothing is known

export class WordNgrams {
  constructor(tensors, labels, order, scale) {
    const [count] = shapeOf(tensors, "ngrams.codes");
    this.codes = values(tensors, "ngrams.codes", [count], "I32");
    this.weights = values(tensors, "ngrams.weights", [count, labels]);
    this.bias = values(tensors, "ngrams.bias", [labels]);
    this.order = order;
    this.scale = scale;
  }

  // Scores (L) of a text's words: logits, up to a constant.
  scores(words) {
    const sum = new Float64Array(this.bias.length);
    let squares = 0;
    for (const [codes, value] of features(words, this.order)) {
      for (const code of codes) {
        const place = lowest(this.codes, code);
        if (this.codes[place] !== code) continue;
        squares += value * value;
        for (let l = 0; l < sum.length; l++) sum[l] += value * this.weights[place * sum.length + l];
      }
    }
    const length = Math.sqrt(squares) + TINY;
    return sum.map((score, l) => this.scale * (score / length + this.bias[l]));
  }
}

// What is in a text: sets of hashes, each with what one of them counts.
function features(words, order) {
  const wordlike = words.filter((word) => word !== UNKNOWN_SYMBOL && isWord(word));
  const found = [];
  let longer = wordlike.map(crc32);
  const codes = longer;
  for (let length = 1; length <= order; length++) {
    if (length > 1) {
      const next = (code, k) => (Math.imul(code, MULTIPLIER) + codes[k + length - 1]) | 0;
      longer = longer.slice(0, -1).map(next);
    }
    found.push([new Set(longer), 1]);
  }
  found.push([new Set(wordlike.flatMap(pieces)), OF_A_PIECE]);
  return found;
}

function pieces(word) {
  const letters = Array.from(`<${word}>`, (letter) => letter.codePointAt(0));
  return PIECES.flatMap((length) =>
    Array.from({ length: Math.max(letters.length - length + 1, 0) }, (_, first) => {
      const code = letters
        .slice(first, first + length)
        .reduce((hash, letter) => Math.imul(hash ^ letter, MULTIPLIER), length);
      return code ^ (code >>> 15);
    }),
  );
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

// The checksum of a word's UTF-8, as zlib's, as a signed number.
function crc32(word) {
  let code = -1;
  for (const byte of new TextEncoder().encode(word)) {
    code = (code >>> 8) ^ CRC_TABLE[(code ^ byte) & 255];
  }
  return ~code;
}
