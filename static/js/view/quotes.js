/* The line above an answer that says what it answers. Where the stream does not have that, it is asked for when the answer
   comes into view. */

import { neutral } from "../state/direction.js";
import { t } from "../state/language.js";
import { part, say } from "./parts.js";

const EXCERPT = 200; // as in the templates

export class Quotes {
  #stream;
  #scroller;
  #server;
  #keepPlace;
  #known = new Map(); // id → the comment, null if it cannot be seen, undefined while it is asked for
  #seen = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && this.#ask(entry.target)));

  /** `server.one(id)` as in api.js; `keepPlace(change)` as in view.js. */
  constructor({ stream, scroller, server, keepPlace }) {
    this.#stream = stream;
    this.#scroller = scroller;
    this.#server = server;
    this.#keepPlace = keepPlace;
  }

  /** The stream was told this: id → change. */
  heard(changed) {
    for (const [id, change] of changed) if (this.#known.has(id)) this.#known.set(id, change.removed ? null : change);
  }

  /** The stream was loaded afresh: nobody tells what has become of others meanwhile. */
  doubt() {
    this.#known.clear();
  }

  draw() {
    for (const quote of this.#scroller.querySelectorAll(".comment__quote")) this.#draw(quote);
  }

  #draw(quote) {
    const id = idOf(quote);
    const comment = this.#stream.find(id) ?? this.#known.get(id);
    if (comment) say(quote, excerptOf(comment));
    else if (comment === null) say(quote, t("Answer to a comment that was removed"));
    else this.#seen.observe(quote);
  }

  async #ask(quote) {
    this.#seen.unobserve(quote);
    const id = idOf(quote);
    if (this.#known.has(id)) return;
    this.#known.set(id, undefined);
    const found = await this.#found(id);
    if (this.#known.get(id) !== undefined) return; // the stream was told meanwhile
    if (found === undefined) this.#known.delete(id);
    else this.#known.set(id, found);
    this.#keepPlace(() => this.draw());
  }

  /** Undefined: it may be asked for again. */
  async #found(id) {
    try {
      return await this.#server.one(id);
    } catch ({ status }) {
      return status === 404 ? null : undefined;
    }
  }
}

/** Above this text, which answers the comment with this id, if it is one; `given` stands there, if anything does. */
export function beginQuote(text, given, id) {
  if (!id) return given?.remove();
  const quote = given ?? Object.assign(part("a", "comment__quote", t("Answer to an earlier comment")), { dir: "auto" });
  quote.href = `/c/${id}`;
  if (!given) text.before(quote);
}

function idOf({ pathname }) {
  return pathname.slice("/c/".length);
}

export function excerptOf({ username, text }) {
  return `${neutral(username)}: ${neutral([...text].slice(0, EXCERPT).join(""))}`;
}
