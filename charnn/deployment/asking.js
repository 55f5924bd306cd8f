// What the page's parts share: an element by its id, what is told to screen readers, what is said
// of a text that somebody typed, and rows of buttons. Knows models by `read`, `id` and `config`.

import { element } from "./drawing.js";
import { text, troubleOf } from "./texts.js";

export const SHOWN = 40; // letters whose beliefs and gates are drawn, at most
const PAUSE = 400; // ms without a key before a screen reader is told

// As in charnn/text/letters.py: of these ASCII guesses or drops the vowels.
const POOR_SCRIPTS = /[\p{Script=Han}\p{Script=Hebrew}\p{Script=Arabic}]/u;

export function part(id) {
  return document.getElementById(id);
}

// Says a sentence to screen readers, once nobody has typed for a moment.
let saying = 0;
export function say(sentence) {
  clearTimeout(saying);
  saying = setTimeout(() => {
    part("said").textContent = sentence;
  }, PAUSE);
}

// Runs an answer to what somebody typed. What is wrong with the text is said in the part `beside`,
// and the part `stale`, which answers what was typed before, is hidden.
export async function answering(answer, beside, stale) {
  try {
    part(beside).textContent = "";
    await answer();
  } catch (error) {
    part(beside).textContent = troubleOf(error);
    if (stale) part(stale).hidden = true;
  }
}

// What the network reads, where it is not what was typed, and what of it is unknown.
export function showRead(model, symbols, typed, place = part("read")) {
  const between = model.config.tokens === "words" ? " " : "";
  const read = symbols.join(between);
  // Letters are named as they were typed: many are read as the same one.
  const pieces = between ? symbols : [...typed.normalize("NFC")];
  const readOne = (one) => (between ? [one] : model.normalise(one));
  const unknown = pieces.filter((one) => readOne(one).some((symbol) => !model.id(symbol)));
  const notes = [];
  if (symbols.length && read !== typed) {
    notes.push(text("page.read_as", { read: read.slice(0, 200) }));
  }
  if (unknown.length) {
    const some = [...new Set(unknown)].slice(0, 10).join(" ");
    notes.push(text("page.unknown_to_it", { unknown: some }));
  }
  const [poor] = model.config.raw ? [] : (typed.match(POOR_SCRIPTS) ?? []);
  if (poor) notes.push(text("page.poor_script", { letter: poor }));
  place.textContent = notes.join(" ");
}

// A button for each name, of which one is chosen; `shown` are the names as people read them. They
// stay while the names do, for the keyboard.
export function buttons(place, names, chosen, choose, shown = names) {
  place.hidden = names.length < 2;
  if (place.children.length !== names.length) {
    place.replaceChildren(...names.map(() => element("button", { type: "button" })));
  }
  [...place.children].forEach((button, k) => {
    button.textContent = shown[k];
    button.ariaPressed = String(names[k] === chosen);
    button.onclick = () => choose(names[k], k);
  });
}
