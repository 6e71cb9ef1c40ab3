/* What came while the reader was elsewhere: counted on a pill and in the title, with a dot on the icon, until it has been seen. Who was above the
   end is led to the newest; who was in another window stands at the end again, and is led to the first of them. */

import { counted, t } from "../state/language.js";
import { Unread } from "../state/unread.js";

const FAR_SCREENS = 1.5;

export class Notice {
  #stream;
  #view;
  #scroller;
  #pill;
  #onReturn;
  #unread = new Unread();
  #title = document.title;
  #icon = new Icon(document.querySelector("link[rel=icon]"));

  /** `onReturn()` brings the reader back to the newest comment. */
  constructor({ stream, view, scroller, pill, onReturn }) {
    this.#stream = stream;
    this.#view = view;
    this.#scroller = scroller;
    this.#pill = pill;
    this.#onReturn = onReturn;
    pill.addEventListener("click", () => this.#onPill());
    scroller.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    document.addEventListener("visibilitychange", () => this.look());
  }

  get isReading() {
    return this.#view.isFollowing && !document.hidden;
  }

  /** Fresh comments that others have written, and the ids of those that were hidden again. */
  count(comments, gone) {
    const wasFirst = this.#unread.first;
    this.#unread.gone(gone);
    if (!this.isReading) this.#unread.came(comments.map(({ id }) => id));
    const isNewAbsence = wasFirst === null && this.#unread.first !== null;
    if (isNewAbsence || gone.includes(this.#view.firstFresh)) this.#view.firstFresh = this.#unread.first;
  }

  /** The reader has taken part, and so has seen what there is. */
  clear() {
    this.#unread.seen();
    this.#view.firstFresh = null;
  }

  look() {
    const { first } = this.#unread;
    if (first !== null && this.isReading && this.#view.isInView(first)) this.#unread.seen();
    this.#draw(this.#unread.count);
  }

  #draw(count) {
    const isFar = !this.#stream.atNewest || this.#view.pixelsBelow > FAR_SCREENS * this.#view.height;
    if (count === 0 && !isFar) this.#leavePill();
    this.#pill.hidden = count === 0 && !isFar;
    this.#pill.classList.toggle("pill--plain", count === 0);
    this.#pill.classList.toggle("pill--up", count > 0 && this.#view.isFollowing);
    say(this.#pill, count > 0 ? counted(count, "1 new comment", "{number} new comments") : t("Newest"));
    const title = count > 0 ? `(${count}) ${this.#title}` : this.#title;
    if (document.title !== title) document.title = title;
    this.#icon.draw(count > 0);
  }

  #onScroll() {
    if (this.isReading) this.#unread.seen();
    this.look();
  }

  #onPill() {
    if (this.#unread.count > 0 && this.isReading) this.#view.goTo(this.#unread.first);
    else this.#onReturn();
    this.#unread.seen();
    this.look();
    this.#leavePill();
  }

  /** The focus stays in the stream. */
  #leavePill() {
    if (document.activeElement === this.#pill) this.#scroller.focus({ preventScroll: true });
  }
}

/** The icon of the page, with a dot while there is something new. */
class Icon {
  #link;
  #plain;

  constructor(link) {
    this.#link = link;
    this.#plain = link.href;
  }

  draw(hasNews) {
    const href = hasNews ? new URL(this.#link.dataset.news, location.href).href : this.#plain;
    if (this.#link.href !== href) this.#link.href = href;
  }
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
