/* One tab stop for the whole stream. The arrows go from comment to comment, Home and End to the first and the newest, the
   Page keys a view further; what can be pressed inside of a comment is reached by Tab from there, and from nowhere else.

   Focus never loads anything, and never falls to the body: when a comment goes that has it, its neighbour gets it. */

const WITHIN = "a[href], button";
const STEPS = { ArrowUp: -1, ArrowDown: 1 };
const KEYS = ["ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];

export class Roving {
  #scroller;
  #list;
  #items;
  #onEnd;
  #current = null; // the item that had the focus last

  /** `items()`: the items of the list, in order. `onEnd()` brings the reader to the newest comment. */
  constructor({ scroller, list, items, onEnd }) {
    this.#scroller = scroller;
    this.#list = list;
    this.#items = items;
    this.#onEnd = onEnd;
    scroller.addEventListener("keydown", (event) => this.#onKey(event));
    list.addEventListener("focusin", ({ target }) => this.#enter(target.closest(".comment")));
  }

  /** Where a change takes the focus away, the nearest comment has it. */
  keepFocus(change) {
    const focused = this.#focusedItem;
    const neighbours = focused === null ? [] : nearest(focused);
    change();
    if (focused !== null && isLost()) this.focus(neighbours.find((item) => item.isConnected));
  }

  /** This item; none: the stream. Nothing moves. */
  focus(item) {
    (item ?? this.#scroller).focus({ preventScroll: true });
  }

  #onKey(event) {
    const isModified = event.ctrlKey || event.altKey || event.metaKey || event.shiftKey;
    const isElsewhere = event.target !== this.#scroller && !this.#list.contains(event.target);
    if (isModified || isElsewhere || !KEYS.includes(event.key) || this.#items().length === 0) return;
    event.preventDefault();
    if (event.key === "End") this.#onEnd();
    this.#go(this.#next(event.key, this.#items()));
  }

  #go(item) {
    this.focus(item);
    item.scrollIntoView({ block: "nearest" });
  }

  #next(key, items) {
    if (key === "Home") return items[0];
    if (key === "End") return items.at(-1);
    const at = items.indexOf(this.#focusedItem ?? this.#lastInView);
    if (at < 0) return items.findLast((item) => this.#isInView(item)) ?? items.at(-1);
    return key in STEPS ? (items[at + STEPS[key]] ?? items[at]) : this.#aViewFrom(items, at, key);
  }

  #aViewFrom(items, at, key) {
    const { top, bottom } = items[at].getBoundingClientRect();
    const height = this.#scroller.clientHeight;
    const isFar = (item) => bottom - item.getBoundingClientRect().top >= height;
    const isFarBelow = (item) => item.getBoundingClientRect().bottom - top >= height;
    if (key === "PageUp") return items.slice(0, at).findLast(isFar) ?? items[0];
    return items.slice(at + 1).find(isFarBelow) ?? items.at(-1);
  }

  get #focusedItem() {
    return this.#list.contains(document.activeElement) ? document.activeElement.closest(".comment") : null;
  }

  get #lastInView() {
    return this.#current?.isConnected && this.#isInView(this.#current) ? this.#current : null;
  }

  #isInView(item) {
    const view = this.#scroller.getBoundingClientRect();
    const { top, bottom } = item.getBoundingClientRect();
    return bottom > view.top && top < view.bottom && top < bottom;
  }

  #enter(item) {
    if (item === this.#current) return;
    if (this.#current) keepOutOfTabOrder(this.#current);
    this.#current = item;
    item?.querySelectorAll(WITHIN).forEach((element) => element.removeAttribute("tabindex"));
  }
}

/** What can be pressed in an item is no tab stop of the page. */
export function keepOutOfTabOrder(item) {
  if (item.contains(document.activeElement)) return;
  item.querySelectorAll(WITHIN).forEach((element) => element.setAttribute("tabindex", "-1"));
}

/** The item itself, those below it, then those above it. */
function nearest(item) {
  const found = [item];
  for (let next = item.nextElementSibling; next; next = next.nextElementSibling) found.push(next);
  for (let next = item.previousElementSibling; next; next = next.previousElementSibling) found.push(next);
  return found.filter((element) => element.matches(".comment"));
}

function isLost() {
  return document.activeElement === null || document.activeElement === document.body;
}
