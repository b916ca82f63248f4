// The contracts of one signing: preparing them, handing over their bytes, delivering each result, showing how far each is.
import { Refused } from "./sign-server.js";
import { phrase } from "./words.js";

const AT_ONCE = 3; // requests to the server
const PATIENCE = 60_000; // milliseconds in which others get their turns
const BETWEEN = 500;

/** Is it still to be signed? */
export const isOpen = ({ state }) => !["accepted", "completed"].includes(state);

/** Run `act` on every item, a few at a time; rejects with the first failure. */
async function several(items, act) {
  const waiting = [...items];
  const lane = async () => {
    while (waiting.length > 0) await act(waiting.shift());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** When all turns are taken the server says so at once instead of holding a thread: the page waits, and asks again. */
async function inTurn(act, until = Date.now() + PATIENCE) {
  try {
    return await act();
  } catch (error) {
    if (error.code !== "busy" || Date.now() > until) throw error;
    await new Promise((resolve) => setTimeout(resolve, BETWEEN));
    return inTurn(act, until);
  }
}

export class Batch {
  #server;
  #rows;
  #lanes = Array(AT_ONCE).fill(Promise.resolve());
  #turn = 0;
  #lost = null;
  #fields = null;

  /** @param {Element[]} rows one a contract; none where a single contract is signed */
  constructor(server, id, rows) {
    this.#server = server;
    this.#rows = new Map(rows.map((row) => [Number(row.dataset.item), row]));
    this.id = id;
    this.refusals = []; // of results, or of contracts that could not be prepared
  }

  /** How far each contract is, by the server's word. */
  async look() {
    const found = await this.#server.status(this.id);
    for (const item of found.items) this.#show(item.ordinal, item.state, item.why, item.document);
    return found;
  }

  /** Begin to give the single contract's document its fields, while the bridge is looked for; `prepare` tells what is wrong. */
  addFields() {
    this.#fields = this.#server.addFields(this.id, 0).catch(() => {});
  }

  /** Prepare what is still to be signed; a refusal stops nothing else. Returns what is ready, in order. */
  async prepare(items, onProgress) {
    const ready = [];
    let done = 0;
    this.refusals = [];
    await this.#fields;
    await several(items, async ({ ordinal }) => {
      this.#show(ordinal, "preparing");
      try {
        const made = await inTurn(() => this.#server.prepare(this.id, ordinal));
        ready.push({ ordinal, ...made });
        this.#show(ordinal, "prepared", "", made.document);
      } catch (error) {
        this.#refuse(ordinal, error);
      }
      onProgress((done += 1), items.length);
    });
    return ready.sort((one, other) => one.ordinal - other.ordinal);
  }

  /** The prepared files one after another; the first is on its way at once, the next one while one is handed over. */
  bytes(ready) {
    const first = this.#server.document(ready[0].url);
    first.catch(() => {}); // heard of when it is its turn
    return this.#handedOver(ready, first);
  }

  async *#handedOver(ready, first) {
    let coming = first;
    for (let n = 0; n < ready.length; n += 1) {
      const bytes = await coming;
      coming = n + 1 < ready.length ? this.#server.document(ready[n + 1].url) : null;
      coming?.catch(() => {}); // heard of when it is its turn
      yield bytes;
    }
  }

  /** Take one document's result from the bridge and see it to the server. */
  take(result) {
    const ordinal = this.#ordinalOf(result.document.id);
    this.#show(ordinal, "signed");
    const lane = this.#turn++ % AT_ONCE;
    this.#lanes[lane] = this.#lanes[lane].then(() => this.#deliver(ordinal, result));
  }

  /** Once the server has judged every result that was taken; throws if one was not judged: the bridge must keep it. */
  async delivered() {
    await Promise.all(this.#lanes);
    const lost = this.#lost;
    this.#lost = null;
    if (lost !== null) throw lost;
  }

  async #deliver(ordinal, result) {
    try {
      await this.#server.deliver(this.id, result);
      this.#show(ordinal, "accepted");
    } catch (error) {
      if (error instanceof Refused && !error.passing) this.#refuse(ordinal, error);
      else this.#lost = { code: error.outdated ? "undelivered_signed_out" : "undelivered" };
    }
  }

  #refuse(ordinal, error) {
    if (!(error instanceof Refused) || error.outdated) throw error;
    this.refusals.push(error);
    this.#show(ordinal, "refused", error.sentence);
  }

  #ordinalOf(id) {
    for (const [ordinal, row] of this.#rows) if (row.dataset.document === id) return ordinal;
    return -1;
  }

  #show(ordinal, state, why = "", id = undefined) {
    const row = this.#rows.get(ordinal);
    if (!row) return;
    row.dataset.state = state;
    if (id) row.dataset.document = id;
    row.querySelector("[data-what]").textContent = phrase(`item-${state}`);
    const reason = row.querySelector("[data-why]");
    reason.textContent = why;
    reason.hidden = why === "";
  }
}
