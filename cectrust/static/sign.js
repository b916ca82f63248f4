// The signing dialog: bridge → token → certificate → the bridge's own window → completion on the server.
import { Batch, isOpen } from "./sign-batch.js";
import { choose, describe } from "./sign-choice.js";
import { Server } from "./sign-server.js";
import { explain, phrase } from "./words.js";

const STEPS = ["bridge", "token", "certificate", "confirm", "complete"];
const POLL = 500; // milliseconds between questions about the completion
const TOKEN_WANTED = ["no_token", "no_usable_certificate"]; // goes on by itself when another token is there
const BEGINNING_ANEW = ["another_bridge", "not_found"]; // nothing of the signing that is remembered can go on here
const RELOADING = ["signed_out", "undelivered_signed_out"]; // the page's own part in the session is over

const dialog = document.getElementById("signing");
const options = dialog.querySelector("#step-certificate [data-options]");
const help = document.getElementById("signing-help");
const { contract, client, person } = dialog.dataset;
const rows = [...dialog.querySelectorAll("[data-item]")];
const many = rows.length > 0;
const ports = dialog.dataset.ports.split(" ").map(Number);
const server = new Server(dialog.dataset.csrf);
const start = dialog.querySelector("[data-start]");
const memory = `cectrust-signing-${contract}-${person}`;
const unfound = document.querySelector("#step-bridge [data-note]").textContent;
let batch = many ? new Batch(server, dialog.dataset.batch, rows) : null;
let bridge = null;
let searching = null; // the search for a bridge that is under way
let begun = false;
let abort = null;

start.addEventListener("click", run);
dialog.querySelector("[data-leave]").addEventListener("click", () => abort?.abort());
for (const row of rows) row.querySelector("[data-what]").textContent = phrase(`item-${row.dataset.state}`);
document.addEventListener("visibilitychange", keepReady);
keepReady();
dialog.dataset.ready = "yes";
if (many && !rows.some((row) => isOpen(row.dataset))) run(); // nothing left to sign: show how far the rest is

async function run() {
  if (begun) bridge?.close(); // whoever waits for a token there waits no longer
  begun = true;
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
  const finding = isSurelyOpen() ? findBridge() : null; // meanwhile
  finding?.catch(() => {}); // heard of when it is waited for
  let found = await current();
  batch.refusals = [];
  if (found.items.some(isOpen)) {
    if (!many) batch.addFields();
    await (finding ?? findBridge());
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

/** Is a bridge wanted, whatever the server will say of this signing? */
function isSurelyOpen() {
  return many ? rows.some((row) => isOpen(row.dataset)) : !localStorage.getItem(memory);
}

/** The server knows over which connection the next request travels. */
async function bind() {
  await bridge.greet();
  await server.bind(batch.id);
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
  const found = await server.select([contract]);
  localStorage.setItem(memory, found.batch);
  batch = new Batch(server, found.batch, []);
  return found;
}

/** Only a signing that is no longer there may be forgotten: another may have results waiting in the bridge. */
function unlessGone(error) {
  if (error.code !== "not_found") throw error;
  return null;
}

/** One search at a time: whoever wants the bridge meanwhile waits for the same one. */
function findBridge() {
  searching ??= search().finally(() => (searching = null));
  return searching;
}

async function search() {
  if (begun) mark("bridge", "now", phrase("searching"));
  if (!(await isStillThere())) await connectAnew();
  mark("bridge", "did", phrase("connected"));
}

/** Is the bridge there that was found before the click? */
function isStillThere() {
  return bridge?.greet().then(() => true, () => false);
}

async function connectAnew() {
  const { connect } = await import(client);
  bridge = await connect({
    ports,
    newChallenge: () => server.newChallenge(),
    verifyHello: ({ answer }) => server.verifyHello(answer),
    explain: () => begun,
  });
}

/** While the person still reads, the bridge is found, so that it has its window ready; a page that nobody sees takes no place there. */
async function keepReady() {
  if (begun || !isSurelyOpen()) return;
  if (!document.hidden) await findUnasked().catch(() => {}); // what stands against it is told after the click
  if (!document.hidden || begun) return;
  bridge?.close();
  bridge = null;
  mark("bridge", "todo", unfound);
}

async function findUnasked() {
  const { isAllowed } = await import(client);
  if (await isAllowed()) await findBridge();
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
    help.hidden = options.hidden = true;
    mark("certificate", "todo");
    await bridge.hello();
  }
}

async function listedCertificate() {
  mark("token", "now", phrase("listing"));
  await bridge.greet();
  const listed = await bridge.listCertificates(await server.orderList());
  if (listed.certificates.length === 0) throw { code: "no_token" };
  const tokens = new Set(listed.certificates.map(({ token }) => token.label));
  mark("token", "did", `${[...tokens].join("、")}　${phrase("token-found")}`);
  mark("certificate", "now");
  const choices = await server.choices(batch.id, listed);
  const chosen = await choose(options, choices, many, () => mark("certificate", "now", phrase("choose")));
  mark("certificate", "did", describe(chosen, many));
  return listed.certificates.find(({ sha256 }) => sha256 === chosen.sha256).der;
}

async function confirmInBridge(ready) {
  const documents = batch.bytes(ready); // on their way while the order is made
  await bind();
  const order = await server.order(batch.id, "sign");
  abort = new AbortController();
  const listeners = { onProgress: showProgress, onResult: (result) => batch.take(result), abort: abort.signal };
  let report = null;
  try {
    report = await bridge.sign(order, documents, listeners);
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
  await bind();
  const report = await kept();
  if (report !== null) await acknowledge(report);
  if (batch.refusals.length > 0) throw many ? { code: "some_refused" } : batch.refusals[0]; // before anybody signs anew
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

function mark(step, state, note) {
  const item = document.getElementById(`step-${step}`);
  item.dataset.state = state;
  item.querySelector(".mark").textContent = { did: "✓", bad: "!" }[state] ?? STEPS.indexOf(step) + 1;
  if (note !== undefined && note !== "") item.querySelector("[data-note]").textContent = note;
}
