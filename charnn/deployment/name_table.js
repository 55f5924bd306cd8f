// A list or table of names, from the bytes of a text file, and the same with labels beside it: as
// `python -m charnn.predict --input names.txt --output labels.csv` reads and writes it.
//
// What charnn/text/dialects.py, delimited.py and table_output.py do, for UTF-8. Nothing is guessed:
// where two readings are plausible, an Error says so. Knows no model and no page.

import { bodyOf, cellsOf, headOf, inert, linesOf, rowsOf, writtenCell } from "./rows.js";

const SHOWN = { ",": "“,”", ";": "“;”", "\t": "“⇥”", "|": "“|”" }; // in an error
const USUAL = { csv: ",", tsv: "\t", tab: "\t", psv: "|" }; // by suffix
const SAMPLE = 1000; // lines from which it is recognised how a text is written
const FIRST = 20; // lines in which single quotes are looked for
const SHARE = 0.9; // of rows that have the same number of cells, at least, in a table
const ADDED = ["label", "probability"]; // the columns that are added
const NUMBER = /^[-+]?[\d.,:/ -]{0,30}%?$/; // dates and times too
const NAME_WORDS = "name names surname lastname familyname fullname nachname soyad soyadı ad adı";
const HEADER_WORDS = new Set(
  `
  name names fullname firstname lastname middlename givenname familyname surname surnames forename
  first last given family title label labels class category target id no nr number index key row
  person author customer user username word words text string value sentence review comment note
  notes city town country state region nationality language origin ethnicity address street zip
  postcode gender sex age year date time birthday born email mail phone telephone job company
  nachname vorname stadt land sprache herkunft nom prénom ville pays langue nombre apellido
  apellidos ciudad país idioma cognome nome cidade ad adı adi soyad soyadı soyadi isim şehir sehir
  ülke ulke dil etiket naam achternaam voornaam imię imie nazwisko efternamn förnamn namn
  `.match(/\S+/g), // letters only, in lower case; as in dialects.py
);

// The table of a file's bytes (a Uint8Array): {columns, place, isList, header, rows, ...}. `place`
// is the column that is probably the names'; of a list, "name" is the only one. Throws an Error,
// in words, for what is no such text.
export function readNames(bytes, fileName) {
  const suffix = fileName.toLowerCase().match(/\.(\w+)$/)?.[1] ?? "";
  let lines = linesOf(decoded(bytes));
  const mark = lines[0]?.startsWith("\ufeff") ? "\ufeff" : "";
  if (mark) lines[0] = lines[0].slice(1);
  if (!lines.some((line) => line.trim())) throw new Error("This file holds no name.");
  const separator = bodyOf(lines[0]).match(/^"?sep=(.)"?$/i)?.[1] ?? null; // Excel's own first line
  const dialect = dialectOf(lines.slice(separator ? 1 : 0), USUAL[suffix] ?? null, separator);
  const isList = !dialect.delimiter;
  let skipped = separator ? 1 : 0;
  if (!isList) while (!lines[skipped].trim()) skipped++;
  const before = lines.slice(0, skipped).join("");
  lines = lines.slice(skipped);
  const found = { suffix, mark, before, dialect, isList, header: null };
  if (isList) {
    return { ...found, columns: ["name"], place: 0, rows: rowsOf(lines, dialect, 1, skipped + 1) };
  }
  const isWhole = lines.length <= SAMPLE;
  const sample = rowsOf(lines.slice(0, SAMPLE), dialect, null, skipped + 1, isWhole);
  const filled = sample.filter((row) => row.cells.length);
  if (!hasHeader(filled)) {
    const width = usualWidth(filled).width;
    const columns = Array.from({ length: width }, (_, k) => String(k + 1));
    return { ...found, columns, place: 0, rows: rowsOf(lines, dialect, width, skipped + 1) };
  }
  const [header, ...rest] = filled;
  const columns = header.cells;
  if (rest.length && rest.every((row) => row.cells.length !== columns.length)) {
    throw new Error(`No row of this file has as many cells as its header, ${columns.length}.`);
  }
  const taken = ADDED.find((name) => columns.includes(name));
  if (taken) throw new Error(`The table already has a column ${taken}; rename or remove it.`);
  const length = linesOf(header.raw).length;
  const rows = rowsOf(lines.slice(length), dialect, columns.length, skipped + 1 + length);
  return { ...found, columns, header, place: placeOfNames(columns), rows };
}

function decoded(bytes) {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new Error("This file is UTF-16; save it as UTF-8.");
  }
  let text = "";
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error("This file is not UTF-8; save it as UTF-8.");
  }
  if (text.includes("\0")) throw new Error("This file is no text.");
  return text;
}

// ---------------------------------------------------------------- how it is written

function dialectOf(lines, usual, separator) {
  const sample = lines.slice(0, SAMPLE);
  const quote = quoteOf(sample);
  if (separator) return { delimiter: separator, quote };
  const readings = Object.keys(SHOWN).map((delimiter) => {
    return readingOf(sample, { delimiter, quote }, lines.length <= SAMPLE);
  });
  const delimiter = delimiterOf(readings, usual);
  const isInQuotes = (line) => line.length > 1 && line.startsWith('"') && line.endsWith('"');
  const written = sample.map((line) => line.trim()).filter(Boolean);
  if (!delimiter && written.length > 1 && written.every(isInQuotes)) {
    throw new Error("All lines of this file are in quotes; take them out, or call it .csv.");
  }
  return delimiter ? { delimiter, quote } : { delimiter: "", quote: "" };
}

function quoteOf(lines) {
  if (lines.some((line) => line.includes('"'))) return '"';
  const cells = lines.slice(0, FIRST).flatMap((line) => bodyOf(line).split(/[,;\t|]/));
  const filled = cells.filter(Boolean);
  const isSingle = (cell) => cell.length > 1 && cell.startsWith("'") && cell.endsWith("'");
  return filled.length && filled.every(isSingle) ? "'" : '"';
}

// The lines as one delimiter makes them; line by line where the quotes do not fit it.
function readingOf(lines, dialect, whole) {
  let rows = [];
  try {
    rows = rowsOf(lines, dialect, null, 1, whole);
  } catch {
    const plain = { ...dialect, quote: "" };
    rows = lines.map((raw, k) => ({ line: k + 1, cells: cellsOf(bodyOf(raw), plain), raw }));
  }
  rows = rows.filter((row) => row.raw.trim());
  return { delimiter: dialect.delimiter, rows, ...usualWidth(rows) };
}

// How many cells most rows have, and the share of the rows that have as many.
function usualWidth(rows) {
  const times = new Map();
  for (const row of rows) times.set(row.cells.length, (times.get(row.cells.length) ?? 0) + 1);
  let width = 0;
  for (const [cells, count] of times) if (count > (times.get(width) ?? 0)) width = cells;
  return { width, share: (times.get(width) ?? 0) / Math.max(1, rows.length) };
}

// The delimiter of a text; "" for a list. Throws an Error where two are plausible.
function delimiterOf(readings, usual) {
  const isWide = ({ width, rows }) => width > 1 && rows[0]?.cells.length === width;
  let tables = readings.filter((one) => isWide(one) && one.share >= SHARE);
  const maybe = readings.find((one) => one.delimiter === usual && isWide(one) && one.share > 0.5);
  if (maybe && !tables.includes(maybe)) tables.push(maybe);
  if (tables.length > 1) tables = tables.filter((one) => !isDecimalComma(one));
  // A tab hardly ever stands within a cell, a comma often does.
  const tabs = tables.filter((one) => one.delimiter === "\t");
  if (tabs.length && (usual === null || usual === "\t")) tables = tabs;
  const kinds = tables.map((one) => SHOWN[one.delimiter]).join(", ");
  if (tables.length > 1) {
    throw new Error(`The rows of this file have ${kinds} alike; leave one of them.`);
  }
  if (tables.length && usual === null) {
    throw new Error(
      `The lines of this file have ${kinds} as a table has; call it .csv, or give one name a line.`,
    );
  }
  if (tables.length || usual === null) return tables[0]?.delimiter ?? "";
  // Of one column, then; not where the first row has another sign.
  const others = readings.filter(({ rows }) => rows[0]?.cells.length > 1);
  if (others.length && !others.some((one) => one.delimiter === usual)) {
    const signs = others.map((one) => SHOWN[one.delimiter]).join(", ");
    throw new Error(`The rows of this file have ${signs}, but not all as many; correct them.`);
  }
  return usual;
}

// Whether all commas of all rows are within numbers, such as 1,80.
function isDecimalComma({ delimiter, rows }) {
  return delimiter === "," && !rows.some((row) => /(?<!\d),|,(?!\d)/.test(row.raw));
}

// ---------------------------------------------------------------- header or none

// Whether the first of these rows names the columns. Of several columns it does, unless it cannot;
// throws an Error where that of a single one may or may not.
function hasHeader(rows) {
  const [first, ...rest] = rows;
  const columns = first.cells.map((cell) => cell.normalize("NFC").trim());
  const evidence = evidenceOf(columns, rest);
  if (columns.length === 1 && evidence === null) {
    throw new Error(
      `The first line, ${columns[0].slice(0, 60)}, may name the column or be a name; ` +
        "write name above it, or call the file .txt.",
    );
  }
  return evidence !== false;
}

// Whether a first row differs from the rest as a header does; null: it cannot be told.
function evidenceOf(columns, rest) {
  if (columns.some((cell) => HEADER_WORDS.has(plain(cell)))) return true;
  if (columns.some((cell) => isNumber(cell) || cell.includes("@"))) return false;
  for (const [place, cell] of columns.entries()) {
    const below = rest.map((row) => row.cells[place] ?? "").filter((value) => value.trim());
    if (!below.length) continue;
    if (below.every(isNumber)) return true;
    if (cell && below.includes(cell)) return false;
    const isLower = cell === cell.toLowerCase() && cell !== cell.toUpperCase();
    if (isLower && below.every((value) => /^\p{Lu}/u.test(value.trimStart()))) return true;
  }
  return null;
}

function isNumber(cell) {
  return NUMBER.test(cell.trim()) && /\d/.test(cell);
}

function plain(cell) {
  return cell.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function placeOfNames(columns) {
  const places = NAME_WORDS.split(" ").map((word) =>
    columns.findIndex((cell) => plain(cell) === word),
  );
  return places.find((place) => place >= 0) ?? 0;
}

// ---------------------------------------------------------------- with the labels

// The name of the file with the labels: of a table the same kind of file, of a list a table.
export function labelledName(table, fileName) {
  const stem = fileName.replace(/\.\w+$/, "");
  return `${stem}-labels.${table.isList ? "csv" : table.suffix}`;
}

// The text of a table with its answers: for each row [label, probability] as they are written, or
// null for a blank line. Of a table all other bytes stay; a list gets a header and commas.
export function withAnswers(table, answers) {
  const { dialect, columns } = table;
  if (table.isList) {
    const commas = { delimiter: ",", quote: '"' };
    const line = (cells) => `${cells.map((cell) => writtenCell(cell, commas)).join(",")}\n`;
    const rows = table.rows.map((row, k) => line([row.cells[0], ...answers[k].map(inert)]));
    return table.mark + line([...columns, ...ADDED]) + rows.join("");
  }
  const beside = (row, answer) => {
    if (!answer) return row.raw;
    const cells = answer.map((cell) => writtenCell(inert(cell), dialect));
    const added = dialect.delimiter + cells.join(dialect.delimiter);
    const body = bodyOf(row.raw);
    const missing = columns.length - row.cells.length;
    let [head, rest] = [body + dialect.delimiter.repeat(Math.max(missing, 0)), ""];
    if (missing < 0) [head, rest] = headOf(body, dialect, columns.length);
    return head + added + rest + row.raw.slice(body.length);
  };
  const header = table.header ? beside(table.header, ADDED) : "";
  const rows = table.rows.map((row, k) => beside(row, answers[k]));
  return table.mark + table.before + header + rows.join("");
}
