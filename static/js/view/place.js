/* The comment that the address names, `/#comment-ID`: shown with what stands around it, however old it is. */

import { idIn } from "./comment.js";

export class Place {
  #stream;
  #view;
  #server;
  #onMissing;

  /** `server.one(id)` and `server.before(timestamp)` as in api.js. `onMissing()`: there is no such comment. */
  constructor({ stream, view, server, onMissing }) {
    this.#stream = stream;
    this.#view = view;
    this.#server = server;
    this.#onMissing = onMissing;
    addEventListener("hashchange", () => this.go());
  }

  /** Go where the address leads, if it leads to a comment. */
  async go() {
    const id = idIn(decoded(location.hash.slice(1)));
    if (id === null) return;
    try {
      if (!this.#stream.has(id)) await this.#load(id);
      this.#show(id);
    } catch {
      this.#onMissing();
    }
  }

  async #load(id) {
    const { timestamp } = await this.#server.one(id);
    const page = await this.#server.before(timestamp + 1);
    const { cursor } = this.#stream;
    this.#view.update(() => this.#stream.load({ ...page, cursor, isOlder: true }), { quietly: true });
  }

  #show(id) {
    this.#view.center(id);
    this.#view.itemOf(id).classList.add("comment--asked");
  }
}

function decoded(hash) {
  try {
    return decodeURIComponent(hash);
  } catch {
    return "";
  }
}
