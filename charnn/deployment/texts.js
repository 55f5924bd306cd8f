// What the page says, in English or Turkish, with its numbers as the language writes them.
//
// Texts stand in texts.json, by a key; "{name}" in one is a value. What the page says of its model
// is in the block "facts". Knows the page's elements, and no model.

const LANGUAGES = ["en", "tr"];

const block = (id) => JSON.parse(document.getElementById(id).textContent);
const texts = block("texts");
const facts = block("facts");
const listeners = [];

let chosen = 0;

export function language() {
  return LANGUAGES[chosen];
}

// The text of a key, that of the model's kind ("key.names", "key.words", "key.texts") first.
export function text(key, values = {}) {
  const found = texts[`${key}.${facts.variant[0]}`] ?? texts[key];
  if (!found) throw new Error(`There is no text ${key}.`);
  return found[chosen].replace(/\{(\w+)\}/g, (_, name) =>
    String(values[name] ?? facts[name][chosen]),
  );
}

// A number with that many digits after the point, or the comma.
export function number(value, digits = 0) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  options.signDisplay = "negative"; // no minus before a zero
  return value.toLocaleString(language(), options);
}

export function percent(probability, digits = 1) {
  if (probability > 0 && probability < 0.001) return text("page.percent_below");
  if (probability < 1 && probability > 0.9994) return text("page.percent_above");
  return text("page.percent", { value: number(100 * probability, digits) });
}

// The name of a gate or a state, or of a layer with its direction, as the engine calls them.
export function named(name) {
  const [layer, way] = name.split(", ");
  const place = layer.match(/^recurrent (\d+)$/)?.[1];
  if (!place) return text(`inside.${name.replaceAll(" ", "_")}`);
  const shown = text("inside.layer", { place });
  return way ? `${shown}, ${text(`inside.${way}`)}` : shown;
}

// The message of an error, which the engine has in English, in the chosen language.
export function troubleOf(error) {
  for (const key of Object.keys(texts).filter((one) => one.startsWith("error."))) {
    const names = [];
    const pattern = texts[key][0].replace(/[.*+?^$()|[\]\\]/g, "\\$&");
    const gaps = pattern.replace(/\{(\w+)\}/g, (_, name) => {
      names.push(name);
      return "(.*)";
    });
    const found = error.message.match(new RegExp(`^${gaps}$`, "s"));
    if (found) return text(key, Object.fromEntries(names.map((name, k) => [name, found[k + 1]])));
  }
  return error.message;
}

// Calls back whenever somebody changes the language.
export function onLanguage(listener) {
  listeners.push(listener);
}

// Gives every element its text, and lets the button "language" change it. The language is that
// of the address (#tr, #en), else the browser's.
export function startTexts() {
  const asked = ofAddress() || navigator.language.slice(0, 2);
  choose(LANGUAGES.includes(asked) ? LANGUAGES.indexOf(asked) : 0);
  document.getElementById("language").addEventListener("click", () => {
    choose(1 - chosen);
    history.replaceState(null, "", location.hash.replace(/^#?[^&]*/, `#${language()}`));
  });
  addEventListener("hashchange", () => {
    const place = LANGUAGES.indexOf(ofAddress());
    if (place >= 0 && place !== chosen) choose(place);
  });
}

// The language in the address: `#tr`, or `#tr&text=Satoshi`.
function ofAddress() {
  return location.hash.slice(1).split("&")[0];
}

function choose(place) {
  chosen = place;
  document.documentElement.lang = language();
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", text(element.dataset.label));
  }
  // Pages of other models open in the same language.
  for (const link of document.querySelectorAll("nav a")) link.hash = language();
  const button = document.getElementById("language");
  const other = LANGUAGES[1 - chosen];
  button.textContent = other.toUpperCase();
  button.lang = other;
  button.setAttribute("aria-label", `${other.toUpperCase()}: ${text("page.other_language")}`);
  for (const listener of listeners) listener();
}
