// The part "near names": the training names that are nearest to what somebody types.
// Knows the parts of classify.html; what is nearest, near.js says.

import { part } from "./asking.js";
import { element } from "./drawing.js";
import { TrainingNames } from "./near.js";
import { onLanguage, text } from "./texts.js";

const SHOWN = 6;
const PAUSE = 250; // ms without a key before all training names are looked at

// `lists`: [[label, [name, ...]], ...], which the page brings.
export function startNeighbours(model, lists) {
  const training = new TrainingNames(model, lists);
  let waiting = 0;
  const show = () => {
    const asked = part("text").value;
    if (!asked.trim() || part("results").hidden) return;
    const rows = training.nearest(asked, SHOWN).map(({ name, label, distance }) => {
      const key = distance === 0 ? "classify.near_same" : "classify.near_letters";
      const about = element("small", {}, `${label}, ${text(key, { count: distance })}`);
      return element("li", {}, element("b", {}, name), " ", about);
    });
    part("neighbours").replaceChildren(...rows);
  };
  const showSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, PAUSE);
  };
  part("text").addEventListener("input", showSoon);
  part("examples")?.addEventListener("click", showSoon);
  onLanguage(showSoon);
}
