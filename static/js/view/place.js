/* The comment that the address names: shown with what stands around it, however old it is. */

export class Place {
  #stream;
  #view;
  #server;
  #onMissing;
  #journey = 0; // the last that was begun; of those before, nobody waits for the end any more

  /** `server.around(id)` as in api.js. `onMissing(isAlone, why)`: it cannot be shown; `why` is a sentence if it may be
      another time. */
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
    const why = !isAlone && this.#stream.has(id) ? null : await this.#load(id, journey);
    if (journey !== this.#journey) return false;
    if (why === null) this.#arrive(id);
    else this.#onMissing(isAlone, why);
    return why === null;
  }

  /** The visitor goes elsewhere. */
  leave() {
    this.#journey += 1;
  }

  /** Why it has not come: "" if it will not come another time either; null if it has. */
  async #load(id, journey) {
    const { generation } = this.#stream;
    try {
      const page = await this.#server.around(id);
      if (journey !== this.#journey) return "";
      if (generation !== this.#stream.generation) return this.#load(id, journey); // of what this is, nobody knows
      this.#view.update(() => this.#stream.moveTo(page), { quietly: true });
    } catch ({ status, sentence }) {
      return status === 404 ? "" : sentence;
    }
    return this.#stream.has(id) ? null : "";
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
