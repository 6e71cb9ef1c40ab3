/* The state of the connection, in one quiet word. */

const WORDS = { live: "Live", reconnecting: "Reconnecting…", offline: "Offline" };

export class Connection {
  #element;

  constructor(element) {
    this.#element = element;
    addEventListener("offline", () => this.#draw("offline"));
  }

  /** What was last heard of the server: null when all is well, or an error. */
  report(error) {
    if (error === null) this.#draw("live");
    else this.#draw(navigator.onLine ? "reconnecting" : "offline");
  }

  #draw(state) {
    if (this.#element.dataset.state === state) return;
    this.#element.dataset.state = state;
    this.#element.textContent = WORDS[state];
  }
}
