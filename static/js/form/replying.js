/* The comment that the next one answers: a line over the form, until it is sent or let go. */

import { t } from "../state/language.js";
import { excerptOf } from "../view/quotes.js";

export class Replying {
  #line;
  #id = null;

  /** `line` is an element with a place for the words and a button; `onEnd()`, when it was let go. */
  constructor(line, onEnd) {
    this.#line = line;
    line.querySelector("button").addEventListener("click", () => {
      this.take();
      onEnd();
    });
  }

  begin(comment) {
    this.#show(comment.id, excerptOf(comment));
  }

  /** As it was when this was written; without an id it answers nothing. */
  restore(id) {
    if (id) this.#show(id, textOf(id) ?? t("An earlier comment"));
    else this.take();
  }

  /** The id, which the next comment has no more; undefined if there is none. */
  take() {
    const id = this.#id ?? undefined;
    this.#show(null, "");
    return id;
  }

  #show(id, words) {
    this.#id = id;
    this.#line.hidden = id === null;
    this.#line.querySelector("span").textContent = words;
  }
}

function textOf(id) {
  return document.getElementById(`comment-${id}`)?.querySelector(".comment__text").textContent;
}
