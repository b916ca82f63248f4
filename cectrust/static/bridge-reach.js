// Reaching a bridge from a page: which ports answer, what the browser allows, and what a failure is called. Part of bridge-client.js.

export const PORTS = [48710, 48711, 48712];
export const SUBPROTOCOL = "cectrust-bridge.v1";
const PERMISSION_NAMES = ["loopback-network", "local-network-access"];

export class BridgeError extends Error {
  /** @param {string} code stable name @param {object} data further facts, with `ja` and `en` when the bridge said them */
  constructor(code, data = {}) {
    super(code);
    this.name = "BridgeError";
    this.code = code;
    this.data = data;
  }
}

// Browsers guard the loopback address against pages from elsewhere only; a local page is never asked about.
export function isLocalPage() {
  return /^(.+\.)?localhost$|^127\.|^\[::1\]$/.test(location.hostname);
}

export const after = (milliseconds, value) => new Promise((resolve) => setTimeout(resolve, milliseconds, value));

/** "granted", "denied", "prompt", or "unknown" where the browser has no such permission. */
export async function permissionState() {
  for (const name of PERMISSION_NAMES) {
    try {
      return (await navigator.permissions.query({ name })).state;
    } catch {
      // This browser does not know the permission by that name.
    }
  }
  return "unknown";
}

/** May this page reach the bridge without anybody being asked? Then it may do so before a click. */
export async function isAllowed() {
  return isLocalPage() || (await permissionState()) === "granted";
}

// WebKit refuses ws:// to loopback from https and fires no close event; therefore our own timers everywhere: one for
// silence, one that looks whether the socket closed without a word.
function openSocket(port, timeout) {
  return new Promise((resolve) => {
    let socket;
    try {
      socket = new WebSocket(`ws://127.0.0.1:${port}/`, SUBPROTOCOL);
    } catch {
      resolve({ port, outcome: "refused" });
      return;
    }
    const settle = (outcome) => {
      clearTimeout(timer);
      clearTimeout(mute);
      socket.onopen = socket.onclose = null;
      if (outcome !== "open") socket.close();
      resolve({ port, outcome, socket });
    };
    const timer = setTimeout(settle, timeout, "silent");
    const mute = setTimeout(() => socket.readyState === WebSocket.CLOSED && settle("refused"), 1000);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => settle("open");
    socket.onclose = () => settle("closed");
  });
}

// A page cannot read why a WebSocket failed. An opaque answer to a plain request says that something listens.
async function listens(port, timeout) {
  try {
    const abort = AbortSignal.timeout(timeout);
    await fetch(`http://127.0.0.1:${port}/`, { mode: "no-cors", cache: "no-store", credentials: "omit", signal: abort });
    return "answers";
  } catch (error) {
    return error.name === "TimeoutError" ? "silent" : "absent";
  }
}

// By the browser itself, whatever listens. WebKitGTK was measured; Safari's own way of keeping silent was not.
function isRefusal({ outcome }) {
  const isSafari = /^((?!chrome|chromium|android|crios|fxios).)*safari/i.test(navigator.userAgent);
  return outcome === "refused" || (outcome === "silent" && isSafari);
}

// The probe may be what makes the browser ask: Firefox guards plain requests, but not yet WebSockets. Then it waits, too.
export async function explainFailure(attempts, options) {
  const before = await permissionState();
  const asks = before === "prompt" && options.mayPrompt;
  if (before === "denied") return new BridgeError("permission_denied");
  if (asks && attempts.some(({ outcome }) => outcome === "silent")) return new BridgeError("permission_ignored");
  if (attempts.every(isRefusal)) return new BridgeError("browser_unsupported");
  const timeout = asks ? options.promptTimeout : options.probeTimeout;
  const probes = await Promise.all(options.ports.map((port) => listens(port, timeout)));
  if (probes.includes("answers")) return new BridgeError("not_paired");
  if ((await permissionState()) === "denied") return new BridgeError("permission_denied");
  if (asks && probes.includes("silent")) return new BridgeError("permission_ignored");
  return new BridgeError(probes.includes("silent") ? "bridge_silent" : "bridge_absent");
}

// Closed ports fail at once. Once one port has opened, a slow one gets a moment only, not the time of a prompt.
export async function openAll(options, mayPrompt) {
  const timeout = mayPrompt ? options.promptTimeout : options.openTimeout;
  const attempts = options.ports.map((port) => openSocket(port, timeout));
  if (!mayPrompt) return Promise.all(attempts);
  const anyOpen = new Promise((resolve) => {
    for (const attempt of attempts) attempt.then(({ outcome }) => outcome === "open" && resolve());
  });
  await Promise.race([Promise.all(attempts), anyOpen.then(() => after(options.openTimeout))]);
  return Promise.all(attempts.map(settledOrGivenUp));
}

async function settledOrGivenUp(attempt) {
  const late = { outcome: "silent" };
  const settled = await Promise.race([attempt, after(0, late)]);
  if (settled === late) attempt.then(({ socket }) => socket?.close());
  return settled;
}
