// The signing dialog: bridge → token → certificate → the bridge's own window → completion on the server.
import { Server } from "./sign-server.js";
import { explain, phrase } from "./words.js";

const STEPS = ["bridge", "token", "certificate", "confirm", "complete"];
const POLL = 500; // milliseconds between questions about the completion

const dialog = document.getElementById("signing");
const help = document.getElementById("signing-help");
const { contract, back, client } = dialog.dataset;
const ports = dialog.dataset.ports.split(" ").map(Number);
const server = new Server(dialog.dataset.csrf);
const start = dialog.querySelector("[data-start]");
const memory = `cectrust-signing-${contract}`;
let bridge = null;
let abort = null;

start.addEventListener("click", run);
dialog.querySelector("[data-leave]").addEventListener("click", () => abort?.abort());
dialog.dataset.ready = "yes";

async function run() {
  start.hidden = true;
  help.hidden = true;
  STEPS.forEach((step) => mark(step, "todo"));
  try {
    await sign();
  } catch (error) {
    fail(error);
  }
}

async function sign() {
  const kept = await unfinished();
  if (kept?.state === "accepted" || kept?.state === "completed") return follow(kept.request);
  await findBridge();
  if (kept?.state === "prepared" && (await resumed(kept.request))) return follow(kept.request);
  const certificate = await chooseCertificate();
  const request = await confirmInBridge(certificate);
  return follow(request);
}

async function findBridge() {
  mark("bridge", "now", phrase("searching"));
  const { connect } = await import(client);
  bridge?.close();
  bridge = await connect({
    ports,
    newChallenge: () => server.newChallenge(),
    verifyHello: ({ answer }) => server.verifyHello(answer),
  });
  mark("bridge", "did", phrase("connected"));
}

async function chooseCertificate() {
  mark("token", "now", phrase("listing"));
  const listed = await bridge.listCertificates(await server.orderList());
  if (listed.certificates.length === 0) throw { code: "no_token" };
  const tokens = new Set(listed.certificates.map(({ token }) => token.label));
  mark("token", "did", `${[...tokens].join("、")}　${phrase("token-found")}`);
  mark("certificate", "now");
  const choices = await server.choices(contract, listed);
  const chosen = await choose(choices);
  mark("certificate", "did", describe(chosen));
  return listed.certificates.find(({ sha256 }) => sha256 === chosen.sha256).der;
}

/** The only usable one, or the one that the person picks. */
async function choose(choices) {
  const usable = choices.filter((choice) => choice.usable);
  if (usable.length === 1) return usable[0];
  offer(choices);
  if (usable.length === 0) throw { code: "no_usable_certificate" };
  return new Promise((resolve) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = phrase("use");
    button.addEventListener("click", () => {
      const picked = dialog.querySelector("input[name=certificate]:checked");
      if (!picked) return;
      options().hidden = true;
      resolve(usable.find(({ sha256 }) => sha256 === picked.value));
    });
    options().append(button);
    mark("certificate", "now", phrase("choose"));
  });
}

function offer(choices) {
  const labels = choices.map((choice) => {
    const label = document.createElement("label");
    const radio = document.createElement("input");
    Object.assign(radio, { type: "radio", name: "certificate", value: choice.sha256, disabled: !choice.usable });
    const text = document.createElement("span");
    text.textContent = choice.usable ? describe(choice) : `${choice.holder}：${choice.why}`;
    label.append(radio, text);
    return label;
  });
  options().replaceChildren(...labels);
  options().hidden = false;
}

async function confirmInBridge(certificate) {
  mark("confirm", "now", phrase("preparing"));
  const { request, url } = await server.prepare(contract, certificate);
  localStorage.setItem(memory, request);
  const bytes = await server.document(url);
  await bridge.hello();
  const order = await server.order(request, "sign");
  abort = new AbortController();
  const result = await bridge.sign(order, [bytes], ({ phase }) => mark("confirm", "now", phrase(phase)), abort.signal);
  abort = null;
  await deliver(request, result);
  return request;
}

/** A result that the bridge kept from an earlier attempt, when the tab was closed meanwhile. */
async function resumed(request) {
  mark("confirm", "now", phrase("resuming"));
  await bridge.hello();
  try {
    await deliver(request, await bridge.resume(await server.order(request, "sign.resume")));
    return true;
  } catch {
    localStorage.removeItem(memory); // nothing kept, or too late: begin again
    await bridge.hello();
    mark("confirm", "todo", "");
    return false;
  }
}

async function deliver(request, result) {
  await server.deliver(request, result);
  await bridge.acknowledge(result.jti).catch(() => {}); // the bridge forgets by itself after a day
}

async function unfinished() {
  const request = localStorage.getItem(memory);
  if (!request) return null;
  try {
    return await server.status(request);
  } catch {
    localStorage.removeItem(memory);
    return null;
  }
}

async function follow(request) {
  ["bridge", "token", "certificate"].forEach((step) => mark(step, "did"));
  mark("confirm", "did", phrase("signed"));
  for (;;) {
    const { state, step, failure_ja: failure } = await server.status(request);
    if (state === "failed") throw { code: "failed", sentence: failure };
    if (state === "completed") break;
    mark("complete", "now", phrase(step));
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  localStorage.removeItem(memory);
  mark("complete", "did", phrase("completed"));
  bridge?.close();
  dialog.dataset.done = "yes";
  const leave = dialog.querySelector("[data-leave]");
  leave.textContent = phrase("back");
  leave.classList.remove("quiet");
  leave.focus();
}

function fail(error) {
  const code = error.code ?? "unknown";
  if (code === "unknown") console.error(error);
  const step = dialog.querySelector('[data-state="now"]');
  if (step) mark(step.id.replace("step-", ""), "bad");
  explain(help, code, run, error.sentence);
}

function describe({ holder, kind, issuer, not_after: until }) {
  return `${holder}／${kind}（${issuer}）／${until}${phrase("until")}`;
}

function mark(step, state, note) {
  const item = document.getElementById(`step-${step}`);
  item.dataset.state = state;
  item.querySelector(".mark").textContent = { did: "✓", bad: "!" }[state] ?? STEPS.indexOf(step) + 1;
  if (note !== undefined && note !== "") item.querySelector("[data-note]").textContent = note;
}

function options() {
  return dialog.querySelector("#step-certificate [data-options]");
}
