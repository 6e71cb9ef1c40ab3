/* The comment that the address names: shown with what stands around it, however old it is. */

export class Place {
  #stream;
  #view;
  #server;
  #onMissing;

  /** `server.around(id)` as in api.js. `onMissing(isAlone)`: it cannot be shown. */
  constructor({ stream, view, server, onMissing }) {
    this.#stream = stream;
    this.#view = view;
    this.#server = server;
    this.#onMissing = onMissing;
  }

  /** `isAlone`: what the stream has of its surroundings is not all there is. */
  async go(id, isAlone = false) {
    this.#light(null);
    try {
      if (isAlone || !this.#stream.has(id)) await this.#load(id);
      this.#light(id);
      this.#view.center(id);
    } catch {
      this.#onMissing(isAlone);
    }
  }

  async #load(id) {
    const page = await this.#server.around(id);
    const cursor = this.#stream.cursor ?? page.cursor;
    this.#view.update(() => this.#stream.load({ ...page, cursor }), { quietly: true });
    if (!this.#stream.has(id)) throw new Error("The view does not show it.");
  }

  /** The server may have lit one. */
  #light(id) {
    document.querySelector(".comment--asked")?.classList.remove("comment--asked");
    this.#view.itemOf(id)?.classList.add("comment--asked");
  }
}
