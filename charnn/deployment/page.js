// The page of one model: reads it out of the page itself, and starts the parts that page.html has.
// What each part does is in a file of its own; what is computed, in engine.js.

import { part } from "./asking.js";
import { Classifier } from "./classifier.js";
import { startClassify } from "./classify.js";
import { startCompare } from "./compare.js";
import { startEmbedded } from "./embedded.js";
import { load } from "./engine.js";
import { startInside } from "./inside.js";
import { startNeighbours } from "./neighbours.js";
import { startTexts, troubleOf } from "./texts.js";
import { startWrite } from "./write.js";

start();

async function start() {
  try {
    startTexts();
    startEmbedded();
    const table = part("table").textContent.trim() ? await unpacked("table") : new Uint8Array();
    const ascii = new TextDecoder().decode(table);
    const model = load(await unpacked("model"), ascii);
    part("working").hidden = false;
    part("state").hidden = true;
    const inside = startInside(model);
    (model instanceof Classifier ? startClassify : startWrite)(model, inside);
    startCompare(model, ascii);
    if (part("near").textContent.trim()) {
      const lists = JSON.parse(new TextDecoder().decode(await unpacked("near")));
      startNeighbours(model, Object.entries(lists));
    }
  } catch (error) {
    part("working").hidden = true;
    part("state").hidden = false;
    part("state").className = "trouble";
    part("state").setAttribute("role", "alert");
    delete part("state").dataset.text;
    part("state").textContent = troubleOf(error);
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
