// The rows of a delimited text: cells to read, and each row as it stands, to be written again.
// What charnn/text/records.py does, for a text that is all there. A dialect is {delimiter, quote};
// the delimiter of a list, one name a line, is "". Knows nothing of headers, files or models.

const FEW = 10; // lines of a quoted cell; more are taken for a quote that was left open
// What a spreadsheet takes for the beginning of a formula, after OWASP's page on CSV injection.
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

// The lines of a text with their ends: "\n", "\r\n" or a lone "\r".
export function linesOf(text) {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}

// A row without its line end.
export function bodyOf(raw) {
  return raw.replace(/[\r\n]+$/, "");
}

// The rows {line, cells, raw} of lines; a blank line of a table with several columns has no cells.
// Without `whole`, more lines follow, and a row that is cut off is left out. Throws an Error, with
// the line, for quotes that are never closed or in the wrong place.
export function rowsOf(lines, dialect, width = null, first = 1, whole = true) {
  const rows = [];
  for (let place = 0; place < lines.length; place++) {
    const line = first + place;
    let raw = lines[place];
    if (dialect.quote && dialect.delimiter) {
      for (let more = 1; isOpen(raw, dialect, line); more++) {
        if (place + 1 === lines.length && !whole) return rows;
        if (more > FEW || place + 1 === lines.length) {
          throw new Error(`Line ${line}: a quote is opened and never closed; correct the line.`);
        }
        raw += lines[++place];
      }
      checkLines(raw, dialect, width, line);
    }
    const body = bodyOf(raw);
    const isBlank = !body && width !== 1 && dialect.delimiter;
    rows.push({ line, cells: isBlank ? [] : cellsOf(body, dialect), raw });
  }
  return rows;
}

// Whether a row ends within a quoted cell.
function isOpen(raw, { delimiter, quote }, line) {
  if (!raw.includes(quote)) return false;
  const text = bodyOf(raw);
  for (const { start, end, isQuoted, isUnclosed } of spansOf(text, delimiter, quote)) {
    if (isQuoted) continue;
    if (isUnclosed) return true;
    // O"Brien is a name; a quote that opens a cell and closes elsewhere hides a delimiter.
    const cell = text.slice(start, end).trimStart();
    if (cell.startsWith(quote) && cell.split(quote).length % 2 === 0) {
      throw new Error(`Line ${line}: a stray quote in ${cell.slice(0, 40)}; correct the line.`);
    }
  }
  return false;
}

// Throws an Error for a row of several lines that may be several rows: where its first and its last
// line have all cells of a row, or where it does not.
function checkLines(raw, dialect, width, line) {
  const lines = linesOf(bodyOf(raw)).map(bodyOf);
  if (width === null || lines.length < 2) return;
  const isRow = (text) => cellsOf(text, dialect).length === width;
  if ((isRow(lines[0]) && isRow(lines.at(-1))) || !isRow(bodyOf(raw))) {
    throw new Error(`Line ${line}: a quote is opened and never closed; correct the line.`);
  }
}

// Where each cell begins and ends in a row without its line end.
function spansOf(text, delimiter, quote) {
  const spans = [];
  for (let start = 0; ; ) {
    let end = -1;
    let [isQuoted, isUnclosed] = [false, false];
    if (quote && text.startsWith(quote, start)) {
      const close = closingQuote(text, start + 1, quote);
      isUnclosed = close < 0;
      const after = close + 1;
      isQuoted = !isUnclosed && (after === text.length || text.startsWith(delimiter, after));
      if (isQuoted) end = after;
    }
    if (end < 0) end = text.indexOf(delimiter, start);
    if (end < 0) end = text.length;
    spans.push({ start, end, isQuoted, isUnclosed });
    if (end === text.length) return spans;
    start = end + 1;
  }
}

// Where the first quote is that is not one of two; -1 where there is none.
function closingQuote(text, start, quote) {
  let place = text.indexOf(quote, start);
  while (place >= 0 && text[place + 1] === quote) place = text.indexOf(quote, place + 2);
  return place;
}

// The cells of a row without its line end; one that is quoted badly is taken as it stands.
export function cellsOf(text, { delimiter, quote }) {
  if (!delimiter) return [text];
  if (!quote || !text.includes(quote)) return text.split(delimiter);
  return spansOf(text, delimiter, quote).map(({ start, end, isQuoted }) =>
    isQuoted
      ? text.slice(start + 1, end - 1).replaceAll(quote + quote, quote)
      : text.slice(start, end),
  );
}

// A row's first cells as they are written, and the rest with its delimiter.
export function headOf(text, { delimiter, quote }, cells) {
  const end = spansOf(text, delimiter, quote)[cells - 1].end;
  return [text.slice(0, end), text.slice(end)];
}

// A cell of ours that no spreadsheet takes for a formula: with a single quote before it.
export function inert(cell) {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

// A cell as it is written between others.
export function writtenCell(cell, { delimiter, quote }) {
  if (![delimiter, quote, "\r", "\n"].some((sign) => cell.includes(sign))) return cell;
  return `${quote}${cell.replaceAll(quote, quote + quote)}${quote}`;
}
