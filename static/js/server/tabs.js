/* The tabs of one browser: one of them leads and asks the server, the others listen to it.

   Who holds the lock leads. The browser hands it on at once when the tab is closed or crashes. A tab that cannot share,
   because the browser lacks locks or keeps us from them, leads itself and nobody else. */

const NAME = "say-what-want 3"; // another number when the messages change: open tabs may run an older script

export class Tabs {
  isLeader = false;
  #world;
  #onRole;
  #onMessage;
  #channel = null;
  #queue = null;
  #isTakingOver = false;

  constructor(world, { onRole, onMessage }) {
    this.#world = world;
    this.#onRole = onRole;
    this.#onMessage = onMessage;
  }

  start() {
    try {
      if (!this.#world.locks) throw new Error("This browser has no locks.");
      this.#channel = this.#world.openChannel(NAME);
      this.#channel.addEventListener("message", ({ data }) => this.#onMessage(data));
      this.#queueUp();
    } catch {
      this.#leadAlone();
    }
  }

  tell(message) {
    this.#channel?.postMessage(message);
  }

  /** Lead from now on, whoever does now. */
  takeOver() {
    if (this.isLeader || this.#isTakingOver) return;
    this.#isTakingOver = true;
    this.#queue?.abort();
    this.#request({ steal: true });
  }

  #queueUp() {
    this.#queue = new AbortController();
    this.#request({ signal: this.#queue.signal });
  }

  async #request(options) {
    let hasLed = false;
    const lead = () => {
      hasLed = true;
      this.#become(true);
      return new Promise(() => {}); // for as long as the tab lives
    };
    try {
      await this.#world.locks.request(NAME, options, lead);
    } catch (error) {
      if (hasLed) this.#onTakenOver();
      else if (error.name !== "AbortError") this.#leadAlone();
    }
  }

  #onTakenOver() {
    this.#queueUp();
    this.#become(false);
  }

  #leadAlone() {
    this.#channel?.close();
    this.#channel = null;
    this.#become(true);
  }

  #become(isLeader) {
    this.#isTakingOver = false;
    this.isLeader = isLeader;
    this.#onRole();
  }
}
