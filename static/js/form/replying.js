/* The comment that the next one answers: a line over the form, until it is sent or let go. It is part of the draft. */

import { t } from "../state/language.js";
import { excerptOf } from "../view/quotes.js";

export class Replying {
  #line;
  #drafts;
  #id;

  /** `line` is an element with a place for the words and a button; `onEnd()`, when it was let go. */
  constructor(line, drafts, onEnd) {
    this.#line = line;
    this.#drafts = drafts;
    line.querySelector("button").addEventListener("click", () => {
      this.take();
      onEnd();
    });
    const { replyTo } = drafts.ofThisTab;
    if (replyTo) this.restore(replyTo);
  }

  begin(comment) {
    this.#show(comment.id, excerptOf(comment));
  }

  /** As it was when this was written; without an id it answers nothing. */
  restore(id) {
    if (id) this.#show(id, wordsOf(id) ?? t("An earlier comment"));
    else this.take();
  }

  /** The id, which the next comment has no more; undefined if there is none. */
  take() {
    const id = this.#id;
    this.#show(undefined, "");
    return id;
  }

  #show(id, words) {
    this.#id = id;
    this.#drafts.keep({ replyTo: id });
    this.#line.hidden = id === undefined;
    this.#line.querySelector("span").textContent = words;
  }
}

function wordsOf(id) {
  const item = document.getElementById(`comment-${id}`);
  const part = (name) => item.querySelector(`.comment__${name}`).textContent;
  return item && excerptOf({ username: part("name"), text: part("text") });
}
