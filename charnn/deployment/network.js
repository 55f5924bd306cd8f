// The network: layers in one or both directions, and a readout; ids in, log-probabilities out.
// What charnn/cores.py, readouts.py and model.py compute, for one sequence at a time.
// T time, V symbols, I input, H hidden, D directions, L labels.

import { GATES, STEPS, affine } from "./cells.js";
import { fail, values } from "./model_file.js";

export class Network {
  // From a model file's configuration and tensors, for V = symbols and L = labels. Throws an Error
  // for a network that this file does not know, and for tensors that do not fit.
  constructor(config, tensors, symbols, labels) {
    this.kind = String(config.cell).replace("torch-", "");
    if (!GATES[this.kind]) fail(`has the cell ${config.cell}, which this page does not know`);
    if (!["last", "pooled", "every"].includes(config.readout)) {
      fail(`has the readout ${config.readout}, which this page does not know`);
    }
    this.config = config;
    this.hidden = config.hidden;
    this.symbols = symbols;
    this.conditions = config.task === "generate" ? labels : 0; // labels appended to each input
    this.embedding = config.embedding
      ? values(tensors, "embedding.weight", [symbols, config.embedding])
      : null;
    const directions = config.bidirectional ? 2 : 1;
    let width = (config.embedding || symbols) + this.conditions;
    this.layers = [];
    for (let layer = 0; layer < config.layers; layer++) {
      this.layers.push(this.layerOf(tensors, layer, width));
      width = directions * this.hidden;
    }
    const read = config.readout === "pooled" ? 2 * width : width;
    const outputs = config.task === "generate" ? symbols : labels;
    const weight = values(tensors, "readout.linear.weight", [outputs, read]);
    this.weight = transposed(weight, outputs, read);
    this.bias = values(tensors, "readout.linear.bias", [outputs]);
  }

  // The directions of a layer, forwards first.
  layerOf(tensors, layer, width) {
    const { config, hidden } = this;
    const core = config.layers > 1 ? `core.cores.${layer}` : "core";
    const [part, suffix] = config.cell.startsWith("torch-") ? ["module", "_l0"] : ["cell", ""];
    const rows = GATES[this.kind] * hidden;
    return (config.bidirectional ? [".forwards", ".backwards"] : [""]).map((direction) => {
      const found = (name, ...shape) =>
        values(tensors, `${core}${direction}.${part}.${name}${suffix}`, shape);
      const cell = {
        nonlinearity: config.nonlinearity,
        ih: transposed(found("weight_ih", rows, width), rows, width),
        hh: transposed(found("weight_hh", rows, hidden), rows, hidden),
        bias_ih: found("bias_ih", rows),
        bias_hh: found("bias_hh", rows),
      };
      if (this.kind === "lstm-peephole") {
        const all = found("weight_ch", 3, hidden);
        cell.peepholes = [0, 1, 2].map((gate) => all.subarray(gate * hidden, (gate + 1) * hidden));
      }
      if (this.kind === "gru-multiplicative") {
        cell.scales = transposed(found("weight_sx", hidden, width), hidden, width);
      }
      return cell;
    });
  }

  // What the lowest layer reads of a symbol: its one-hot vector or embedding, then the label's
  // one-hot vector where the network is conditioned on one.
  input(id, label = null) {
    const width = this.config.embedding || this.symbols;
    const x = new Float64Array(width + this.conditions);
    if (this.embedding) x.set(this.embedding.subarray(id * width, (id + 1) * width));
    else x[id] = 1;
    if (this.conditions) x[width + label] = 1;
    return x;
  }

  start() {
    return { h: new Float64Array(this.hidden), c: new Float64Array(this.hidden) };
  }

  // All steps of all directions of all layers for ids (T): a list of layers, each a list of
  // directions, each a list of T steps in the order of the letters; a step is {gates, h, c}.
  run(ids, label = null) {
    let inputs = ids.map((id) => this.input(id, label));
    return this.layers.map((directions) => {
      const layer = directions.map((cell, place) => this.runCell(cell, inputs, place === 1));
      inputs = concatenated(layer);
      return layer;
    });
  }

  runCell(cell, inputs, backwards) {
    const steps = [];
    let state = this.start();
    for (const x of backwards ? [...inputs].reverse() : inputs) {
      state = STEPS[this.kind](cell, x, state);
      steps.push(state);
    }
    return backwards ? steps.reverse() : steps;
  }

  // A classifier's log-probabilities (L) for ids (T); with others (L), those of the product of
  // experts.
  classify(ids, others = null) {
    const top = this.run(ids).at(-1);
    const read = this.config.readout === "pooled" ? pooled(top) : last(top);
    const scores = affine(read, this.weight, this.bias);
    const logits = others ? logSoftmax(scores).map((score, k) => score + others[k]) : scores;
    return logSoftmax(logits);
  }

  // A generator's next step: {logProbs (V), states} after a symbol, a state for each layer.
  next(id, label, states = null) {
    let x = this.input(id, label);
    const after = this.layers.map(([cell], layer) => {
      const state = STEPS[this.kind](cell, x, states ? states[layer] : this.start());
      x = state.h;
      return state;
    });
    return { logProbs: logSoftmax(affine(x, this.weight, this.bias)), states: after };
  }
}

// Of each letter the hidden states of both directions, (T) of (D*H).
function concatenated(layer) {
  if (layer.length === 1) return layer[0].map((step) => step.h);
  return layer[0].map((step, t) => Float64Array.of(...step.h, ...layer[1][t].h));
}

// The hidden state after the whole name: forwards at the last letter, backwards at the first.
function last([forwards, backwards]) {
  const h = forwards.at(-1).h;
  return backwards ? Float64Array.of(...h, ...backwards[0].h) : h;
}

// The mean and the maximum of the hidden states over the letters.
function pooled(layer) {
  const hidden = concatenated(layer);
  const mean = hidden[0].map((_, k) => hidden.reduce((sum, h) => sum + h[k], 0) / hidden.length);
  const top = hidden[0].map((_, k) => hidden.reduce((most, h) => Math.max(most, h[k]), -Infinity));
  return Float64Array.of(...mean, ...top);
}

export function logSoftmax(logits) {
  const total = logSumExp(logits);
  return logits.map((logit) => logit - total);
}

// log(e^a + e^b + ...), from the largest one, so that nothing overflows.
export function logSumExp(logs) {
  const top = logs.reduce((most, value) => Math.max(most, value), -Infinity);
  return top + Math.log(logs.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

// Weights (rows, columns) as (columns, rows).
function transposed(weights, rows, columns) {
  const found = new Float32Array(weights.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      found[column * rows + row] = weights[row * columns + column];
    }
  }
  return found;
}
