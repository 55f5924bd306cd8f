// The part "write": new names, or running text, letter by letter, and what else could have come in
// the place of each letter. Knows a generator, and the parts of write.html.

import { answering, part, say } from "./asking.js";
import { element, visibleLetter } from "./drawing.js";
import { startScore } from "./score.js";
import { number, onLanguage, percent, text } from "./texts.js";

const NAMES = 8; // names that are written at once
const OF_A_NAME = 30; // ms between two letters of a name, so that it can be seen how it grows
const SLICE = 12; // ms of running text that are written before the page is let go
const LETTERS = 12; // letters with a bar, beside the one that was written
const END = "\n"; // of a name

export function startWrite(model, inside) {
  const labelOf = (id) => (part(id)?.value ? Number(part(id).value) : null);
  for (const id of ["label", "of-label"].filter(part)) {
    const all = model.labels.map((label, k) => element("option", { value: k }, label));
    part(id).append(...all);
  }
  const asked = () => ({
    label: labelOf("label"),
    prefix: part("prefix").value,
    temperature: Number(part("temperature").value),
    topP: Number(part("top-p").value) < 1 ? Number(part("top-p").value) : null,
  });
  const instead = startInstead(model);
  const lines = []; // what is written, to be said again in the other language
  let writing = null; // what is being written; whoever finds another one here stops

  const write = async () => {
    const mine = {};
    writing = mine;
    const options = asked();
    const seed = part("seed").value === "" ? randomSeed() : Number(part("seed").value);
    const count = model.writesNames ? NAMES : 1;
    // All are begun before any is shown: what is wrong with the prefix is found by the first.
    const begun = Array.from({ length: count }, (_, k) =>
      model.writing({ ...options, seed: seed + k }),
    );
    lines.length = 0;
    part("written").replaceChildren();
    instead.hide();
    part("stop").disabled = false;
    try {
      for (const one of begun) {
        const line = lineOf(model, one.label, options, instead.show);
        lines.push(line);
        part("written").append(line.element);
        await writeLetters(one.letters, line, model.writesNames, () => mine === writing);
        if (mine !== writing) return;
      }
    } finally {
      if (mine === writing || !writing) part("stop").disabled = true;
      for (const line of lines) line.finish();
    }
    say(lines.map((line) => line.text()).join(", ").slice(0, 500));
  };
  const stop = () => {
    writing = null;
    part("go").focus(); // a button that is turned off loses the keyboard
  };

  const showSliders = () => {
    part("degrees").textContent = number(Number(part("temperature").value), 1);
    const { topP } = asked();
    part("nucleus").textContent = topP === null ? text("write.all_letters") : percent(topP, 0);
  };
  for (const id of ["temperature", "top-p"]) {
    part(id).addEventListener("input", () => {
      showSliders();
      instead.warm(asked());
    });
  }
  const writeNow = () => answering(write, "wrong");
  part("writing").addEventListener("submit", (event) => {
    event.preventDefault();
    writeNow();
  });
  part("stop").addEventListener("click", stop);
  onLanguage(() => {
    showSliders();
    for (const line of lines) line.tell();
    instead.draw();
  });
  showSliders();
  startScore(model, inside, labelOf);
  writeNow();
}

function randomSeed() {
  return Math.floor(Math.random() * 2 ** 31);
}

// Adds letters to a line as they are drawn, while somebody waits for them: those of a name one
// after the other, running text as fast as it comes.
async function writeLetters(letters, line, isName, isWanted) {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const pause = isName && !isCalm ? OF_A_NAME : 0;
  let since = performance.now();
  for (const row of letters) {
    line.add(row);
    const isDue = pause ? !row.given : performance.now() - since > SLICE;
    if (!isDue) continue;
    await new Promise((go) => setTimeout(go, pause));
    if (!isWanted()) return;
    since = performance.now();
  }
}

// ---------------------------------------------------------------- a text with its letters

// A list item of a text that is being written: add({letter, bits, given}) another letter, tell()
// what it costs, finish(). Each letter is a button; the arrow keys go from one to the next.
function lineOf(model, label, options, choose) {
  const shown = element("span", { className: "text" });
  const about = element("small");
  const rows = [];
  const buttons = [];
  let word = null;
  const add = (row) => {
    const place = rows.push(row) - 1;
    const isEnd = row.letter === END;
    const button = element("button", { type: "button", className: "drawn", tabIndex: -1 });
    button.textContent = isEnd ? visibleLetter(END) : row.letter;
    if (isEnd || row.letter === " ") button.classList.add("sign");
    if (row.given) button.classList.add("given");
    if (!place) button.tabIndex = 0;
    button.addEventListener("click", () => {
      focus(place);
      const before = rows.slice(0, place).map((one) => one.letter);
      choose({ label, prefix: before.join(""), ...row, options }, button);
    });
    buttons.push(button);
    if (model.writesNames && isEnd) {
      about.before(button);
    } else {
      // A line breaks between words, and not between two buttons.
      if (!word) shown.append((word = element("span", { className: "word" })));
      word.append(button);
      if (/\s/.test(row.letter)) word = null;
      if (isEnd) shown.append(END);
      else if (!word) shown.append(element("wbr"));
    }
    tell();
  };
  const focus = (place) => {
    for (const button of buttons) button.tabIndex = -1;
    buttons[place].tabIndex = 0;
    buttons[place].focus();
  };
  const move = (event) => {
    const place = buttons.indexOf(event.target);
    const steps = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: buttons.length - 1 };
    const next = steps[event.key];
    if (place < 0 || next === undefined || !buttons[next]) return;
    event.preventDefault();
    focus(next);
  };
  const tell = () => {
    const { label: name, bitsPerChar, text: written } = model.written(label, rows);
    const bits = text("write.bits", { value: number(bitsPerChar, 2) });
    about.textContent = [name, bits].filter(Boolean).join(", ");
    group.setAttribute("aria-label", text("write.letters_of", { written: written.slice(0, 60) }));
  };
  const finish = () => {
    buttons.forEach((button, place) => {
      const letter = visibleLetter(rows[place].letter);
      button.title = text("write.letter_bits", { letter, bits: number(rows[place].bits, 1) });
    });
  };
  const group = element("span", {}, shown, about);
  group.setAttribute("role", "group");
  group.addEventListener("keydown", move);
  return {
    element: element("li", {}, group),
    add,
    tell: () => {
      tell();
      finish();
    },
    finish,
    text: () => model.written(label, rows).text,
  };
}

// ---------------------------------------------------------------- what else could have come

// The view of a place in a text: show(place, button) draws what could come there, at the chosen
// temperature beside temperature 1; warm(options) draws it again at another one.
function startInstead(model) {
  let chosen = null;
  let pressed = null;
  const draw = () => {
    part("instead").hidden = !chosen;
    if (!chosen) {
      part("after-what").textContent = text("write.instead");
      return;
    }
    const { label, prefix, letter, bits, options } = chosen;
    const { temperature, topP } = options;
    const cold = model.nextLetters({ label, prefix });
    const warm = model.nextLetters({ label, prefix, temperature, topP });
    const top = cold.slice(0, LETTERS);
    const written = cold.find((row) => row.letter === letter);
    if (!top.includes(written)) top.push(written);
    const letters = top.map((row) => row.letter);
    const before = [...prefix].map((one) => (one === END ? visibleLetter(END) : one)).join("");
    const after = before ? text("write.after", { before: before.slice(-40) }) : text("write.first");
    part("after-what").textContent = after;
    const shown = { letter: visibleLetter(letter), bits: number(bits, 1) };
    part("chosen-letter").textContent = text("write.was", shown);
    const values = { temperature: number(temperature, 1) };
    if (topP !== null) values.share = percent(topP, 0);
    part("hot").textContent = text(topP === null ? "write.at" : "write.at_top_p", values);
    drawLetters(part("hot-bars"), letters, warm, letter);
    drawLetters(part("cold-bars"), letters, cold, letter);
    say(`${after}: ${top.slice(0, 3).map(told).join(", ")}`);
  };
  return {
    show: (place, button) => {
      pressed?.removeAttribute("aria-pressed");
      pressed = button;
      button.setAttribute("aria-pressed", "true");
      chosen = place;
      draw();
      part("instead").scrollIntoView({ block: "nearest" }); // on a narrow screen it is below
    },
    warm: ({ temperature, topP }) => {
      if (chosen) chosen = { ...chosen, options: { temperature, topP } };
      draw();
    },
    hide: () => {
      [chosen, pressed] = [null, null];
      draw();
    },
    draw,
  };
}

function told({ letter, probability }) {
  return `${visibleLetter(letter)} ${percent(probability)}`;
}

// A bar for each of these letters, the same in both lists, so that they can be compared row by row.
function drawLetters(list, letters, rows, written) {
  const probabilities = new Map(rows.map((row) => [row.letter, row.probability]));
  const lines = letters.map((letter) => {
    const probability = probabilities.get(letter) ?? 0;
    const bar = element("span", { className: "bar" });
    bar.style.width = `${100 * probability}%`;
    const isWritten = letter === written;
    return element(
      "li",
      { className: isWritten ? "written-one" : "" },
      element("span", { className: "label" }, `${isWritten ? "▸ " : ""}${visibleLetter(letter)}`),
      element("span", { className: "track", ariaHidden: "true" }, probability ? bar : ""),
      element("span", { className: "number" }, probability ? percent(probability) : "–"),
    );
  });
  list.replaceChildren(...lines);
}
