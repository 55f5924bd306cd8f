// The part "score": how surprising each letter of a given text is to a generator. Knows a
// generator, and the parts of write.html.

import { SHOWN, answering, part, say, showRead } from "./asking.js";
import { drawBits } from "./drawing.js";
import { number, onLanguage, text } from "./texts.js";

const AT_ONCE = 50; // ms without a key before a text is scored

// `labelOf` gives the label's place that a select chooses, or null.
export function startScore(model, inside, labelOf) {
  // Under the mixture of many labels a score takes a while: the page is let go between them, and
  // what was typed meanwhile is scored in place of this.
  const score = async (isLatest) => {
    const typed = part("text").value;
    part("results").hidden = !typed;
    if (!typed) return;
    const symbols = model.read(typed);
    showRead(model, symbols, typed);
    const places = model.scoredUnder(labelOf("of-label"));
    const logs = [];
    for (const place of places) {
      if (logs.length) {
        part("mean").textContent = text("write.reading", { read: logs.length, all: places.length });
        await new Promise((go) => setTimeout(go));
        if (!isLatest()) return;
      }
      logs.push(model.logProbsOfLetters(model.ids(symbols), place));
    }
    const rows = model.bitsOf(symbols, logs);
    const mean = rows.reduce((sum, row) => sum + row.bits, 0) / rows.length;
    part("mean").textContent = text("write.bits", { value: number(mean, 2) });
    drawBits(part("bits"), rows.slice(0, 3 * SHOWN));
    say(part("mean").textContent);
    const shown = ["\n", ...symbols.slice(0, SHOWN)];
    const ids = shown.map((letter) => model.id(letter));
    const probable = logs.map((row) => row.reduce((sum, value) => sum + value, 0));
    inside.show(shown, ids, places[probable.indexOf(Math.max(...probable))]);
  };
  let scoring = 0;
  const scoreSoon = () => {
    clearTimeout(scoring);
    const start = () => answering(() => score(() => mine === scoring), "unscored", "results");
    const mine = setTimeout(start, AT_ONCE);
    scoring = mine;
  };
  for (const id of ["text", "of-label"].filter(part)) part(id).addEventListener("input", scoreSoon);
  onLanguage(scoreSoon);
}
