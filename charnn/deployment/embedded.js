// A page that is asked for by its address: `#tr&text=Satoshi` has a text in it, and with
// `&only=inside` it is that part alone, for another page to embed. Knows the page's elements only.

const KEPT = ".asked"; // beside the part: where somebody types

// Puts the address' text into the page, and leaves out all but the part that it names: the id of
// a heading; further sections belong to it by `data-part`.
export function startEmbedded() {
  const wishes = new URLSearchParams(location.hash.slice(1));
  const input = document.getElementById("text");
  if (wishes.has("text")) input.value = wishes.get("text");
  const only = wishes.get("only");
  if (only === null || !document.getElementById(only)) return;
  for (const place of document.querySelectorAll("body > header, footer, h1, .lead, section")) {
    const names = [place.getAttribute("aria-labelledby"), place.dataset.part];
    const isPart = names.includes(only);
    place.classList.toggle("left-out", !isPart && !place.matches(KEPT));
  }
  input.blur(); // the reader of the page around it is elsewhere
}
