// One step of each cell, with every gate: the equations of charnn/cells.py, for one sequence.
//
// A cell has its weights with a row for each input: ih (I, G*H) and hh (H, G*H), and the biases
// bias_ih and bias_hh (G*H). A step takes x (I), what it reads, and the state {h, c} (H each), and
// gives the next state with its gates by name. Knows nothing of text. I input, H hidden, G gates.

export const GATES = { rnn: 1, lstm: 4, "lstm-peephole": 4, gru: 3, "gru-multiplicative": 3 };

export const STEPS = {
  // h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu in place of tanh
  rnn(cell, x, { h }) {
    const [a] = projected(cell, x, h);
    return { gates: {}, h: a.map(cell.nonlinearity === "relu" ? relu : Math.tanh) };
  },

  // i, f, o = sigmoid(W x + U h + b), each its own     g = tanh(W x + U h + b)
  // c' = f * c + i * g                                 h' = o * tanh(c')
  lstm(cell, x, { h, c }) {
    const [i, f, g, o] = projected(cell, x, h);
    return lstmState(i.map(sigmoid), f.map(sigmoid), g.map(Math.tanh), c, () => o.map(sigmoid));
  },

  // i, f = sigmoid(W x + U h + b + p * c)     o = sigmoid(W x + U h + b + p * c')
  "lstm-peephole"(cell, x, { h, c }) {
    const [i, f, g, o] = projected(cell, x, h);
    const [forInput, forForget, forOutput] = cell.peepholes;
    const seen = (a, p, state) => a.map((value, k) => sigmoid(value + p[k] * state[k]));
    const output = (newC) => seen(o, forOutput, newC);
    return lstmState(seen(i, forInput, c), seen(f, forForget, c), g.map(Math.tanh), c, output);
  },

  // r, z = sigmoid(W x + b_i + U h + b_h), each its own
  // n = tanh(W x + b_i + r * (U h + b_h))     h' = (1 - z) * n + z * h
  gru(cell, x, { h }) {
    return gruState(cell, x, h, h);
  },

  // the same, with s * h in place of h in U h, where s = 1 + S x
  "gru-multiplicative"(cell, x, { h }) {
    const s = affine(x, cell.scales, new Float64Array(h.length).fill(1));
    return gruState(cell, x, h, h.map((value, k) => value * s[k]));
  },
};

function gruState(cell, x, h, read) {
  const [xr, xz, xn] = thirds(affine(x, cell.ih, cell.bias_ih));
  const [hr, hz, hn] = thirds(affine(read, cell.hh, cell.bias_hh));
  const reset = xr.map((value, k) => sigmoid(value + hr[k]));
  const update = xz.map((value, k) => sigmoid(value + hz[k]));
  const candidate = xn.map((value, k) => Math.tanh(value + reset[k] * hn[k]));
  return {
    gates: { "reset gate": reset, "update gate": update, candidate },
    h: candidate.map((n, k) => (1 - update[k]) * n + update[k] * h[k]),
  };
}

function lstmState(input, forget, candidate, c, output) {
  const newC = c.map((old, k) => forget[k] * old + input[k] * candidate[k]);
  const out = output(newC);
  return {
    gates: {
      "input gate": input,
      "forget gate": forget,
      candidate,
      "output gate": out,
      "cell state": newC,
    },
    h: out.map((o, k) => o * Math.tanh(newC[k])),
    c: newC,
  };
}

// x W + b: x (I), rows (I, O) of weights, bias (O) -> (O). A 0, as most of a one-hot vector is,
// costs nothing.
export function affine(x, rows, bias) {
  const sum = Float64Array.from(bias);
  const size = sum.length;
  for (let i = 0; i < x.length; i++) {
    const value = x[i];
    if (value === 0) continue;
    for (let k = 0, place = i * size; k < size; k++, place++) sum[k] += value * rows[place];
  }
  return sum;
}

// W x + b_ih + U h + b_hh, a piece for each gate.
function projected(cell, x, h) {
  const sum = affine(h, cell.hh, cell.bias_hh);
  affine(x, cell.ih, cell.bias_ih).forEach((value, k) => {
    sum[k] += value;
  });
  return pieces(sum, sum.length / h.length);
}

function thirds(values) {
  return pieces(values, 3);
}

function pieces(values, count) {
  const size = values.length / count;
  return Array.from({ length: count }, (_, k) => values.subarray(k * size, (k + 1) * size));
}

function sigmoid(x) {
  return 1 / (1 + Math.exp(-x));
}

function relu(x) {
  return Math.max(x, 0);
}
