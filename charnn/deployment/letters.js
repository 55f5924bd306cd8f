// A user's text as a network reads it: ASCII, or as it is written; in words where it reads those.
// What charnn/text/letters.py, invisible.py and words.py do. Knows nothing of numbers.

export const UNKNOWN_SYMBOL = "?";

// The function that turns a text into what a network with this configuration reads: an array of
// letters, or of words. `table` is the text of ascii.txt; a network that reads what is written
// needs none.
export function reader(config, table) {
  const base = config.raw ? toRaw : asciiWriter(table);
  const normalise = config.lowercase ? (text) => lowered(base(text)) : base;
  return config.tokens === "words" ? wordReader(normalise, config) : (text) => [...normalise(text)];
}

// ---------------------------------------------------------------- letters

// A function to ASCII letters, digits, space and .,;'- with "?" for what has none of these.
export function asciiWriter(table) {
  if (!table) throw new Error("This model reads ASCII, and the table that says how is missing.");
  const asciiOf = readTable(table);
  return (text) =>
    Array.from(text.normalize("NFC"), (letter) => asciiOf.get(letter) ?? UNKNOWN_SYMBOL)
      .join("")
      .replace(/^ +| +$/g, "");
}

// ascii.txt: lines such as "c0=A|A|A|..." for a run of characters from U+00C0.
function readTable(table) {
  const found = new Map();
  for (const line of table.split("\n")) {
    if (!line || line.startsWith("#")) continue;
    const [first, texts] = line.split("=");
    texts.split("|").forEach((text, place) => {
      found.set(String.fromCodePoint(parseInt(first, 16) + place), text);
    });
  }
  return found;
}

// The text as it is written, composed (NFC), without invisible characters.
export function toRaw(text) {
  return stripped(visible(text).normalize("NFC"));
}

// Small letters, each letter one letter: İ becomes i, without a dot beside it.
export function lowered(text) {
  return text
    .toLowerCase()
    .replace(/i\u0307+/g, "i")
    .normalize("NFC");
}

// What is white space to Python; to JavaScript U+001C to U+001F and U+0085 are not, and U+FEFF is.
export const SPACE =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACES_AROUND = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "g");

function stripped(text) {
  return text.replace(SPACES_AROUND, "");
}

// ---------------------------------------------------------------- invisible characters

// The same characters as in charnn/text/invisible.py, which says where each list is from.
const ZERO_WIDTH_JOINER = "\u200d";
const JOINERS = "\u180e\u200c\u200d";
const OTHERS = new RegExp(
  "[\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180d\\u180f\\u200b\\u200e\\u200f" +
    "\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0" +
    "\\ufff9-\\ufffb\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0001}" +
    "\\u{e0020}-\\u{e007f}\\u{e0100}-\\u{e01ef}]+",
  "gu",
);
const JOINING = new RegExp(
  "[\\u0600-\\u0dff\\u1780-\\u180d\\u180f-\\u18af\\ua840-\\ua87f\\ua8e0-\\ua8ff\\ufb50-\\ufdff" +
    "\\ufe70-\\ufefc\\u{10d00}-\\u{10d3f}\\u{11000}-\\u{11fff}\\u{1e900}-\\u{1e95f}]",
  "u",
);
const VIRAMAS = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca";
const LAST_OF_ALL_MARKS = "\u0345"; // a mark of the highest canonical class

// The text without invisible characters; a joiner stays between letters that it joins.
export function visible(text) {
  const letters = [...text.replace(OTHERS, "")];
  const kept = [];
  for (let place = 0, before = 0; place < letters.length;) {
    if (!JOINERS.includes(letters[place])) {
      kept.push(letters[place++]);
      continue;
    }
    let end = place;
    while (end < letters.length && JOINERS.includes(letters[end])) end++;
    let first = place;
    while (first > before && isOfRun(letters[first - 1])) first--;
    if (joins(letters.slice(first, place), letters[place], following(letters, end))) {
      kept.push(letters[place]);
    }
    place = before = end;
  }
  return kept.join("");
}

function isOfRun(letter) {
  return JOINING.test(letter) || isMark(letter);
}

// Whether a joiner joins: the letters and marks right before it, and the letter that comes next.
function joins(before, joiner, next) {
  if (next && before.some((letter) => JOINING.test(letter))) return true;
  const lastLetter = before.findLastIndex((letter) => !isMark(letter));
  const marks = before.slice(lastLetter + 1);
  return joiner === ZERO_WIDTH_JOINER && marks.some((mark) => VIRAMAS.includes(mark));
}

// Whether a letter of a script with joiners comes next, beyond marks and joiners.
function following(letters, place) {
  while (place < letters.length && !JOINING.test(letters[place])) {
    if (!JOINERS.includes(letters[place]) && !isMark(letters[place])) return false;
    place++;
  }
  return place < letters.length;
}

// Whether Unicode orders a mark canonically: it then comes before a mark of a higher class.
function isMark(letter) {
  if (letter === LAST_OF_ALL_MARKS) return true;
  const after = LAST_OF_ALL_MARKS + letter.normalize("NFD");
  return after.normalize("NFD") !== after;
}

// ---------------------------------------------------------------- words

const INSIDE = "'\u2019\u2010\u2011-"; // part of a word when the word goes on after them
const OF_A_WORD = `[^${SPACE}'\u2019\u2010\u2011\\-]+`;
const WORD = new RegExp(`${OF_A_WORD}(?:[${INSIDE}]${OF_A_WORD})*|[^${SPACE}]`, "gu");
const LINE_BREAK = new RegExp(`<[${SPACE}]*/?[${SPACE}]*br(?![\\p{L}\\p{N}_])[^<>]*>`, "giu");

// Signs are split off first: in ASCII a dash between two words would become a hyphen within one.
function wordReader(normalise, config) {
  const spaced = (sign) => (INSIDE.includes(sign) ? sign : ` ${sign} `);
  return (text) => {
    const signsApart = text.replace(LINE_BREAK, " ").replace(/[\p{P}\p{S}]/gu, spaced);
    const words = normalise(signsApart).match(WORD) ?? [];
    const most = config.max_length;
    if (config.keep === "first" || words.length <= most) return words.slice(0, most);
    if (config.keep === "last") return words.slice(-most);
    const half = Math.floor(most / 2);
    return [...words.slice(0, most - half), ...words.slice(words.length - half)];
  };
}

// The symbol for a rare word, its last three letters as "…ess"; "" for a short word.
export function ending(word) {
  const letters = [...word];
  return letters.length > 4 ? `…${letters.slice(-3).join("")}` : "";
}

// Whether a symbol has a letter or digit in it, and is no ending.
export function isWord(symbol) {
  return symbol[0] !== "…" && /[\p{L}\p{N}]/u.test(symbol);
}
