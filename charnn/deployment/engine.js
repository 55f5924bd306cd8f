// A trained model in JavaScript: from the bytes of a model file to labels, scores and new names.
//
// load(bytes, table) gives a Classifier or a Generator that answers as charnn.load(path) does in
// Python: log-probabilities within 1e-4. `table` is the text of ascii.txt. Knows no page: it runs
// in a browser, in a worker and in node.

import { Classifier } from "./classifier.js";
import { Generator } from "./generator.js";
import { expect } from "./model.js";
import { fail, isListOf, readFile } from "./model_file.js";

// The model of a file's bytes (a Uint8Array). Throws an Error, in words, for a damaged file.
export function load(bytes, table = "") {
  expect(bytes instanceof Uint8Array, "The model file is not given as a Uint8Array.");
  const { about, tensors } = readFile(bytes);
  const kind = { classify: Classifier, generate: Generator }[about.task];
  if (!kind) fail(`is of the task ${about.task}, which is no model's`);
  const isText = (value) => typeof value === "string";
  const { config, symbols, labels, counts } = about;
  const whole =
    (isText(symbols) || isListOf(symbols, isText)) &&
    isListOf(labels, isText) &&
    isListOf(counts, Number.isInteger) &&
    counts.length === labels.length &&
    config?.layers >= 1 &&
    (about.temperature > 0 || about.task === "generate");
  if (!whole) fail("lacks its configuration, symbols, labels or temperature");
  return new kind(about, tensors, table);
}
