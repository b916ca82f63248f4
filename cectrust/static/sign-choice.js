// Which certificate signs: the only usable one, or the one that the person picks from those on the token.
import { phrase } from "./words.js";

/**
 * @param {Element} options where they are offered
 * @param {object[]} choices by the server's word: holder, kind, issuer, not_after, contracts, usable, why, sha256,
 *   warnings
 * @param {boolean} many whether several contracts are signed
 * @param {() => void} onOffer called when the person is waited for
 * @returns {Promise<object>} rejects with `no_usable_certificate`, then all are shown with the reason
 */
export async function choose(options, choices, many, onOffer) {
  const usable = choices.filter((choice) => choice.usable);
  if (usable.length === 1) return usable[0];
  offer(options, choices, many);
  if (usable.length === 0) throw { code: "no_usable_certificate" };
  onOffer();
  return picked(options, usable);
}

export function describe({ holder, kind, issuer, not_after: until, contracts, warnings }, many) {
  const share = many ? `／${contracts} ${phrase("usable")}` : "";
  return [`${holder}／${kind}（${issuer}）／${until}${phrase("until")}${share}`, ...warnings].join("　");
}

function offer(options, choices, many) {
  const labels = choices.map((choice) => {
    const label = document.createElement("label");
    const radio = document.createElement("input");
    Object.assign(radio, { type: "radio", name: "certificate", value: choice.sha256, disabled: !choice.usable });
    const text = document.createElement("span");
    text.textContent = choice.usable ? describe(choice, many) : `${choice.holder}：${choice.why}`;
    label.append(radio, text);
    return label;
  });
  options.replaceChildren(...labels);
  options.hidden = false;
}

function picked(options, usable) {
  return new Promise((resolve) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = phrase("use");
    button.addEventListener("click", () => {
      const radio = options.querySelector("input[name=certificate]:checked");
      if (!radio) return;
      options.hidden = true;
      resolve(usable.find(({ sha256 }) => sha256 === radio.value));
    });
    options.append(button);
  });
}
