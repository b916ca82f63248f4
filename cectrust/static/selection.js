// "Select all" above a list's checkboxes, which belong to the form by their attribute `form`.
for (const form of document.querySelectorAll("form[data-selection]")) {
  const boxes = [...form.elements].filter(({ name }) => name === "contract");
  const all = form.querySelector("[data-all]");
  const mark = () => {
    const chosen = boxes.filter(({ checked }) => checked).length;
    all.querySelector("input").checked = chosen === boxes.length;
    form.querySelector("button").disabled = chosen === 0;
  };
  all.querySelector("input").addEventListener("change", ({ target }) => {
    for (const box of boxes) box.checked = target.checked;
    mark();
  });
  for (const box of boxes) box.addEventListener("change", mark);
  all.hidden = false;
  mark();
}
