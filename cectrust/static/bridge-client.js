// The page's side of the bridge protocol, version 1 (bridge/PROTOCOL.md). ES modules without dependencies.
//
//   const bridge = await connect({ newChallenge, verifyHello });       // on a click: the browser may ask the user
//   const { certificates } = await bridge.listCertificates(signed);    // signed = {request, request_key} by the server
//   await bridge.greet();                                               // before each further request, of another operation
//   const report = await bridge.sign(signed, [arrayBuffer], { onResult: (result) => …post it to the server… });
//   …once the server has judged all of them… await bridge.acknowledge(report.jti);
//   bridge.onTokensChanged(() => …list again…);
//
// newChallenge(): Promise<string>; verifyHello({challenge, answer}): Promise<boolean>. Both ask the server: only it knows
// which bridges belong to this user, and nothing else is sent before it said yes.
// Every failure is a BridgeError whose `code` is a stable string: the names of PROTOCOL.md section 2, or one of
//   bridge_absent       nothing listens on any port: the bridge is not installed or not started
//   not_paired          a bridge listens, but is not paired with this page's origin (also sent by the bridge itself)
//   bridge_silent       something holds the port and does not answer
//   wrong_bridge        bridges answered, but the server knows none of them as this user's
//   permission_denied   the user (or a policy) forbade this site to reach programs on the computer
//   permission_ignored  the browser asked and nobody answered
//   browser_unsupported this browser cannot reach the bridge from a page (Safari)
//   connection_lost     the connection ended while a call was under way

import { BridgeError, PORTS, after, explainFailure, isLocalPage, openAll, permissionState } from "./bridge-reach.js";

export { BridgeError, PORTS, SUBPROTOCOL, isAllowed, permissionState } from "./bridge-reach.js";
const VERSION = 1;
const CHUNK = 1048576;
const GREETING_COUNTS = 60000; // milliseconds; the bridge refuses a request that comes two minutes after its hello
const BUFFER_LIMIT = 4 * CHUNK;
const DEFAULTS = {
  ports: PORTS,
  openTimeout: 4000,
  promptTimeout: 60000,
  helloTimeout: 3000, // where another port is still to be asked: there the bridge waits ten seconds for its hello
  callTimeout: 15000,
  probeTimeout: 2000,
  explain: () => true,
};

/**
 * Find this user's bridge and say hello. Call it on a click: the browser may have to ask the user. Before one, where `isAllowed`,
 * `explain: () => false` spares the questions that tell one failure from another.
 * @returns {Promise<Bridge>} rejects with BridgeError
 */
export async function connect(given) {
  const options = { ...DEFAULTS, mayPrompt: !isLocalPage(), ...given };
  // "denied" is no reason to give up: Firefox says so of plain requests and lets WebSockets through.
  const mayPrompt = options.mayPrompt && (await permissionState()) === "prompt";
  const attempts = await openAll(options, mayPrompt);
  const open = attempts.filter(({ outcome }) => outcome === "open");
  if (open.length === 0) throw options.explain() ? await explainFailure(attempts, options) : new BridgeError("bridge_absent");
  return firstVerified(open, options);
}

// Whatever happens, no connection stays but the chosen one: the places at a bridge are few. Any program may hold the first port:
// only the last one asked may take its time, and however one fails, the next is asked.
async function firstVerified(open, options) {
  const bridges = open.map(({ socket, port }) => new Bridge(socket, port, options));
  let chosen = null;
  let failure = new BridgeError("wrong_bridge");
  try {
    for (const bridge of bridges) {
      try {
        await bridge.hello(bridge === bridges.at(-1) ? options.callTimeout : options.helloTimeout);
        return (chosen = bridge);
      } catch (error) {
        if (!(error instanceof BridgeError)) throw error;
        if (error.code !== "wrong_bridge") failure = error;
      }
    }
    throw failure;
  } finally {
    for (const bridge of bridges) if (bridge !== chosen) bridge.close();
  }
}

export class Bridge {
  #socket;
  #options;
  #pending = new Map();
  #nextId = 1;
  #listeners = {};
  #tokensChanged = () => {};
  #greeted = -Infinity;

  constructor(socket, port, options) {
    this.#socket = socket;
    this.#options = options;
    this.port = port;
    this.bridgeId = "";
    this.cn = "";
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = () => this.#lose();
  }

  /** Say hello and have the server verify the answer. Makes a new `cn`: needed soon before each request, and before one of the same operation. */
  async hello(timeout = this.#options.callTimeout) {
    const began = performance.now();
    const challenge = await this.#options.newChallenge();
    const answer = await this.#call("hello", { min: VERSION, max: VERSION, challenge }, timeout);
    if (!(await this.#options.verifyHello({ challenge, answer }))) throw new BridgeError("wrong_bridge");
    this.bridgeId = answer.bridge_id;
    this.cn = answer.cn;
    this.#greeted = began;
    return answer;
  }

  /** Say hello, unless the last one was lately enough for a request to follow it. Rejects if the connection has ended. */
  async greet() {
    const isLate = performance.now() - this.#greeted > GREETING_COUNTS;
    if (isLate || this.#socket.readyState !== WebSocket.OPEN) await this.hello();
  }

  /** What the bridge says about itself and its drivers. */
  environment() {
    return this.#call("env.check", {});
  }

  /** @param {{request: string, request_key: string}} signed */
  listTokens(signed) {
    return this.#call("token.list", signed, 0);
  }

  /** @param {{request: string, request_key: string}} signed */
  listCertificates(signed) {
    return this.#call("cert.list", signed, 0);
  }

  /**
   * Have `listener` called when tokens or certificates are no longer as this connection was last told ("there are none" included), or
   * when the connection ends; not after `close`. One listener: the next one takes its place. Set it before the call whose answer
   * may be outdated. A page that the person has never allowed to list is not told.
   * @param {() => void} listener
   */
  onTokensChanged(listener) {
    this.#tokensChanged = listener;
  }

  /**
   * Have documents signed. The person consents and enters the PIN in the bridge's own window.
   * @param {{request: string, request_key: string}} signed
   * @param {Iterable<ArrayBuffer> | AsyncIterable<ArrayBuffer>} documents in the order of the request; asked for one by one
   * @param {object} [listeners]
   * @param {(progress: {jti: string, phase: string, done: number, total: number}) => void} [listeners.onProgress]
   * @param {(result: object) => void} [listeners.onResult] each document's result, as soon as it is signed
   * @param {AbortSignal} [listeners.abort] cancels wherever it is
   * @returns {Promise<object>} the report: which documents are signed, which are not, and why not
   */
  async sign(signed, documents, { onProgress, onResult, abort } = {}) {
    abort?.throwIfAborted();
    const { jti, chunk_size: chunk } = await this.#call("sign.begin", signed);
    const cancel = () => this.cancel(jti).catch(() => {});
    abort?.addEventListener("abort", cancel, { once: true });
    this.#listeners = { onProgress, onResult };
    try {
      await this.#handOver(documents, Math.min(chunk, CHUNK), abort).catch((error) => {
        cancel(); // else nobody could sign until the bridge takes the page for silent
        throw error;
      });
      return await this.#call("sign.confirm", { jti }, 0);
    } finally {
      this.#listeners = {};
      abort?.removeEventListener("abort", cancel);
    }
  }

  /** End a signing that is under way. */
  cancel(jti) {
    return this.#call("sign.cancel", { jti });
  }

  /** The kept results of an earlier request, then its report; `signed` carries the same jti with op `sign.resume`. */
  async resume(signed, { onResult } = {}) {
    this.#listeners = { onResult };
    try {
      return await this.#call("sign.resume", signed, 0);
    } finally {
      this.#listeners = {};
    }
  }

  /** Prove oneself with the certificate: the bridge shows for what, and asks for the PIN. */
  authenticate(signed) {
    return this.#call("auth.sign", signed, 0);
  }

  /**
   * Have a key made on a token; the person agrees and enters the PIN. The same `jti` again answers the same key.
   * @param {{request: string, request_key: string}} signed with op `key.generate`
   * @returns {Promise<{key_id: string, type: string, public_key: string, token: object}>} hex, name, base64url of SubjectPublicKeyInfo
   */
  generateKey(signed) {
    return this.#call("key.generate", signed, 0);
  }

  /**
   * Have a key ask for its certificate; the person agrees to the subject and enters the PIN.
   * @param {{request: string, request_key: string}} signed with op `csr.create`
   * @returns {Promise<{key_id: string, csr: string}>} hex, base64url of a PKCS#10 request (DER)
   */
  createRequest(signed) {
    return this.#call("csr.create", signed, 0);
  }

  /**
   * Have a certificate stored beside its key; the person agrees and enters the PIN. Repeating changes nothing.
   * @param {{request: string, request_key: string}} signed with op `cert.import`
   * @returns {Promise<{cert_sha256: string}>} hex
   */
  importCertificate(signed) {
    return this.#call("cert.import", signed, 0);
  }

  /** The server has judged every result: the bridge may forget them. */
  acknowledge(jti) {
    return this.#call("sign.ack", { jti });
  }

  close() {
    this.#tokensChanged = () => {};
    this.#socket.close();
    this.#lose();
  }

  // The person may have left while the signing began, or during the last document.
  async #handOver(documents, chunk, abort) {
    refuseIfAborted(abort);
    for await (const bytes of documents) await this.#send(bytes, chunk, abort);
    refuseIfAborted(abort);
  }

  // After a cancel nothing may follow: the bridge closes a connection that sends bytes nobody asked for.
  async #send(bytes, chunk, abort) {
    for (let start = 0; start < bytes.byteLength; start += chunk) {
      refuseIfAborted(abort);
      this.#socket.send(bytes.slice(start, start + chunk));
      while (this.#socket.bufferedAmount > BUFFER_LIMIT) await after(4);
      if (this.#socket.readyState !== WebSocket.OPEN) throw new BridgeError("connection_lost");
    }
  }

  // timeout 0: a person is asked, and the bridge has its own clock for that.
  #call(method, params, timeout = this.#options.callTimeout) {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(new BridgeError("connection_lost"));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const expire = () => this.#settle(id, { error: { message: "bridge_silent" } });
      const timer = timeout > 0 ? setTimeout(expire, timeout) : undefined;
      this.#pending.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  #settle(id, { result, error }) {
    const call = this.#pending.get(id);
    if (call === undefined) return;
    this.#pending.delete(id);
    clearTimeout(call.timer);
    if (error === undefined) call.resolve(result);
    else call.reject(new BridgeError(error.message, error.data));
  }

  // Whoever says what is no message is no bridge.
  #take(data) {
    const message = parsed(data);
    if (message === null) this.#socket.close();
    else if (message.method === "sign.progress") this.#listeners.onProgress?.(message.params);
    else if (message.method === "sign.result") this.#listeners.onResult?.(message.params);
    else if (message.method === "token.changed") this.#tokensChanged();
    else this.#settle(message.id, message);
  }

  #lose() {
    for (const id of [...this.#pending.keys()]) this.#settle(id, { error: { message: "connection_lost" } });
    this.#tokensChanged();
  }
}

function refuseIfAborted(abort) {
  if (abort?.aborted) throw new BridgeError("user_cancelled");
}

// The message, if it is one; a call's answer has a `result` or an `error` that has a name.
function parsed(data) {
  try {
    const message = JSON.parse(data);
    const isSound = "result" in message || "method" in message || typeof message.error.message === "string";
    return isSound ? message : null;
  } catch {
    return null;
  }
}
