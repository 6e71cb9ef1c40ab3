/* The state of the connection, in one quiet word; told once, when it changes. */

import { t } from "../state/language.js";
import { CERTAIN_MS } from "../state/connection.js";

const WORDS = {
  live: () => t("Live"),
  slow: () => t("Slow…"),
  reconnecting: () => t("Reconnecting…"),
  offline: () => t("Offline"),
};

export class ConnectionView {
  #element;
  #connection;
  #timer;
  #dueAt = 0;

  constructor(element, connection) {
    this.#element = element;
    this.#connection = connection;
  }

  /** Show how it stands, now and when time alone changes it. */
  draw() {
    const now = performance.now();
    this.#show(this.#connection.stateAt(now, navigator.onLine));
    this.#drawBy(now, now + Math.min(CERTAIN_MS, this.#connection.changesIn(now)));
  }

  /** Not each word of the server takes a new timer: one that looks too soon does no harm. */
  #drawBy(now, at) {
    if (this.#dueAt > now && this.#dueAt <= at) return;
    clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = setTimeout(() => this.draw(), at - now);
  }

  #show(state) {
    if (state === null || this.#element.dataset.state === state) return;
    this.#element.dataset.state = state;
    this.#element.textContent = WORDS[state]();
  }
}
