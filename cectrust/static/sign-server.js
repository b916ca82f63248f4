// The messages between the signing dialog and the server (cectrust/signing/views.py).

/** An answer of the server, or of something before it, that is no success; its own sentence in the page's language. */
export class Refused extends Error {
  constructor(status, code, sentence) {
    super(code || String(status));
    this.status = status;
    this.code = code; // empty: not one of this server's refusals
    this.sentence = sentence;
  }

  /** The session, or this page's part in it, has ended: only a page that is loaded anew goes on. */
  get outdated() {
    return this.code === "signed_out" || this.code === "form_outdated";
  }

  /** The server has judged what was sent, and it is not what it should be; neither the person's session nor the server is in the way. */
  get judged() {
    return this.status >= 400 && this.status < 500 && ![401, 403, 429].includes(this.status) && !this.outdated;
  }

  /** Nobody has judged what was sent: the same may be sent once more. */
  get passing() {
    return this.outdated || this.status === 429 || this.status >= 500 || this.code === "";
  }
}

export class Server {
  #csrf;
  #connection = "";

  constructor(csrf) {
    this.#csrf = csrf;
  }

  /** A challenge for the bridge; the connection it belongs to is the one in use from here on. */
  async newChallenge() {
    const { connection, challenge } = await this.#post("/signing/connections", {});
    this.#connection = connection;
    return challenge;
  }

  /** Whether this person's bridge answered. Whatever else the server finds wrong with an answer: another port may have the bridge. */
  async verifyHello(answer) {
    try {
      await this.#post(`/signing/connections/${this.#connection}/hello`, answer);
      return true;
    } catch (error) {
      if (error.judged) return false;
      throw error;
    }
  }

  orderList() {
    return this.#get(`/signing/connections/${this.#connection}/orders/cert.list`);
  }

  /** A new signing of these contracts: its name is `batch`, the rest as `status` says it. */
  select(contracts) {
    return this.#post("/signing/batches", { contracts });
  }

  async choices(batch, result) {
    const body = { connection: this.#connection, result };
    return (await this.#post(`/signing/batches/${batch}/certificates`, body)).certificates;
  }

  choose(batch, certificate) {
    return this.#post(`/signing/batches/${batch}/certificate`, { certificate });
  }

  /** Give one contract's document its signature fields, which `prepare` would do, too. */
  addFields(batch, ordinal) {
    return this.#post(`/signing/batches/${batch}/items/${ordinal}/fields`, {});
  }

  /** Prepare one contract of the batch for its signature. */
  prepare(batch, ordinal) {
    return this.#post(`/signing/batches/${batch}/items/${ordinal}`, {});
  }

  async document(url) {
    const answer = await this.#answer(url, {});
    return answer.arrayBuffer();
  }

  /** The next request of this batch travels over the connection in use. */
  bind(batch) {
    return this.#post(`/signing/batches/${batch}/connection`, { connection: this.#connection });
  }

  /** The server-signed order (`sign` or `sign.resume`), after `bind`. */
  order(batch, operation) {
    return this.#post(`/signing/batches/${batch}/orders/${operation}`, {});
  }

  /** One document's result from the bridge. */
  deliver(batch, result) {
    return this.#post(`/signing/batches/${batch}/results`, result);
  }

  status(batch) {
    return this.#get(`/signing/batches/${batch}/status`);
  }

  async #get(path) {
    return (await this.#answer(path, {})).json();
  }

  async #post(path, body) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": this.#csrf };
    return (await this.#answer(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
  }

  async #answer(path, options) {
    const answer = await fetch(path, { ...options, headers: { Accept: "application/json", ...options.headers }, redirect: "error" });
    if (answer.ok) return answer;
    throw await refusal(answer);
  }
}

/** What an answer that is no success says. */
export async function refusal(answer) {
  const said = await answer.json().catch(() => ({})); // a proxy's page is no word of this server
  const code = answer.status === 401 ? "signed_out" : (said.code ?? "");
  const english = document.documentElement.lang === "en";
  return new Refused(answer.status, code, english ? said.message_en : said.message_ja);
}
