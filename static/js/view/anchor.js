/* The reader's place: at the end, the end; above it, the comments in view. It holds through whatever changes the height of
   what stands around: arrivals, hides, older pages, another width, late fonts.

   The scroller is reversed (layout.css), so its scrollTop is 0 at the end and negative above it. */

export class Anchor {
  #scroller;
  #isFollowing;
  #items;
  #places = []; // { item, top } of those in view

  /** `isFollowing()`: whether the end is to stay in view. `items()`: the items of the list, in order. */
  constructor({ scroller, list, isFollowing, items }) {
    this.#scroller = scroller;
    this.#isFollowing = isFollowing;
    this.#items = items;
    scroller.addEventListener("scroll", () => this.#remember(), { passive: true });
    const resizing = new ResizeObserver(() => this.#restore());
    resizing.observe(scroller);
    resizing.observe(list);
  }

  /** Do something that changes what stands in the scroller, and leave what the reader sees where it is. */
  keep(change) {
    const wasFollowing = this.#isFollowing();
    if (!wasFollowing) this.#remember();
    const result = change();
    if (wasFollowing) {
      this.#places = [];
      this.#scroller.scrollTop = 0;
    }
    this.#restore();
    return result;
  }

  /** Do something that takes height from the scroller's upper end, or gives it back. It is reversed, so nothing in it
      moves on the screen by itself; and nothing is to be restored. */
  keepOnScreen(change) {
    change();
    this.#remember();
  }

  #remember() {
    this.#places = this.#isFollowing() ? [] : this.#inView();
  }

  /** By the first of them that is still there: the one at the top may have been hidden. */
  #restore() {
    const kept = this.#places.find(({ item }) => item.isConnected);
    if (!kept || this.#isFollowing()) return;
    const moved = kept.item.getBoundingClientRect().top - this.#top - kept.top;
    if (Math.abs(moved) > 0.5) this.#scroller.scrollTop += moved;
  }

  #inView() {
    const items = this.#items();
    const top = this.#top;
    const places = [];
    for (let at = firstBelow(items, top); at < items.length; at += 1) {
      const place = items[at].getBoundingClientRect();
      if (place.top >= top + this.#scroller.clientHeight) break;
      places.push({ item: items[at], top: place.top - top });
    }
    return places;
  }

  get #top() {
    return this.#scroller.getBoundingClientRect().top;
  }
}

/** The first item whose end stands below this line. */
export function firstBelow(items, line) {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].getBoundingClientRect().bottom <= line) low = middle + 1;
    else high = middle;
  }
  return low;
}
