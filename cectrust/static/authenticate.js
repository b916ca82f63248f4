// Proving oneself with the certificate: bridge → the bridge's own window → the server. At the log-in, and before dangerous
// acts (cectrust/authentication/views.py). Then the page goes on: to where the person was going, or with what he began.
import { refusal } from "./sign-server.js";
import { explain, phrase } from "./words.js";

const dialog = document.getElementById("authentication");
const help = document.getElementById("authentication-help");
const status = dialog.querySelector("[data-status]");
const start = dialog.querySelector("[data-start]");
const { client, confirmation, csrf } = dialog.dataset;
const ports = dialog.dataset.ports.split(" ").map(Number);
const TOKEN_WANTED = ["no_token", "cert_not_found"]; // goes on by itself when another token is there
let connection = "";
let bridge = null;

start?.addEventListener("click", run);
dialog.dataset.ready = "yes";

async function run() {
  bridge?.close(); // whoever waits for a token there waits no longer
  start.hidden = true;
  help.hidden = true;
  try {
    await prove();
    say("proved");
    document.getElementById("continue").click();
  } catch (error) {
    fail(error);
  }
  bridge?.close();
}

async function prove() {
  if (!certificate()) throw { code: "no_certificate_chosen" };
  say("searching");
  const { connect } = await import(client);
  bridge = await connect({ ports, newChallenge, verifyHello });
  for (;;) {
    const changed = new Promise((resolve) => bridge.onTokensChanged(resolve));
    try {
      return await answer();
    } catch (error) {
      if (!TOKEN_WANTED.includes(error.code)) throw error;
      fail(error);
      await changed;
    }
    help.hidden = true;
    await bridge.hello();
  }
}

async function answer() {
  const { challenge } = await post("/authentication/challenges", { connection, certificate: certificate(), confirmation });
  const order = await ask(`/authentication/challenges/${challenge}/order`, {});
  say("asking");
  const result = await bridge.authenticate(order);
  say("verifying");
  await post(`/authentication/challenges/${challenge}/result`, result);
}

function certificate() {
  return dialog.querySelector("input[name=certificate]:checked, input[name=certificate][type=hidden]")?.value;
}

async function newChallenge() {
  const made = await post("/authentication/connections", {});
  connection = made.connection;
  return made.challenge;
}

async function verifyHello({ answer }) {
  try {
    await post(`/authentication/connections/${connection}/hello`, answer);
    return true;
  } catch (error) {
    if (error.judged) return false; // another port may have the bridge
    throw error;
  }
}

function post(path, body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf };
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) });
}

async function ask(path, options) {
  const answer = await fetch(path, { ...options, headers: { Accept: "application/json", ...options.headers }, redirect: "error" });
  if (answer.ok) return answer.json();
  throw await refusal(answer);
}

function say(code) {
  status.textContent = phrase(code);
}

function fail(error) {
  const code = error.code || "unknown";
  if (code === "unknown") console.error(error);
  status.textContent = "";
  explain(help, code, run, error.sentence);
}
