// PC環境設定ツール: examines browser and computer on a click, then the bridge, and makes one list of what was found.
//
// A finding here is {code, state, nodes, facts}: `nodes` are shown, code, state and facts go into the report. Whoever is
// signed in has the server verify the bridge, which then speaks for itself. Nobody knows whose program answers a page that
// nobody signed in to: of that only codes are taken, and the page's own sentences are shown.
import { examineBrowser } from "./pc-findings.js";
import { Server } from "./sign-server.js";
import { explain, phrase } from "./words.js";

const check = document.querySelector("[data-bridge-check]");
const result = document.getElementById("check-result");
const list = document.getElementById("findings");
const report = document.getElementById("report");
const { connect, permissionState } = await import(check.dataset.client);
const ports = check.dataset.ports.split(" ").map(Number);
const STATES = ["bad", "doubtful", "good"];
const ENGLISH = document.documentElement.lang === "en";

const start = check.querySelector("[data-check]");
start.addEventListener("click", examine);
start.disabled = false;

// A link to one state opens it.
addEventListener("hashchange", openNamed);
openNamed();

function openNamed() {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
}

async function examine() {
  delete result.dataset.code;
  say(phrase("searching"));
  const own = await examineBrowser({ alive: check.dataset.alive, oldest: JSON.parse(check.dataset.oldest), permissionState });
  const { told, environment } = await examineBridge();
  show([...own.map(ours), ...told], environment);
  start.textContent = phrase("again");
}

async function examineBridge() {
  const { csrf } = check.dataset;
  try {
    return csrf ? await askVerified(new Server(csrf)) : await askAnybody();
  } catch (error) {
    const code = error.code ?? "unknown";
    result.dataset.code = code;
    return { told: [failure(code, error.sentence)], environment: null };
  }
}

async function askVerified(server) {
  const newChallenge = () => server.newChallenge();
  const bridge = await connect({ ports, newChallenge, verifyHello: ({ answer }) => server.verifyHello(answer) });
  const { findings = [], ...environment } = await bridge.environment();
  bridge.close();
  const found = ours({ code: "bridge.found", facts: { port: bridge.port, version: environment.bridge_version } });
  return { told: [found, ...findings.map(theirs)], environment };
}

async function askAnybody() {
  const bridge = await connect({ ports, newChallenge, verifyHello: async () => true });
  const { findings } = await bridge.environment();
  bridge.close();
  const claimed = new Set((Array.isArray(findings) ? findings : []).map((each) => known(each?.code)));
  const told = [ours({ code: "bridge.unverified", facts: { port: bridge.port } }), ...[...claimed].map(claim)];
  return { told, environment: null };
}

// The code, if the page has a sentence for it.
function known(code) {
  const named = [...document.querySelectorAll("template[data-finding][data-claim]")].map(({ dataset }) => dataset.finding);
  return named.includes(code) ? code : "bridge.other";
}

function claim(code) {
  const finding = ours({ code });
  const mark = document.querySelector("template[data-unverified]").content.cloneNode(true);
  finding.nodes[0].querySelector("p").append(" ", mark);
  return { ...finding, claimed: true };
}

// A sentence that the server put into the page.
function ours({ code, facts = {} }) {
  const template = document.querySelector(`template[data-finding="${code}"]`);
  return { code, state: template.dataset.state, nodes: [template.content.cloneNode(true)], facts };
}

// The bridge's own sentences: text, never markup.
function theirs({ code, state, ja, en, do_ja: doJa, do_en: doEn, facts }) {
  const nodes = [paragraph(ENGLISH ? en : ja)];
  const todo = ENGLISH ? doEn : doJa;
  if (todo) nodes.push(paragraph(todo, "do"));
  return { code: String(code), state: STATES.includes(state) ? state : "doubtful", nodes, facts };
}

// Why there is no bridge, in the words of the signing page.
function failure(code, sentence) {
  const place = document.createElement("div");
  explain(place, code, examine, sentence);
  // The way out leads to another part of this very page.
  for (const link of place.querySelectorAll("a")) if (link.pathname === location.pathname) toDetails(link);
  return { code: `bridge.${code}`, state: "bad", nodes: [place], facts: {} };
}

function toDetails(link) {
  link.removeAttribute("target");
  link.textContent = phrase("details");
}

function paragraph(text, name = "") {
  const made = document.createElement("p");
  made.textContent = String(text);
  made.className = name;
  return made;
}

function show(findings, environment) {
  const ranked = [...findings].sort((one, other) => STATES.indexOf(one.state) - STATES.indexOf(other.state));
  list.replaceChildren(...ranked.map(item));
  list.hidden = false;
  result.dataset.state = ranked[0].state;
  say(...(environment ? [phrase("connected")] : []), phrase(`summary-${ranked[0].state}`));
  fillReport(findings, environment);
}

function item({ code, state, nodes }) {
  const made = document.createElement("li");
  made.dataset.code = code;
  made.dataset.state = state;
  const words = document.createElement("div");
  words.append(...nodes);
  made.append(document.querySelector(`template[data-mark="${state}"]`).content.cloneNode(true), words);
  return made;
}

// Codes and facts only: what the help desk needs, and nothing that names a person.
function fillReport(findings, environment) {
  const told = findings.map(({ code, state, facts, claimed = false }) => ({ code, state, facts, claimed }));
  const value = { v: 1, page: location.origin, time: new Date().toISOString(), browser: navigator.userAgent, environment, findings: told };
  const text = JSON.stringify(value, null, 1);
  document.getElementById("report-text").value = text;
  const save = report.querySelector("[data-save]");
  URL.revokeObjectURL(save.href);
  save.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  report.hidden = false;
}

// Its answer proves nothing here, because nobody is signed in whose bridge it could be.
async function newChallenge() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace("=", "");
}

function say(...texts) {
  result.replaceChildren(...texts.map((text) => paragraph(text)));
}
