// The next symbol from a generator's log-probabilities: temperature, top-k, nucleus (top-p).
// What charnn/inference/sampling.py computes. Knows nothing of text or networks. V symbols.

import { logSoftmax } from "./network.js";

const COLDEST = 1e-30; // a lower temperature is as 0

// Logits to draw from, as `narrow` in charnn/inference/sampling.py; -Infinity for what is left out.
// The unknown symbol is never drawn.
export function narrow(logProbs, temperature = 1, topK = null, topP = null) {
  const isCold = temperature < COLDEST;
  const logits = logProbs.map((value, id) => (id ? value / (isCold ? 1 : temperature) : -Infinity));
  const order = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
  let kept = isCold ? 1 : Math.min(topK ?? Infinity, order.length);
  if (topP !== null) {
    const top = logSoftmax(order.slice(0, kept).map((id) => logits[id])).map(Math.exp);
    let before = 0;
    // A symbol stays while the more probable ones together have less than topP.
    kept = Math.max(1, top.filter((p) => (before += p) - p < topP).length);
  }
  const left = new Set(order.slice(0, kept));
  return logits.map((value, id) => (left.has(id) ? value : -Infinity));
}

// A place, with the probabilities of the softmax of logits: the largest one with Gumbel noise.
export function draw(logits, random) {
  const noisy = Array.from(logits, (logit) => logit - Math.log(-Math.log(random())));
  return noisy.reduce((best, value, place) => (value > noisy[best] ? place : best), 0);
}

// Random numbers between 0 and 1, from a seed: mulberry32, by Tommy Ettinger.
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}
