/* The stream in the DOM. Whatever changes in it, the reader keeps the place: at the end the end stays in view, above it
   no comment in view moves.

   The scroller is reversed (layout.css), so its scrollTop is 0 at the end and negative above it. */

import { fill, idOf, mark, newItem } from "./comment.js";

const AT_END_PX = 40;

export class View {
  /** The id of the first comment that came while the reader was away. */
  firstFresh = null;
  #stream;
  #scroller;
  #list;
  #template;
  #items = new Map(); // id → { item, comment }; no comment yet if the server rendered it

  constructor({ stream, scroller, list, template }) {
    this.#stream = stream;
    this.#scroller = scroller;
    this.#list = list;
    this.#template = template;
    for (const item of list.children) this.#items.set(idOf(item), { item, comment: null });
  }

  get pixelsBelow() {
    return Math.abs(this.#scroller.scrollTop);
  }

  get pixelsAbove() {
    return this.#scroller.scrollHeight - this.#scroller.clientHeight - this.pixelsBelow;
  }

  get height() {
    return this.#scroller.clientHeight;
  }

  /** Whether the reader sees the newest comment. */
  get isFollowing() {
    return this.#stream.atNewest && this.pixelsBelow < AT_END_PX;
  }

  goToEnd() {
    this.#scroller.scrollTop = 0;
  }

  /** Change the stream and show it as it is then; `quietly`: it is not news, so it is not read out. */
  update(change, { quietly = false } = {}) {
    if (quietly) this.#silence();
    const far = this.pixelsBelow > this.pixelsAbove;
    return this.keepPlace(() => {
      const result = change();
      this.#stream.trim(far ? "oldest" : "newest");
      this.#show(this.#stream.comments);
      return result;
    });
  }

  keepPlace(change) {
    const wasFollowing = this.isFollowing;
    const places = wasFollowing ? [] : this.#itemsInView().map((item) => ({ item, top: topOf(item) }));
    const result = change();
    const kept = places.find(({ item }) => item.isConnected);
    if (wasFollowing) this.goToEnd();
    else if (kept) this.#scroller.scrollTop += topOf(kept.item) - kept.top;
    return result;
  }

  #show(comments) {
    this.#drop(new Set(comments.map(({ id }) => id)));
    let next = null;
    for (const comment of comments.toReversed()) {
      const item = this.#itemFor(comment);
      if (item.nextElementSibling !== next || !item.isConnected) this.#list.insertBefore(item, next);
      next = item;
    }
    comments.forEach((comment, at) => this.#mark(comment, comments[at - 1]));
  }

  #drop(wanted) {
    for (const [id, { item }] of this.#items) {
      if (wanted.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
  }

  #itemFor(comment) {
    const known = this.#items.get(comment.id);
    if (known?.comment === comment) return known.item;
    const item = known?.item ?? newItem(this.#template, comment);
    if (known) fill(item, comment);
    this.#items.set(comment.id, { item, comment });
    return item;
  }

  #mark(comment, previous) {
    const { item } = this.#items.get(comment.id);
    mark(item, comment, previous);
    item.classList.toggle("comment--first-fresh", comment.id === this.firstFresh);
  }

  #itemsInView() {
    const { top, bottom } = this.#scroller.getBoundingClientRect();
    return [...this.#list.children].filter((item) => {
      const place = item.getBoundingClientRect();
      return place.bottom > top && place.top < bottom;
    });
  }

  /** Browsers tell assistive technology at the next frame, so the log stays silent until that is over. */
  #silence() {
    this.#scroller.setAttribute("aria-live", "off");
    requestAnimationFrame(() => requestAnimationFrame(() => this.#scroller.setAttribute("aria-live", "polite")));
  }
}

function topOf(item) {
  return item.getBoundingClientRect().top;
}
