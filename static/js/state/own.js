/* Which comments are the visitor's own: kept by this browser also after they have arrived. Pure. */

const KEY = "own";
const MOST = 300;

export class Own {
  #box;
  #isSent;
  #known;

  /** `box` as in outbox.js; `isSent(id)`: whether it was sent from this page. */
  constructor(box, isSent) {
    this.#box = box;
    this.#isSent = isSent;
    this.#known = new Set(this.#kept());
  }

  has(id) {
    if (this.#known.has(id)) return true;
    if (!this.#isSent(id)) return false;
    this.#keep(id);
    return true;
  }

  #keep(id) {
    this.#known.add(id);
    // Another tab may have written meanwhile.
    this.#box.write(KEY, [...new Set([...this.#kept(), id])].slice(-MOST));
  }

  #kept() {
    const kept = this.#box.read(KEY);
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
  }
}
