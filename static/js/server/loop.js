/* The one loop of a page. At any moment it has one timer, or one step in progress, and never both or two.

   `step` does what is to be done now and says in how many milliseconds there is more, or throws. A page that nobody
   looks at is slower. */

export const LONGEST_WAIT_MS = 10_000;
export const HIDDEN_WAIT_MS = 30_000;
const FIRST_RETRY_MS = 1000;

export class Loop {
  #world;
  #step;
  #report;
  #timer = null;
  #isAsking = false;
  #askAgain = false;
  #failures = 0;

  /** `report(error)` hears of each step: null when it went well. */
  constructor(world, step, report = () => {}) {
    this.#world = world;
    this.#step = step;
    this.#report = report;
  }

  /** Ask now, unless an answer is on its way. */
  wake() {
    if (!this.#isAsking) this.#run();
  }

  /** Ask now, or right after the answer that is on its way: it may have left before what we want to hear of. */
  askAfresh() {
    this.#askAgain = this.#isAsking;
    this.wake();
  }

  /** Ask in so many milliseconds, whatever was planned. */
  askIn(wait) {
    if (!this.#isAsking) this.#plan(wait);
  }

  async #run() {
    this.#world.cancel(this.#timer);
    this.#isAsking = true;
    const wait = await this.#ask();
    this.#isAsking = false;
    this.#plan(this.#askAgain ? 0 : wait);
    this.#askAgain = false;
  }

  #plan(wait) {
    this.#world.cancel(this.#timer);
    this.#timer = this.#world.later(() => this.#run(), wait);
  }

  async #ask() {
    try {
      const wait = await this.#step();
      this.#failures = 0;
      this.#tell(null);
      return wait > 0 && this.#world.isHidden ? Math.max(wait, HIDDEN_WAIT_MS) : wait;
    } catch (error) {
      this.#failures += 1;
      this.#tell(error);
      return backOff(this.#failures, this.#world.random, error.retryAfterMs);
    }
  }

  /** Whoever listens may fail; the loop goes on. */
  #tell(error) {
    try {
      this.#report(error);
    } catch (problem) {
      this.#world.complain(problem);
    }
  }
}

/** Longer with each failure, never more than 10 s, and not the same for all pages that lost their server together. */
export function backOff(failures, random, retryAfterMs = 0) {
  const growing = FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10);
  const jittered = Math.min(growing, LONGEST_WAIT_MS) * (0.5 + random() / 2);
  return Math.min(LONGEST_WAIT_MS, Math.max(jittered, retryAfterMs || 0));
}
