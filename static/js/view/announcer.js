/* New comments for those who listen: at a pace that can be followed, and not while it is paused. */

import { Pace } from "../state/pace.js";

const AT_LEAST_MS = 250; // what comes at the same moment is told together

export class Announcer {
  #pace = new Pace();
  #element;
  #timer = null;

  /** `element` is a live region; `button` pauses and goes on. */
  constructor({ element, button }) {
    this.#element = element;
    button.addEventListener("click", () => this.#toggle(button));
  }

  /** Others have written these; whether the log is to read them out itself. */
  came(comments) {
    if (comments.length === 0) return false;
    const isRead = this.#pace.came(comments, performance.now());
    this.#plan();
    return isRead;
  }

  #toggle(button) {
    this.#pace.isPaused = !this.#pace.isPaused;
    button.setAttribute("aria-pressed", String(this.#pace.isPaused));
    this.#plan();
  }

  /** When it is due does not change with what comes until then. */
  #plan() {
    const wait = this.#pace.dueIn(performance.now());
    if (wait !== Infinity) this.#timer ??= setTimeout(() => this.#say(), Math.max(AT_LEAST_MS, wait));
  }

  #say() {
    this.#timer = null;
    if (this.#pace.dueIn(performance.now()) === Infinity) return;
    this.#element.textContent = this.#pace.sentence(performance.now());
  }
}
