// Says in which state browser and bridge are, on a click (the browser may ask the person).
import { explain, phrase } from "./words.js";

const check = document.querySelector("[data-bridge-check]");
const result = document.getElementById("check-result");
const { connect } = await import(check.dataset.client);
const ports = check.dataset.ports.split(" ").map(Number);

check.querySelector("[data-check]").addEventListener("click", examine);

// A link to one state opens it.
addEventListener("hashchange", openNamed);
openNamed();

function openNamed() {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
}

async function examine() {
  say(phrase("searching"));
  try {
    const bridge = await connect({ ports, newChallenge, verifyHello: async () => true });
    const { bridge_version: version, modules } = await bridge.environment();
    bridge.close();
    const failing = modules.find(({ state }) => state !== "ok");
    if (modules.length === 0 || failing) explain(result, "no_module", examine);
    else say(`${phrase("connected")} (${version} / ${modules.map(({ name }) => name).join(", ")})`);
  } catch (error) {
    explain(result, error.code ?? "unknown", examine);
  }
}

// Nothing is asked of the bridge but what it is, so that its identity need not be verified here.
async function newChallenge() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace("=", "");
}

function say(text) {
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  result.replaceChildren(paragraph);
}
