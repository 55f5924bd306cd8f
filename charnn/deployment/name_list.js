// A list of names that is labelled in the page: row by row in a table, and as a file to keep, the
// same that the command writes. Knows a classifier, and the parts of compare.html.

import { part, say } from "./asking.js";
import { element } from "./drawing.js";
import { SPACE } from "./letters.js";
import { labelledName, readNames, withAnswers } from "./name_table.js";
import { number, text } from "./texts.js";

const AT_ONCE = 12; // ms of work after which the page is let go
const ROWS = 1000; // rows that are shown; the file has all
const LARGEST = 2 ** 26; // bytes of a file that a page reads
const UNKNOWN = "unknown"; // as the command writes it
const IS_EMPTY = new RegExp(`^[${SPACE}]*$`);

// The view of a list: open(file) labels it, draw() says in another language what there is.
export function startNameList(model) {
  let current = null; // what is being labelled, or was: {table, name, answers, state}
  let address = "";
  const sayState = () => {
    if (!current) return;
    const { table, answers, state } = current;
    const values = { done: number(answers.length), all: number(table.rows.length) };
    const unknown = answers.filter((answer) => answer?.[0] === UNKNOWN).length;
    const sentence = [text(`compare.${state}`, { ...values, unknown: number(unknown) })];
    if (answers.length > ROWS) sentence.push(text("compare.first", { shown: number(ROWS) }));
    part("list-state").textContent = sentence.join(" ");
  };
  const begin = async () => {
    const mine = current;
    const { table } = mine;
    Object.assign(mine, { answers: [], state: "labelling" });
    part("labelled").hidden = false;
    part("list-rows").replaceChildren();
    part("download").hidden = true;
    part("list-stop").disabled = false;
    part("list-progress").hidden = false;
    sayState();
    const isWanted = () => mine === current && mine.state === "labelling";
    await labelAll(model, mine, isWanted, () => {
      part("list-progress").value = mine.answers.length / table.rows.length;
    });
    if (mine !== current) return;
    part("list-progress").hidden = true;
    part("list-stop").disabled = true;
    if (mine.state === "labelling") {
      mine.state = "labelled";
      offer(table, mine);
    }
    sayState();
  };
  const offer = (table, { answers, name }) => {
    if (address) URL.revokeObjectURL(address);
    const blob = new Blob([withAnswers(table, answers)], { type: "text/csv" });
    address = URL.createObjectURL(blob);
    Object.assign(part("download"), { href: address, download: labelledName(table, name) });
    part("download").hidden = false;
  };
  const open = async (file) => {
    current = null;
    part("labelled").hidden = true;
    part("columns").hidden = true;
    if (file.size > LARGEST) throw new Error("This file is too large for a page.");
    const table = readNames(new Uint8Array(await file.arrayBuffer()), file.name);
    const mine = { table, name: file.name, answers: [], state: "labelling" };
    current = mine;
    const options = table.columns.map((name, place) => element("option", { value: place }, name));
    part("column").replaceChildren(...options);
    part("column").value = String(table.place);
    part("columns").hidden = table.columns.length < 2;
    say(text("compare.begun", { name: file.name }));
    await begin();
  };
  part("column").addEventListener("change", () => {
    if (!current) return;
    const table = { ...current.table, place: Number(part("column").value) };
    current = { ...current, table };
    begin();
  });
  part("list-stop").addEventListener("click", () => {
    if (current) current.state = "stopped";
    part("list-file").focus(); // a button that is turned off loses the keyboard
  });
  return { open, draw: sayState };
}

// Labels the rows of a table and shows them, with the page let go in between.
async function labelAll(model, { table, answers }, isWanted, tell) {
  const known = new Map(); // a name that comes again is not asked again
  const { columns, place, rows } = table;
  let fresh = [];
  let since = performance.now();
  const showFresh = () => {
    part("list-rows").append(...fresh);
    fresh = [];
    tell();
  };
  for (const { cells } of rows) {
    const isWhole = cells.length === columns.length;
    const name = isWhole ? cells[place] : "";
    if (!known.has(name)) known.set(name, answerTo(model, name));
    const answer = cells.length ? known.get(name) : null;
    answers.push(answer);
    if (answer && answers.length <= ROWS) fresh.push(rowOf(cells[place] ?? "", answer));
    if (performance.now() - since < AT_ONCE) continue;
    showFresh();
    await new Promise((go) => setTimeout(go));
    if (!isWanted()) return;
    since = performance.now();
  }
  showFresh();
}

// [label, probability] of a name, as the command writes them.
function answerTo(model, name) {
  if (IS_EMPTY.test(name)) return [UNKNOWN, ""];
  let symbols = [];
  try {
    symbols = model.read(name);
  } catch {
    return [UNKNOWN, ""]; // too long
  }
  if (!model.knows(symbols)) return [UNKNOWN, ""];
  const [{ label, probability }] = model.rank(model.logProbaOf(symbols));
  return [label, probability.toFixed(4)];
}

function rowOf(name, [label, probability]) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, name),
    element("td", {}, label === UNKNOWN ? text("compare.no_label") : label),
    element("td", { className: "number" }, probability && number(Number(probability), 4)),
  );
}
