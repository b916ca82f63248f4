// The signing dialog: bridge → token → certificate → the bridge's own window → completion on the server.
import { Batch, isOpen } from "./sign-batch.js";
import { Server } from "./sign-server.js";
import { explain, phrase } from "./words.js";

const STEPS = ["bridge", "token", "certificate", "confirm", "complete"];
const POLL = 500; // milliseconds between questions about the completion
const TOKEN_WANTED = ["no_token", "no_usable_certificate"]; // goes on by itself when another token is there
const BEGINNING_ANEW = ["another_bridge", "not_found"]; // nothing of the signing that is remembered can go on here
const RELOADING = ["signed_out", "undelivered_signed_out"]; // the page's own part in the session is over

const dialog = document.getElementById("signing");
const help = document.getElementById("signing-help");
const { contract, client, person } = dialog.dataset;
const rows = [...dialog.querySelectorAll("[data-item]")];
const many = rows.length > 0;
const ports = dialog.dataset.ports.split(" ").map(Number);
const server = new Server(dialog.dataset.csrf);
const start = dialog.querySelector("[data-start]");
const memory = `cectrust-signing-${contract}-${person}`;
let batch = many ? new Batch(server, dialog.dataset.batch, rows) : null;
let bridge = null;
let abort = null;

start.addEventListener("click", run);
dialog.querySelector("[data-leave]").addEventListener("click", () => abort?.abort());
for (const row of rows) row.querySelector("[data-what]").textContent = phrase(`item-${row.dataset.state}`);
dialog.dataset.ready = "yes";
if (many && !rows.some((row) => isOpen(row.dataset))) run(); // nothing left to sign: show how far the rest is

async function run() {
  bridge?.close(); // whoever waits for a token there waits no longer
  start.hidden = true;
  help.hidden = true;
  delete dialog.dataset.done;
  STEPS.forEach((step) => mark(step, "todo"));
  try {
    await sign();
  } catch (error) {
    fail(error);
  }
}

async function sign() {
  let found = await current();
  batch.refusals = [];
  if (found.items.some(isOpen)) {
    await findBridge();
    if (found.ordered && (await resumed())) found = await batch.look();
  }
  const stopped = found.items.some(isOpen) ? await signOpen(found.items.filter(isOpen)) : null;
  return follow(stopped);
}

/** Choose, prepare, and have the bridge sign; what stopped it before the last document, if something did. */
async function signOpen(items) {
  const certificate = await chooseCertificate();
  await server.choose(batch.id, certificate);
  mark("confirm", "now", phrase("preparing"));
  const ready = await batch.prepare(items, (done, total) => many && mark("confirm", "now", `${done} / ${total} ${phrase("prepared")}`));
  if (ready.length === 0) throw many ? { code: "some_refused" } : batch.refusals[0];
  return confirmInBridge(ready);
}

/** Where this signing is. A single contract's is remembered from before the tab was closed, or begun now. */
async function current() {
  if (many) return batch.look();
  const remembered = localStorage.getItem(memory);
  if (remembered) {
    batch = new Batch(server, remembered, []);
    const found = await batch.look().catch(unlessGone);
    if (found && found.items[0].state !== "completed") return found;
  }
  const id = await server.select([contract]);
  localStorage.setItem(memory, id);
  batch = new Batch(server, id, []);
  return batch.look();
}

/** Only a signing that is no longer there may be forgotten: another may have results waiting in the bridge. */
function unlessGone(error) {
  if (error.code !== "not_found") throw error;
  return null;
}

async function findBridge() {
  mark("bridge", "now", phrase("searching"));
  const { connect } = await import(client);
  bridge = await connect({
    ports,
    newChallenge: () => server.newChallenge(),
    verifyHello: ({ answer }) => server.verifyHello(answer),
  });
  mark("bridge", "did", phrase("connected"));
}

/** The certificate to sign with; while the token has none, the dialog waits for another token. */
async function chooseCertificate() {
  for (;;) {
    const changed = new Promise((resolve) => bridge.onTokensChanged(resolve));
    try {
      return await listedCertificate();
    } catch (error) {
      if (!TOKEN_WANTED.includes(error.code)) throw error;
      fail(error);
      await changed;
    }
    help.hidden = options().hidden = true;
    mark("certificate", "todo");
    await bridge.hello();
  }
}

async function listedCertificate() {
  mark("token", "now", phrase("listing"));
  const listed = await bridge.listCertificates(await server.orderList());
  if (listed.certificates.length === 0) throw { code: "no_token" };
  const tokens = new Set(listed.certificates.map(({ token }) => token.label));
  mark("token", "did", `${[...tokens].join("、")}　${phrase("token-found")}`);
  mark("certificate", "now");
  const choices = await server.choices(batch.id, listed);
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

async function confirmInBridge(ready) {
  await bridge.hello();
  const order = await server.order(batch.id, "sign");
  abort = new AbortController();
  const listeners = { onProgress: showProgress, onResult: (result) => batch.take(result), abort: abort.signal };
  let report = null;
  try {
    report = await bridge.sign(order, batch.bytes(ready), listeners);
  } catch (error) {
    throw error.code === "no_token" ? { code: "token_removed" } : error; // it was there when it was listed
  } finally {
    abort = null;
    await batch.delivered(); // what was signed counts, whatever became of the rest
  }
  await acknowledge(report);
  return report.failure;
}

function showProgress({ phase, done, total }) {
  const share = { receiving: `${Math.floor((100 * done) / total)} %`, checking: `${done} / ${total}`, signing: `${done} / ${total}` }[phase];
  mark("confirm", "now", many && share ? `${phrase(phase)} ${share}` : phrase(phase));
}

/** Results that the bridge kept from an earlier attempt, when the tab was closed or the connection lost meanwhile. */
async function resumed() {
  mark("confirm", "now", phrase("resuming"));
  await bridge.hello();
  const report = await kept();
  if (report !== null) await acknowledge(report);
  if (batch.refusals.length > 0) throw many ? { code: "some_refused" } : batch.refusals[0]; // before anybody signs anew
  await bridge.hello();
  mark("confirm", "todo", "");
  return report !== null;
}

/** The report on what was kept, once the server has judged all of it; null if nothing was kept. */
async function kept() {
  const onResult = (result) => batch.take(result);
  try {
    return await bridge.resume(await server.order(batch.id, "sign.resume"), { onResult });
  } catch (error) {
    if (error.code !== "no_such_request") throw error;
    return null;
  } finally {
    await batch.delivered();
  }
}

async function acknowledge({ jti }) {
  await bridge.acknowledge(jti).catch(() => {}); // the bridge forgets by itself after a day
}

/** Until every accepted signature is sealed, or given back with a reason; then say how it ended. */
async function follow(stopped) {
  ["bridge", "token", "certificate", "confirm"].forEach((step) => mark(step, "did"));
  mark("confirm", "did", phrase("signed"));
  let items = [];
  for (;;) {
    ({ items } = await batch.look());
    const running = items.filter(({ state }) => state === "accepted");
    const sealed = items.filter(({ state }) => state === "completed").length;
    if (running.length === 0) break;
    mark("complete", "now", many ? `${sealed} / ${sealed + running.length} ${phrase("sealed")}` : phrase(running[0].step));
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  conclude(items.filter(isOpen), stopped);
}

function conclude(open, stopped) {
  if (!many && open.length > 0) throw batch.refusals[0] ?? (stopped ? { code: stopped } : { code: "failed", sentence: open[0].why });
  localStorage.removeItem(memory);
  bridge?.close();
  mark("complete", "did", phrase(many && open.length > 0 ? "signed" : "completed"));
  dialog.dataset.done = open.length > 0 ? "partly" : "yes";
  if (open.length > 0) offerRest(stopped);
  const leave = dialog.querySelector("[data-leave]");
  leave.textContent = phrase(many ? "home" : "back");
  leave.classList.toggle("quiet", open.length > 0);
  if (open.length === 0) leave.focus();
}

function offerRest(stopped) {
  explain(help, stopped ? "partly" : "some_refused", run);
  start.textContent = phrase("rest");
  start.hidden = false;
}

function fail(error) {
  const code = error.outdated ? "signed_out" : error.code || "unknown";
  if (code === "unknown") console.error(error);
  if (BEGINNING_ANEW.includes(code)) localStorage.removeItem(memory);
  const step = dialog.querySelector('[data-state="now"]');
  if (step) mark(step.id.replace("step-", ""), "bad");
  explain(help, code, RELOADING.includes(code) ? () => location.reload() : run, error.sentence);
}

function describe({ holder, kind, issuer, not_after: until, contracts }) {
  const share = many ? `／${contracts} ${phrase("usable")}` : "";
  return `${holder}／${kind}（${issuer}）／${until}${phrase("until")}${share}`;
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
