/* Where the page is: the view that its address asks for, and the comment that it names. Back and forward walk through
   both. Loading never changes the address; only what the visitor chooses does. */

import { parsed, written } from "../state/grammar.js";
import { idIn } from "./comment.js";

const PERMALINK = /^\/c\/([A-Za-z0-9_.:-]+)$/;

export class Address {
  #onMove;
  #onReturn;
  #seen = location.href;

  /** `onMove()`: it has changed, by whomever. `onReturn(id)`: the visitor is back from where this comment led. */
  constructor({ onMove, onReturn }) {
    this.#onMove = onMove;
    this.#onReturn = onReturn;
    addEventListener("popstate", ({ state }) => this.#onPop(state));
    addEventListener("hashchange", () => location.href !== this.#seen && this.#move());
  }

  /** What stands behind the #; or behind the ?, where those come from who have no script. */
  get view() {
    const ofHash = parsed(location.hash);
    const ofQuery = parsed(location.search);
    return asksForNothing(ofHash) && !asksForNothing(ofQuery) ? { ...ofQuery, others: ofHash.others } : ofHash;
  }

  /** The id of the comment that it names, or null. */
  get commentId() {
    if (location.hash.length > 1) return idIn(decoded(location.hash.slice(1)));
    return PERMALINK.exec(location.pathname)?.[1] ?? null;
  }

  /** What is shown already is no step to go back. */
  show(view) {
    if (written(view) === written(this.view)) return;
    const others = view.others.filter((part) => idIn(part) === null);
    this.#push(written({ ...view, others }));
  }

  /** Go to a comment, with the way back to the one that led there. */
  goTo(id, from) {
    history.replaceState({ from }, "");
    this.#push(`comment-${id}`);
  }

  #push(address) {
    history.pushState(null, "", location.pathname + language() + (address === "" ? "" : `#${address}`));
    this.#move();
  }

  #move() {
    this.#seen = location.href;
    this.#onMove();
  }

  #onPop(state) {
    this.#move();
    if (typeof state?.from === "string") this.#onReturn(state.from);
  }
}

/** All else that stands behind the ? was about what the page came with. */
function language() {
  const asked = new URLSearchParams(location.search).get("lang");
  return asked ? `?lang=${encodeURIComponent(asked)}` : "";
}

function asksForNothing(view) {
  return written({ ...view, others: [] }) === "" && view.broken.length === 0;
}

function decoded(hash) {
  try {
    return decodeURIComponent(hash);
  } catch {
    return "";
  }
}
