// The messages between the signing dialog and the server (cectrust/signing/views.py).

/** A refusal of the server, with its own sentence in the page's language. */
export class Refused extends Error {
  constructor(code, sentence) {
    super(code);
    this.code = code;
    this.sentence = sentence;
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

  /** Whether the bridge that answered is registered for this person. */
  async verifyHello(answer) {
    try {
      await this.#post(`/signing/connections/${this.#connection}/hello`, answer);
      return true;
    } catch (error) {
      if (error.code === "bridge_not_registered") return false;
      throw error;
    }
  }

  orderList() {
    return this.#get(`/signing/connections/${this.#connection}/orders/cert.list`);
  }

  /** A signing of these contracts; its name. */
  async select(contracts) {
    return (await this.#post("/signing/batches", { contracts })).batch;
  }

  async choices(batch, result) {
    const body = { connection: this.#connection, result };
    return (await this.#post(`/signing/batches/${batch}/certificates`, body)).certificates;
  }

  choose(batch, certificate) {
    return this.#post(`/signing/batches/${batch}/certificate`, { certificate });
  }

  /** Prepare one contract of the batch for its signature. */
  prepare(batch, ordinal) {
    return this.#post(`/signing/batches/${batch}/items/${ordinal}`, {});
  }

  async document(url) {
    const answer = await this.#answer(url, {});
    return answer.arrayBuffer();
  }

  /** The server-signed order (`sign` or `sign.resume`) over the connection in use. */
  async order(batch, operation) {
    await this.#post(`/signing/batches/${batch}/connection`, { connection: this.#connection });
    return this.#get(`/signing/batches/${batch}/orders/${operation}`);
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
    if (answer.status === 401) throw new Refused("signed_out", "");
    const said = await answer.json();
    const english = document.documentElement.lang === "en";
    throw new Refused(said.code, english ? said.message_en : said.message_ja);
  }
}
