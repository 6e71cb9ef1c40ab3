/* Which way to the server to take. Pure: no network, no clock of its own.

   The best way that is not in trouble. A way that fails is left alone for a while, longer with each failure, and then
   tried again; polling is never left alone. */

export const SOCKET = "socket";
export const LONG_POLL = "longPoll";
export const POLL = "poll";

const WAYS = [SOCKET, LONG_POLL, POLL];
const FIRST_REST_MS = 5000;
const LONGEST_REST_MS = 10 * 60_000;

export class Ways {
  #troubles = new Map(); // way → { failures, until }
  #isOutage = false;

  choose(now) {
    return WAYS.find((way) => !(this.#troubles.get(way)?.until > now));
  }

  failed(way, now) {
    if (way === POLL) {
      this.#isOutage = true;
      return;
    }
    const failures = 1 + (this.#troubles.get(way)?.failures ?? 0);
    const rest = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(failures - 1, 20));
    this.#troubles.set(way, { failures, until: now + rest * (0.8 + 0.4 * Math.random()) });
  }

  /** A way has proved itself, not only begun well. */
  proved(way) {
    this.#troubles.delete(way);
  }

  /** The server answers. True if it did not before: what failed meanwhile says nothing about the ways. */
  reached() {
    const wasOutage = this.#isOutage;
    this.#isOutage = false;
    if (wasOutage) this.#troubles.clear();
    return wasOutage;
  }
}
