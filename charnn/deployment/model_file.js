// The bytes of a model file that charnn wrote (safetensors), checked before anything is built.
// What charnn/inference/checkpoint.py reads, for JavaScript. Knows no network and no page.

import { Blake2b } from "./blake2b.js";

const FORMAT = 4; // the newest format that is read
const OLDEST = 2; // had no digest
const TYPES = {
  F64: [Float64Array, "float64"],
  F32: [Float32Array, "float32"],
  I64: [BigInt64Array, "int64"],
  I32: [Int32Array, "int32"],
  U8: [Uint8Array, "uint8"],
  BOOL: [Uint8Array, "bool"],
};

// {about, tensors} of a Uint8Array: the description, and of each tensor its name, shape, type
// and values. Throws an Error, in words, for bytes that are no whole model file.
export function readFile(bytes) {
  const [header, start] = headerOf(bytes);
  const tensors = new Map();
  let end = 0;
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    tensors.set(name, tensorOf(name, entry, bytes, start));
    end = Math.max(end, entry.data_offsets[1]);
  }
  if (start + end !== bytes.length) {
    const [found, wanted] = [bytes.length, start + end].map((size) => size.toLocaleString("en"));
    fail(`is not whole: it has ${found} bytes, expected ${wanted}`);
  }
  const text = header.__metadata__?.charnn;
  const about = descriptionOf(text);
  if (about.format > OLDEST && digest(text, tensors) !== about.digest) {
    fail("is damaged: its digest is not that of its contents");
  }
  return { about, tensors };
}

// The values of a tensor. Throws an Error unless it is there, of this shape and type, and finite.
export function values(tensors, name, shape, kind = "F32") {
  const found = tensors.get(name);
  const what = found ? `(${found.shape.join(", ")}) ${found.kind}` : "nothing";
  const wanted = `(${shape.join(", ")}) ${kind}`;
  if (what !== wanted) fail(`has in tensor ${name} ${what}, expected ${wanted}`);
  if (kind === "F32" && !found.values.every(Number.isFinite)) {
    fail(`has in tensor ${name} a value that is not finite`);
  }
  return found.values;
}

// Throws the Error of a file that cannot be used; `what` goes on after "The model file".
export function fail(what) {
  throw new Error(`The model file ${what}; copy it again, or train it again.`);
}

function headerOf(bytes) {
  const size = bytes.length < 8 ? Infinity : Number(viewOf(bytes).getBigUint64(0, true));
  if (8 + size > bytes.length) fail("is not whole: it ends within its header");
  let header = null;
  try {
    header = JSON.parse(decoded(bytes.subarray(8, 8 + size)));
  } catch {
    fail("is damaged: its header cannot be read");
  }
  if (!isObject(header)) fail("is damaged: its header is no list of tensors");
  return [header, 8 + size];
}

function tensorOf(name, entry, bytes, start) {
  const { dtype, shape, data_offsets: offsets } = entry ?? {};
  const [Values, numpyName] = TYPES[dtype] ?? [];
  const [first, last] = isListOf(offsets, isSize) ? offsets : [];
  const count = isListOf(shape, isSize) ? shape.reduce((a, b) => a * b, 1) : NaN;
  if (!Values || last - first !== count * Values.BYTES_PER_ELEMENT || start + last > bytes.length) {
    fail(`is not whole: tensor ${name.slice(0, 100)} is not all there`);
  }
  const raw = bytes.slice(start + first, start + last); // a copy, aligned as its numbers need
  return { kind: dtype, numpyName, shape, raw, values: new Values(raw.buffer) };
}

function descriptionOf(text) {
  let about = null;
  try {
    about = JSON.parse(text);
  } catch {
    fail("has no description that charnn wrote");
  }
  if (!Number.isInteger(about?.format)) fail("has no description that charnn wrote");
  if (about.format < OLDEST || about.format > FORMAT) {
    fail(`is of format ${about.format}, and this page reads ${OLDEST} to ${FORMAT}`);
  }
  return about;
}

function isSize(value) {
  return Number.isInteger(value) && value >= 0;
}

// Whether a value of JSON is a list of which all are as they should be.
export function isListOf(value, isRight) {
  return Array.isArray(value) && value.every(isRight);
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function decoded(bytes) {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

// ---------------------------------------------------------------- the digest

// As `digest` of checkpoint.py: of the description without the digest, each tensor's name, type
// and shape, and the values of all. The description is written as it stands in the file.
function digest(text, tensors) {
  const names = [...tensors.keys()].sort();
  const shapes = names.map((name) => [name, tensors.get(name).numpyName, tensors.get(name).shape]);
  const rest = text.replace(/"digest":"[^"]*",/, "");
  const hash = new Blake2b(16);
  hash.update(new TextEncoder().encode(`[${rest},${JSON.stringify(shapes)}]`));
  for (const name of names) hash.update(tensors.get(name).raw);
  return hash.hex();
}
