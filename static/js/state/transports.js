/* Which transport to take: how envelopes come from the server. Pure: no network, no clock, no chance of its own.

   The best one that is not in trouble. One that fails is left alone for a while, longer with each failure, and then
   tried again; polling is never left alone. */

export const SOCKET = "socket";
export const LONG_POLL = "longPoll";
export const POLL = "poll";

const BEST_FIRST = [SOCKET, LONG_POLL, POLL];
const FIRST_REST_MS = 5000;
const LONGEST_REST_MS = 10 * 60_000;

export class Transports {
  #random;
  #troubles = new Map(); // transport → { failures, until }
  #isOutage = false;

  /** `random()` is a number from 0 to 1: not all pages try again at the same moment. */
  constructor(random) {
    this.#random = random;
  }

  choose(now) {
    return BEST_FIRST.find((transport) => !(this.#troubles.get(transport)?.until > now));
  }

  failed(transport, now) {
    if (transport === POLL) {
      this.#isOutage = true;
      return;
    }
    const failures = 1 + (this.#troubles.get(transport)?.failures ?? 0);
    const rest = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(failures - 1, 20));
    this.#troubles.set(transport, { failures, until: now + rest * (0.8 + 0.4 * this.#random()) });
  }

  /** It has proved itself, not only begun well. */
  proved(transport) {
    this.#troubles.delete(transport);
  }

  /** The server answers. True if it did not before: what failed meanwhile says nothing about the transports. */
  reached() {
    const wasOutage = this.#isOutage;
    this.#isOutage = false;
    if (wasOutage) this.#troubles.clear();
    return wasOutage;
  }
}
