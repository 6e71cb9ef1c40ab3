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

  constructor(element, connection) {
    this.#element = element;
    this.#connection = connection;
  }

  /** Show how it stands, now and when time alone changes it. */
  draw() {
    const now = performance.now();
    this.#show(this.#connection.stateAt(now, navigator.onLine));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.draw(), Math.min(CERTAIN_MS, this.#connection.changesIn(now)));
  }

  #show(state) {
    if (state === null || this.#element.dataset.state === state) return;
    this.#element.dataset.state = state;
    this.#element.textContent = WORDS[state]();
  }
}
