/* The comments that came while the reader was elsewhere, until they have been seen. Pure. */

export class Unread {
  #ids = new Set(); // in the order in which they came

  get count() {
    return this.#ids.size;
  }

  get first() {
    return this.#ids.values().next().value ?? null;
  }

  came(ids) {
    ids.forEach((id) => this.#ids.add(id));
  }

  /** They have been hidden again. */
  gone(ids) {
    ids.forEach((id) => this.#ids.delete(id));
  }

  seen() {
    this.#ids.clear();
  }
}
