/* The stream in the DOM. Changes are taken in once a frame, and only what changed is touched, and what stands below it.
   Whatever changes, the reader keeps the place. */

import { t } from "../state/language.js";
import { BUSY_CAPACITY, CAPACITY } from "../state/stream.js";
import { Anchor } from "./anchor.js";
import { Beat } from "./beat.js";
import { fill, idOf, mark, newItem } from "./comment.js";
import { Roving, keepOutOfTabOrder } from "./roving.js";

const AT_END_PX = 40;
const CONTEXT = 4; // the part of the view that shows what stands above

export class View {
  /** The id of the first comment that came while the reader was away. */
  firstFresh = null;
  #shownFresh = null;
  #stream;
  #scroller;
  #list;
  #template;
  #now;
  #onDraw;
  #anchor;
  #roving;
  #items = new Map(); // id → { item, comment }; no comment yet if the server rendered it
  #unsure; // ids of what the server rendered: the stream may not have it any more
  #beat = new Beat();
  #isPlanned = false;
  #isQuiet = true;
  #arriving = new Set(); // ids of what comes just now, which is seen to come
  #isOwn;

  /** `now()` as the server has it; `isOwn(id)`: the visitor's own. `onDraw()` is called in each frame that shows something new, in the reader's place;
      `onDrawn()` after it. `onEnd()` brings the reader to the newest comment. */
  constructor({ stream, scroller, list, template, now, isOwn, onDraw, onDrawn, onEnd }) {
    this.#stream = stream;
    this.#scroller = scroller;
    this.#list = list;
    this.#template = template;
    this.#now = now;
    this.#isOwn = isOwn;
    this.#onDraw = { onDraw, onDrawn };
    for (const item of list.querySelectorAll(":scope > .comment")) this.#items.set(idOf(item), { item, comment: null });
    this.#unsure = [...this.#items.keys()];
    const items = () => this.items;
    this.#anchor = new Anchor({ scroller, list, isFollowing: () => this.isFollowing, items });
    this.#roving = new Roving({ scroller, list, items, onEnd });
    keepOutOfTabOrder(list);
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

  /** With what stands above it in view, too. */
  goTo(id) {
    const item = this.itemOf(id);
    if (item) this.#scroller.scrollTop += topOf(item) - topOf(this.#scroller) - this.height / CONTEXT;
  }

  /** In the middle of the view. */
  center(id) {
    this.itemOf(id)?.scrollIntoView({ block: "center" });
  }

  /** The focus goes to a comment, which comes into view. */
  focus(id) {
    this.#roving.focus(this.itemOf(id));
    this.itemOf(id)?.scrollIntoView({ block: "nearest" });
  }

  isInView(id) {
    const item = this.itemOf(id);
    const top = item && topOf(item) - topOf(this.#scroller);
    return item !== undefined && top > -item.clientHeight && top < this.height;
  }

  /** The item of a comment, if it is shown. */
  itemOf(id) {
    return this.#items.get(id)?.item;
  }

  keepPlace(change) {
    return this.#anchor.keep(change);
  }

  keepOnScreen(change) {
    this.#anchor.keepOnScreen(change);
  }

  /** Show the stream as it is now, at the next frame; `quietly`: what changed is not news, so it is not read out.
      `arriving`: the comments that others have just sent. */
  drawSoon({ quietly = false, arriving = [] } = {}) {
    const isSeen = arriving.length > 0 && (this.#beat.came() || this.#arriving.size > 0);
    if (isSeen) arriving.forEach(({ id }) => this.#arriving.add(id));
    this.#isQuiet &&= quietly;
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#beat.next(() => this.#isPlanned && this.drawNow({ quietly: true }));
  }

  /** Change the stream and show it at once. */
  update(change, { quietly = false } = {}) {
    if (this.#isPlanned) this.drawNow({ quietly: true });
    change();
    this.drawNow({ quietly });
  }

  drawNow({ quietly = false } = {}) {
    this.#beat.draw(() => this.#draw(quietly));
  }

  #draw(quietly) {
    if (quietly && this.#isQuiet) this.#silence();
    this.#isPlanned = false;
    this.#isQuiet = true;
    const isFar = this.pixelsBelow > this.pixelsAbove;
    const capacity = this.#isCarriedAlong ? BUSY_CAPACITY : CAPACITY;
    this.keepPlace(() => {
      this.#stream.trim(isFar ? "oldest" : "newest", capacity);
      this.#roving.keepFocus(() => this.#show());
      this.#onDraw.onDraw();
    });
    this.#onDraw.onDrawn();
  }

  /** In order; only our own: extensions put nodes of theirs into the list. */
  get items() {
    return [...this.#list.children].filter((item) => this.#items.get(idOf(item))?.item === item);
  }

  /** The reader follows, and has nothing to go back to. */
  get #isCarriedAlong() {
    return this.#beat.isRush && this.isFollowing && !document.hidden && this.firstFresh === null;
  }

  #show() {
    const touched = this.#stream.takeTouched();
    this.#unsure.forEach((id) => touched.add(id));
    this.#unsure = [];
    const gone = [...touched].filter((id) => !this.#stream.has(id));
    const come = [...touched].map((id) => this.#stream.find(id)).filter((comment) => comment !== undefined);
    come.sort((one, other) => other.timestamp - one.timestamp);
    this.#markAround([...gone.map((id) => this.#remove(id)), ...come.map((comment) => this.#place(comment))]);
    this.#arriving.clear();
    this.#markFresh();
  }

  /** The time at which it stood. */
  #remove(id) {
    const item = this.itemOf(id);
    this.#items.delete(id);
    item?.remove();
    return Number(item?.dataset.timestamp);
  }

  /** Newest first, so the one below it has its place already. */
  #place(comment) {
    const known = this.#items.get(comment.id);
    const isThere = Number(known?.item.dataset.timestamp) === comment.timestamp;
    const item = known?.item ?? this.#newItem(comment);
    if (known && known.comment !== comment) fill(item, comment, this.#now());
    item.classList.toggle("comment--own", this.#isOwn(comment.id));
    keepOutOfTabOrder(item);
    this.#items.set(comment.id, { item, comment });
    const next = this.#stream.after(comment.timestamp);
    if (!isThere) this.#list.insertBefore(item, next ? this.itemOf(next.id) : null);
    return comment.timestamp;
  }

  #newItem(comment) {
    const item = newItem(this.#template, comment, this.#now());
    item.classList.toggle("comment--arriving", this.#arriving.has(comment.id));
    return item;
  }

  #markAround(timestamps) {
    const changed = new Set();
    for (const timestamp of timestamps) {
      const previous = this.#stream.before(timestamp);
      changed.add(this.#stream.after(previous?.timestamp ?? 0));
      changed.add(this.#stream.after(timestamp));
    }
    changed.delete(undefined);
    for (const comment of changed) {
      mark(this.itemOf(comment.id), comment, this.#stream.before(comment.timestamp), this.#now());
    }
  }

  #markFresh() {
    if (this.#shownFresh === this.firstFresh && this.itemOf(this.firstFresh) === undefined) return;
    this.#markAsFresh(this.#shownFresh, false);
    this.#markAsFresh(this.firstFresh, true);
    this.#shownFresh = this.firstFresh;
  }

  #markAsFresh(id, isFresh) {
    const item = this.itemOf(id);
    item?.classList.toggle("comment--first-fresh", isFresh);
    if (item && isFresh) item.dataset.fresh = t("New");
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
