// The hash function BLAKE2b, RFC 7693. Knows bytes and nothing else.
// A word of 64 bits is two numbers of 32: its low half, then its high half.

export class Blake2b {
  constructor(size) {
    this.size = size;
    this.state = IV.slice();
    this.state[0] ^= 0x01010000 ^ size;
    this.block = new Uint8Array(128);
    this.filled = 0;
    this.count = 0;
  }

  update(bytes) {
    for (let read = 0; read < bytes.length;) {
      if (this.filled === 128) this.compress(false);
      const part = bytes.subarray(read, read + 128 - this.filled);
      this.block.set(part, this.filled);
      this.filled += part.length;
      read += part.length;
    }
  }

  hex() {
    this.block.fill(0, this.filled);
    this.compress(true);
    const bytes = new Uint8Array(this.state.buffer).subarray(0, this.size);
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  compress(isLast) {
    this.count += this.filled;
    const v = new Uint32Array(32);
    v.set(this.state);
    v.set(IV, 16);
    v[24] ^= this.count; // of the 128 bits of the count, 64 are enough
    v[25] ^= Math.floor(this.count / 2 ** 32);
    if (isLast) {
      v[28] = ~v[28];
      v[29] = ~v[29];
    }
    const m = new Uint32Array(this.block.buffer);
    for (let round = 0; round < 12; round++) {
      const order = SIGMA[round % 10];
      for (let i = 0; i < 8; i++) mix(v, MIXED[i], m, 2 * order[2 * i], 2 * order[2 * i + 1]);
    }
    for (let i = 0; i < 16; i++) this.state[i] ^= v[i] ^ v[i + 16];
    this.filled = 0;
  }
}

const IV = Uint32Array.of(
  0xf3bcc908,
  0x6a09e667,
  0x84caa73b,
  0xbb67ae85,
  0xfe94f82b,
  0x3c6ef372,
  0x5f1d36f1,
  0xa54ff53a,
  0xade682d1,
  0x510e527f,
  0x2b3e6c1f,
  0x9b05688c,
  0xfb41bd6b,
  0x1f83d9ab,
  0x137e2179,
  0x5be0cd19,
);
const SIGMA = [
  "0123456789abcdef",
  "ea489fd61c02b753",
  "b8c052fdae367194",
  "7931dcbe265a40f8",
  "905724afe1bc683d",
  "2c6a0b834d75fe19",
  "c51fed4a0763928b",
  "db7ec13950f4862a",
  "6fe9b308c2d714a5",
  "a2847615fb9e3cd0",
].map((row) => Array.from(row, (digit) => parseInt(digit, 16)));
// The four columns, then the four diagonals, of the 4 by 4 words of v; each word is two numbers.
const MIXED = [
  [0, 8, 16, 24],
  [2, 10, 18, 26],
  [4, 12, 20, 28],
  [6, 14, 22, 30],
  [0, 10, 20, 30],
  [2, 12, 22, 24],
  [4, 14, 16, 26],
  [6, 8, 18, 28],
];

function mix(v, [a, b, c, d], m, x, y) {
  add(v, a, v[b], v[b + 1]);
  add(v, a, m[x], m[x + 1]);
  rotate(v, d, a, 32);
  add(v, c, v[d], v[d + 1]);
  rotate(v, b, c, 24);
  add(v, a, v[b], v[b + 1]);
  add(v, a, m[y], m[y + 1]);
  rotate(v, d, a, 16);
  add(v, c, v[d], v[d + 1]);
  rotate(v, b, c, 63);
}

function add(v, to, low, high) {
  const sum = v[to] + low;
  v[to] = sum;
  v[to + 1] += high + (sum > 0xffffffff ? 1 : 0);
}

// The word at `to` becomes (itself xor the word at `other`), rotated right by 1 to 63 bits.
function rotate(v, to, other, bits) {
  let low = v[to] ^ v[other];
  let high = v[to + 1] ^ v[other + 1];
  if (bits >= 32) [low, high] = [high, low];
  const rest = bits % 32;
  v[to] = rest ? (low >>> rest) | (high << (32 - rest)) : low;
  v[to + 1] = rest ? (high >>> rest) | (low << (32 - rest)) : high;
}
