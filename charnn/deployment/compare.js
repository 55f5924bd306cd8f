// The part "compare": files that somebody chooses, or drops anywhere in the page. Models come
// beside the page's, lists of names are labelled; none of them leaves the browser.

import { answering, part } from "./asking.js";
import { startNameList } from "./name_list.js";
import { startOwnModels } from "./own_models.js";
import { onLanguage } from "./texts.js";

const PAUSE = 80; // ms without a key before the other models answer

// `table` is the text of ascii.txt, which a model of somebody's own may need.
export function startCompare(model, table) {
  if (!part("own")) return;
  const models = startOwnModels(model, table);
  const names = startNameList(model);
  const take = async (files) => {
    for (const file of files) {
      const isModel = file.name.toLowerCase().endsWith(".safetensors");
      if (isModel) await answering(() => models.add(file), "own-wrong");
      else await answering(() => names.open(file), "list-wrong");
    }
  };
  const choose = (id, open, beside) => {
    part(id).addEventListener("change", async () => {
      const files = [...part(id).files];
      part(id).value = ""; // so that the same file can be chosen again
      for (const file of files) await answering(() => open(file), beside);
    });
  };
  choose("own-file", models.add, "own-wrong");
  choose("list-file", names.open, "list-wrong");

  // A file that is dropped beside the two parts is taken too: the browser would leave the page.
  const mark = (isOver) => document.body.classList.toggle("dropping", isOver);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false);
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    take([...event.dataTransfer.files]);
  });

  let waiting = 0;
  const show = () => models.show(part("text").value);
  part("text").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, PAUSE);
  });
  part("examples")?.addEventListener("click", () => setTimeout(show));
  show();
  onLanguage(() => {
    models.draw();
    names.draw();
  });
}
