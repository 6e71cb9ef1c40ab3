/* The comment that the address names: shown with what stands around it, however old it is. */

export class Place {
  #stream;
  #view;
  #server;
  #onMissing;
  #journey = 0; // the last that was begun; of those before, nobody waits for the end any more

  /** `server.around(id)` as in api.js. `onMissing(isAlone)`: it cannot be shown. */
  constructor({ stream, view, server, onMissing }) {
    this.#stream = stream;
    this.#view = view;
    this.#server = server;
    this.#onMissing = onMissing;
  }

  /** `isAlone`: what the stream has of its surroundings is not all there is. Whether it is there in the end, and the
      visitor has not gone elsewhere meanwhile. */
  async go(id, isAlone = false) {
    const journey = ++this.#journey;
    this.#light(null);
    const isThere = (!isAlone && this.#stream.has(id)) || (await this.#loads(id, journey));
    if (journey !== this.#journey) return false;
    if (isThere) this.#arrive(id);
    else this.#onMissing(isAlone);
    return isThere;
  }

  /** The visitor goes elsewhere. */
  leave() {
    this.#journey += 1;
  }

  async #loads(id, journey) {
    const { generation } = this.#stream;
    try {
      const page = await this.#server.around(id);
      if (journey !== this.#journey) return false;
      if (generation !== this.#stream.generation) return this.#loads(id, journey); // of what this is, nobody knows
      this.#view.update(() => this.#stream.moveTo(page), { quietly: true });
    } catch {
      return false;
    }
    return this.#stream.has(id);
  }

  #arrive(id) {
    this.#light(id);
    this.#view.center(id);
  }

  /** The server may have lit one. */
  #light(id) {
    document.querySelector(".comment--asked")?.classList.remove("comment--asked");
    this.#view.itemOf(id)?.classList.add("comment--asked");
  }
}
