// Sentences that the server put into the page in its language; scripts choose, they never compose.

/** The text of a short phrase. */
export function phrase(code) {
  return document.querySelector(`template[data-phrase="${code}"]`)?.content.textContent ?? "";
}

/** Show what a failure means and its way out in `place`; `again` runs when the person tries again. */
export function explain(place, code, again, sentence = "") {
  const known = document.querySelector(`template[data-word="${code}"]`);
  const template = known ?? document.querySelector('template[data-word="unknown"]');
  place.replaceChildren(template.content.cloneNode(true));
  if (!known && sentence) place.querySelector("p").textContent = sentence;
  place.querySelector("[data-again]")?.addEventListener("click", again);
  place.dataset.code = code;
  place.hidden = false;
}
