// The page of one model: reads it out of the page itself, and answers while somebody types.
// Which parts there are is said in page.html; what is computed, in engine.js.

import { drawBars, drawBits, drawHeatMap, drawLines, element, percent } from "./drawing.js";
import { Classifier, load } from "./engine.js";

const SHOWN = 40; // letters whose beliefs and gates are drawn, at most
const LINES = 6; // labels with a line; there are as many colours and markers
const BARS = 6; // labels with a bar, until all are asked for
const PAUSE = 400; // ms without a key before a screen reader is told
const REMEMBERED = 2000; // prefixes whose answer is kept

// As in charnn/text/letters.py: of these ASCII guesses or drops the vowels.
const POOR_SCRIPTS = /[\p{Script=Han}\p{Script=Hebrew}\p{Script=Arabic}]/u;

const part = (id) => document.getElementById(id);

start();

async function start() {
  try {
    const table = part("table").textContent.trim() ? await unpacked("table") : new Uint8Array();
    const model = load(await unpacked("model"), new TextDecoder().decode(table));
    part("working").hidden = false;
    part("state").hidden = true;
    (model instanceof Classifier ? startClassifier : startGenerator)(model);
  } catch (error) {
    part("working").hidden = true;
    part("state").hidden = false;
    part("state").className = "trouble";
    part("state").setAttribute("role", "alert");
    part("state").textContent = error.message;
  }
}

// The bytes of a text/plain script: deflated, and written in base64.
async function unpacked(id) {
  try {
    const packed = Uint8Array.from(atob(part(id).textContent.trim()), (letter) =>
      letter.charCodeAt(0),
    );
    const bytes = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(bytes).arrayBuffer());
  } catch {
    throw new Error(
      `The ${id} in this page is damaged, so it cannot answer; export the page again.`,
    );
  }
}

// Says a sentence to screen readers, once nobody has typed for a moment.
let saying = 0;
function say(sentence) {
  clearTimeout(saying);
  saying = setTimeout(() => {
    part("said").textContent = sentence;
  }, PAUSE);
}

// Runs an answer to what somebody typed. What is wrong with the text is said in the part `beside`,
// and the part `stale`, which answers what was typed before, is hidden.
async function answering(answer, beside, stale) {
  try {
    part(beside).textContent = "";
    await answer();
  } catch (error) {
    part(beside).textContent = error.message;
    if (stale) part(stale).hidden = true;
  }
}

// ---------------------------------------------------------------- a classifier

function startClassifier(model) {
  const known = new Map(); // the answers for prefixes
  const answerTo = (symbols) => {
    const key = symbols.join("\u0000");
    if (known.size > REMEMBERED) known.clear();
    if (!known.has(key)) known.set(key, model.logProbaOf(symbols));
    return known.get(key);
  };
  const gates = gatesOf(model);
  let drawing = 0;
  const answer = () => {
    const symbols = model.read(part("text").value);
    showRead(model, symbols, part("text").value);
    part("results").hidden = !symbols.length;
    if (!symbols.length) return;
    const ranking = model.rank(answerTo(symbols));
    showRanking(model, symbols, ranking);
    clearTimeout(drawing); // the pictures may wait for the next key
    drawing = setTimeout(() => {
      const shown = symbols.slice(0, SHOWN);
      const beliefs = shown.map((_, t) => answerTo(symbols.slice(0, t + 1)).map(Math.exp));
      showBeliefs(model, shown, beliefs, symbols.length);
      gates.show(shown, model.ids(shown));
    });
  };
  const answerNow = () => answering(answer, "wrong", "results");
  part("text").addEventListener("input", answerNow);
  part("all").addEventListener("change", answerNow);
  answerNow();
}

// What the network reads, where it is not what was typed, and what of it is unknown.
function showRead(model, symbols, text) {
  const between = model.config.tokens === "words" ? " " : "";
  const read = symbols.join(between);
  // Letters are named as they were typed: many are read as the same one.
  const typed = between ? symbols : [...text.normalize("NFC")];
  const readOne = (one) => (between ? [one] : model.normalise(one));
  const unknown = typed.filter((one) => readOne(one).some((symbol) => !model.id(symbol)));
  const notes = [];
  if (symbols.length && read !== text) notes.push(`Read as “${read.slice(0, 200)}”.`);
  if (unknown.length) {
    notes.push(`Unknown to the model: ${[...new Set(unknown)].slice(0, 10).join(" ")}`);
  }
  const [poor] = model.config.raw ? [] : (text.match(POOR_SCRIPTS) ?? []);
  if (poor) notes.push(`The script of “${poor}” transliterates poorly: give a romanised text.`);
  part("read").textContent = notes.join(" ");
}

function showRanking(model, symbols, ranking) {
  const knows = model.knows(symbols);
  const all = part("all").checked || ranking.length <= BARS + 1;
  const most = all ? ranking.length : BARS;
  const rows = ranking.slice(0, most);
  const rest = ranking.slice(most);
  if (rest.length) {
    const probability = rest.reduce((sum, row) => sum + row.probability, 0);
    rows.push({ label: `${rest.length} others`, probability });
  }
  drawBars(part("bars"), rows);
  const best = ranking.slice(0, 3).map((row) => `${row.label} ${percent(row.probability)}`);
  part("unknown").hidden = knows;
  say(knows ? best.join(", ") : part("unknown").textContent);
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
  const unit = model.config.tokens === "words" ? "word" : "letter";
  drawLines(part("beliefs"), shown, lines, `Probabilities after each ${unit}, as in the table`);
  part("cut").textContent = all > SHOWN ? `The first ${SHOWN} of ${all} are shown.` : "";
  const rows = shown.map((letter, t) => {
    const best = model.rank(beliefs[t].map(Math.log)).slice(0, 3);
    const told = best.map((row) => `${row.label} ${percent(row.probability)}`).join(", ");
    return element("tr", {}, element("th", { scope: "row" }, letter), element("td", {}, told));
  });
  part("each").replaceChildren(...rows);
}

// ---------------------------------------------------------------- the gates

// The view of the gates: show(letters, ids, label) draws the direction and the gate that the
// buttons choose.
function gatesOf(model) {
  let asked = null;
  let [direction, gate] = [0, ""];
  const draw = () => {
    const { letters, ids, label } = asked;
    const found = model.gates(ids, label);
    const { layer, values } = found[direction];
    if (!(gate in values)) gate = Object.keys(values)[0];
    buttons(
      part("directions"),
      found.map((one) => one.layer),
      layer,
      (_, place) => {
        direction = place;
        draw();
      },
    );
    buttons(part("gates"), Object.keys(values), gate, (name) => {
      gate = name;
      draw();
    });
    // Units in the order of their hidden state after the last letter that was read.
    const last = values["hidden state"].at(layer.endsWith("backwards") ? 0 : -1);
    const order = Array.from(last.keys()).sort((a, b) => last[b] - last[a]);
    drawHeatMap(part("map"), letters, values[gate], order, gate);
  };
  const show = (letters, ids, label = null) => {
    asked = { letters, ids, label };
    draw();
  };
  return { show };
}

// A button for each name, of which one is chosen. They stay while the names do, for the keyboard.
function buttons(place, names, chosen, choose) {
  place.hidden = names.length < 2;
  if ([...place.children].map((button) => button.textContent).join() !== names.join()) {
    place.replaceChildren(...names.map((name) => element("button", { type: "button" }, name)));
  }
  [...place.children].forEach((button, k) => {
    button.ariaPressed = String(names[k] === chosen);
    button.onclick = () => choose(names[k], k);
  });
}

// ---------------------------------------------------------------- a generator

function startGenerator(model) {
  const gates = gatesOf(model);
  const labelOf = (id) => (part(id)?.value ? Number(part(id).value) : null);
  for (const id of ["label", "of-label"].filter(part)) {
    const all = model.labels.map((label, k) => element("option", { value: k }, label));
    part(id).append(...all);
  }
  const write = () => {
    const number = (id) => (part(id).value === "" ? null : Number(part(id).value));
    const options = {
      label: labelOf("label"),
      prefix: part("prefix").value,
      temperature: Number(part("temperature").value),
      topK: number("top-k"),
      topP: number("top-p"),
    };
    const seed = number("seed") ?? Math.floor(Math.random() * 2 ** 31);
    const count = model.writesNames ? 8 : 1;
    const found = Array.from({ length: count }, (_, k) =>
      model.write({ ...options, seed: seed + k }),
    );
    part("written").replaceChildren(...found.map((sample) => writtenLine(sample)));
    say(
      found
        .map((sample) => sample.text)
        .join(", ")
        .slice(0, 500),
    );
  };
  // Under the mixture of many labels a score takes a while: the page is let go between them, and
  // what was typed meanwhile is scored in place of this.
  const score = async (isLatest) => {
    const text = part("text").value;
    part("results").hidden = !text;
    if (!text) return;
    const symbols = model.read(text);
    showRead(model, symbols, text);
    const places = model.scoredUnder(labelOf("of-label"));
    const logs = [];
    for (const place of places) {
      if (logs.length) {
        part("mean").textContent = `Read under ${logs.length} of ${places.length} labels …`;
        await new Promise((go) => setTimeout(go));
        if (!isLatest()) return;
      }
      logs.push(model.logProbsOfLetters(model.ids(symbols), place));
    }
    const rows = model.bitsOf(symbols, logs);
    const mean = rows.reduce((sum, row) => sum + row.bits, 0) / rows.length;
    part("mean").textContent = `${mean.toFixed(2)} bits per character`;
    drawBits(part("bits"), rows.slice(0, 3 * SHOWN));
    say(part("mean").textContent);
    const shown = ["\n", ...symbols.slice(0, SHOWN)];
    const ids = shown.map((letter) => model.id(letter));
    const probable = logs.map((row) => row.reduce((sum, value) => sum + value, 0));
    gates.show(shown, ids, places[probable.indexOf(Math.max(...probable))]);
  };
  part("temperature").addEventListener("input", () => {
    part("degrees").textContent = Number(part("temperature").value).toFixed(1);
  });
  part("writing").addEventListener("submit", (event) => {
    event.preventDefault();
    answering(write, "wrong");
  });
  let scoring = 0;
  const scoreSoon = () => {
    clearTimeout(scoring);
    const start = () => answering(() => score(() => mine === scoring), "unscored", "results");
    const mine = setTimeout(start, 50);
    scoring = mine;
  };
  for (const id of ["text", "of-label"].filter(part)) part(id).addEventListener("input", scoreSoon);
  answering(write, "wrong");
}

function writtenLine({ text, label, bitsPerChar }) {
  const about = [label, `${bitsPerChar.toFixed(2)} bits per character`].filter(Boolean).join(", ");
  const written = element("span", { className: "text" }, text);
  return element("li", {}, written, element("small", {}, about));
}
