// The part "classify": the labels of what somebody types, the belief after each letter, and what
// each letter adds to the answer. Knows a classifier, and the parts of classify.html.

import { SHOWN, answering, part, say, showRead } from "./asking.js";
import { drawBars, drawEvidence, drawLines, element, visibleLetter } from "./drawing.js";
import { onLanguage, percent, text } from "./texts.js";

const LINES = 6; // labels with a line; there are as many colours and markers
const BARS = 6; // labels with a bar, until all are asked for
const REMEMBERED = 2000; // prefixes whose answer is kept
const EXAMPLES = ["Hinton", "Satoshi", "Kovačević", "Nguyen", "O’Neill"];
const AT_ONCE = 12; // ms of work after which the page is let go, for the next key

// Answers while somebody types; the pictures come a moment later.
export function startClassify(model, inside) {
  const known = new Map(); // the answers for prefixes
  const answerTo = (symbols) => {
    const key = symbols.join("\u0000");
    if (known.size > REMEMBERED) known.clear();
    if (!known.has(key)) known.set(key, model.logProbaOf(symbols));
    return known.get(key);
  };
  let drawing = 0;
  const answer = () => {
    const asked = part("text").value;
    const symbols = model.read(asked);
    showRead(model, symbols, asked);
    part("results").hidden = !symbols.length;
    part("nothing").hidden = symbols.length > 0;
    clearTimeout(drawing); // the pictures may wait for the next key
    if (!symbols.length) return;
    const ranking = model.rank(answerTo(symbols));
    showRanking(model, symbols, ranking);
    const draw = async () => {
      const isLatest = () => mine === drawing;
      showDoubts(model, asked);
      const shown = symbols.slice(0, SHOWN);
      const beliefs = await eachInTurn(shown, isLatest, (t) =>
        answerTo(symbols.slice(0, t + 1)).map(Math.exp),
      );
      if (!beliefs) return;
      showBeliefs(model, shown, beliefs, symbols.length);
      const [best] = ranking;
      const knows = model.knows(symbols);
      const answered = knows ? [best.label, percent(best.probability)] : [text("page.unknown")];
      inside.show(shown, model.ids(shown), null, answered);
      part("added").hidden = !knows; // without an answer there is nothing to add to
      if (!knows) return;
      const place = model.labels.indexOf(best.label);
      const added = await eachInTurn(
        shown,
        isLatest,
        (t) => model.occlusionAt(symbols, t, answerTo(symbols))[place],
      );
      if (added) showEvidence(shown, added, best.label);
    };
    const mine = setTimeout(draw);
    drawing = mine;
  };
  const answerNow = () => answering(answer, "wrong", "results");
  part("text").addEventListener("input", answerNow);
  part("all").addEventListener("change", answerNow);
  if (part("examples")) {
    const buttons = EXAMPLES.map((name) => element("button", { type: "button" }, name));
    part("examples").append(...buttons);
    part("examples").addEventListener("click", (event) => {
      if (!event.target.matches("button")) return;
      part("text").value = event.target.textContent;
      answerNow();
    });
  }
  onLanguage(answerNow);
  answerNow();
  part("text").focus({ preventScroll: true }); // it was hidden when the page was loaded
}

// What `compute` says of each letter's place, with the page let go in between; null where a newer
// text came meanwhile.
async function eachInTurn(letters, isLatest, compute) {
  const found = [];
  let since = performance.now();
  for (const t of letters.keys()) {
    if (performance.now() - since > AT_ONCE) {
      await new Promise((go) => setTimeout(go));
      since = performance.now();
    }
    if (!isLatest()) return null;
    found.push(compute(t));
  }
  return found;
}

function showRanking(model, symbols, ranking) {
  const knows = model.knows(symbols);
  const all = part("all").checked || ranking.length <= BARS + 1;
  const most = all ? ranking.length : BARS;
  const rows = ranking.slice(0, most);
  const rest = ranking.slice(most);
  if (rest.length) {
    const probability = rest.reduce((sum, row) => sum + row.probability, 0);
    rows.push({ label: text("classify.others", { count: rest.length }), probability });
  }
  drawBars(part("bars"), rows);
  const best = ranking.slice(0, 3).map((row) => `${row.label} ${percent(row.probability)}`);
  part("best").textContent = knows ? ranking[0].label : text("page.unknown");
  part("unknown").hidden = knows;
  say(knows ? best.join(", ") : part("unknown").textContent);
}

// What speaks against the answer; unknown letters are named beside what was read.
function showDoubts(model, asked) {
  const { unlikeTraining, severalWords } = model.doubts(asked);
  const found = [];
  if (unlikeTraining) found.push(text("classify.unlike_training"));
  if (severalWords) found.push(text("classify.several_words"));
  part("doubts").hidden = !found.length;
  part("doubts").textContent = found.join(" ");
}

function showBeliefs(model, shown, beliefs, all) {
  const highest = (l) => beliefs.reduce((most, row) => Math.max(most, row[l]), 0);
  const last = beliefs.at(-1);
  const chosen = model.labels
    .map((label, l) => ({ label, l, top: highest(l) }))
    .sort((one, other) => other.top - one.top)
    .slice(0, LINES)
    .sort((one, other) => last[other.l] - last[one.l]);
  const lines = chosen.map(({ label, l }) => ({ label, values: beliefs.map((row) => row[l]) }));
  drawLines(part("beliefs"), shown, lines, text("classify.beliefs"));
  part("cut").textContent = all > SHOWN ? text("page.cut", { shown: SHOWN, all }) : "";
  const rows = shown.map((letter, t) => {
    const best = model.rank(beliefs[t].map(Math.log)).slice(0, 3);
    const told = best.map((row) => `${row.label} ${percent(row.probability)}`).join(", ");
    const head = element("th", { scope: "row" }, visibleLetter(letter));
    return element("tr", {}, head, element("td", {}, told));
  });
  part("each").replaceChildren(...rows);
}

// What each letter adds (T) to the answer.
function showEvidence(letters, added, label) {
  part("why").textContent = text("classify.why", { label });
  drawEvidence(part("evidence"), letters, added);
}
