// The kinds of certificate that were agreed with a partner before are chosen with it, unless somebody chose others.
const form = document.querySelector("form[data-register]");
const boxes = [...form.elements].filter(({ name }) => name === "kinds");
let own = false;

const inherit = ({ selectedOptions: [option] }) => {
  const agreed = (option.dataset.kinds ?? "").split(" ").filter(Boolean);
  form.querySelector("[data-undecided]").hidden = !option.value || agreed.length > 0;
  form.querySelector("[data-inherited]").hidden = own || agreed.length === 0;
  form.elements.agreed_with.value = option.value;
  if (own) return;
  for (const box of boxes) box.checked = agreed.includes(box.value);
};

form.addEventListener("change", ({ target }) => {
  if (target.name === "kinds") own = true;
  if (target.name === "recipient_account_id") inherit(target);
});
