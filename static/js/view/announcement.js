/* What the moderators have put above the stream: shown until its time is over, or they say so. */

import { neutral } from "../state/direction.js";
import { t } from "../state/language.js";
import { linked } from "./links.js";

const LOOK_MS = 60_000; // at least: the clock may be corrected, and timers stop while a computer sleeps

export class AnnouncementView {
  #element;
  #now;
  #announce;
  #keepOnScreen;
  #until = 0;
  #timer = null;

  /** `now()` is the time that the server has; `announce` says it to those who listen; `keepOnScreen(change)` changes what
      stands above the stream. */
  constructor({ element, now, announce, keepOnScreen }) {
    this.#element = element;
    this.#now = now;
    this.#announce = announce;
    this.#keepOnScreen = keepOnScreen;
  }

  /** What the page came with. */
  get served() {
    const { hidden, dataset } = this.#element;
    return hidden ? null : { text: this.#text.textContent, until: Number(dataset.until) };
  }

  /** `{ text, until }` from now on; null: nothing. */
  show(announcement) {
    const { text, until } = readable(announcement);
    const isNews = until > this.#now() && text !== this.served?.text;
    this.#until = until;
    this.#keepOnScreen(() => {
      if (isNews) this.#text.replaceChildren(...linked(neutral(text)));
      this.#look();
    });
    if (isNews) this.#announce(t("Announcement: {text}", { text }));
  }

  get #text() {
    return this.#element.querySelector(".announcement__text");
  }

  #look() {
    clearTimeout(this.#timer);
    const left = this.#until - this.#now();
    this.#element.hidden = left <= 0;
    this.#element.dataset.until = this.#until;
    if (left > 0) this.#timer = setTimeout(() => this.#keepOnScreen(() => this.#look()), Math.min(left + 1, LOOK_MS));
  }
}

/** What makes no sense is none. */
function readable(announcement) {
  const isOne = typeof announcement?.text === "string" && Number.isInteger(announcement.until);
  return isOne ? announcement : { text: "", until: 0 };
}
