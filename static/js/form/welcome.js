/* What somebody is told who is here for the first time; once, until it is closed or something has been sent. */

import { ofBrowser } from "./storage.js";

const KEY = "known"; // early.js reads it too

export class Welcome {
  #onClosed;

  /** `onClosed()`: the visitor has closed it, and the focus has no place any more. */
  constructor(element, onClosed) {
    this.#onClosed = onClosed;
    element.querySelector("button").addEventListener("click", () => this.#close());
  }

  isOver() {
    if ("known" in document.documentElement.dataset) return;
    ofBrowser.write(KEY, true);
    document.documentElement.dataset.known = "";
  }

  #close() {
    this.isOver();
    this.#onClosed();
  }
}
