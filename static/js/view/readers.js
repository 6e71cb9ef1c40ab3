/* How many read now, as the server last said. */

import { t } from "../state/language.js";

export class ReadersView {
  #element;

  constructor(element) {
    this.#element = element;
  }

  /** `readers`: the number, or undefined if nothing was said of it. One reader is this one. */
  heard(readers) {
    if (!Number.isInteger(readers)) return;
    const text = readers > 1 ? t("{number} reading now", { number: readers }) : "";
    if (this.#element.textContent !== text) this.#element.textContent = text;
  }
}
