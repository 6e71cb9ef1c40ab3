/* The comments that a page holds: one window over the stream, in order, without a gap inside. Pure: no DOM, no network.
   Of those in the window it has what the view shows, on whichever way they come.

   The window ends at the newest comment, unless the reader has scrolled back so far that it was let go at that end;
   then `atNewest` is false, and what arrives is counted only. */

import { t } from "./language.js";

export const CAPACITY = 1000;
/** Of a stream in which so much comes that nobody looks back: what a device has to draw anew with each that comes. */
export const BUSY_CAPACITY = 150;

export class Stream {
  /** Where the server's changes go on; null until a first load, and when loading afresh is the only way on. */
  cursor = null;
  hasOlder = false;
  atNewest = true;
  /** Of windows: what was asked for in another one does not join on. */
  generation = 0;
  #shows = () => true;
  #comments = []; // in order of their timestamps
  #start = null; // where the window begins and ends, in timestamps: not all that stand there are shown
  #end = null;
  #byId = new Map();
  #touched = new Set();
  #newestSeen = 0;
  #recent = new Map(); // the last changes: id → the comment, or null for one that was removed

  get comments() {
    return this.#comments;
  }

  get oldest() {
    return this.#comments[0];
  }

  /** Ask for what is older than this, and for what is newer; null if nothing has been loaded. */
  get start() {
    return this.#start;
  }

  get end() {
    return this.#end;
  }

  get newest() {
    return this.#comments.at(-1);
  }

  has(id) {
    return this.#byId.has(id);
  }

  find(id) {
    return this.#byId.get(id);
  }

  /** The one that stands right before this time, and the one right after it. */
  before(timestamp) {
    return this.#comments[this.#place(timestamp) - 1];
  }

  after(timestamp) {
    return this.#comments[this.#place(timestamp + 1)];
  }

  /** The ids of all that have come, gone or changed since this was last asked. */
  takeTouched() {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  /** Whether it would show this one. */
  lets(comment) {
    return this.#shows(comment);
  }

  /** From now on it has only comments for which `shows(comment)` is true. Returns the ids of those that went; those that it
      lacks have to be loaded. */
  view(shows) {
    this.#shows = shows;
    const gone = this.#comments.filter((comment) => !shows(comment)).map(({ id }) => id);
    gone.forEach((id) => this.#remove(id));
    return gone;
  }

  /** Begin anew with the newest comments, or with older ones (`isOlder`). */
  load(page) {
    this.#newestSeen = 0;
    this.#recent.clear();
    this.cursor = page.cursor;
    this.#open(page);
  }

  /** Go on in another window, which the server has given for one of its comments. */
  moveTo(page) {
    if (this.cursor === null) return this.load(page);
    this.#open(page);
    this.#replay();
  }

  /** Take in one answer of the change feed; returns the comments in it that are newer than all before. */
  apply({ changes, cursor }) {
    const fresh = changes.filter((change) => this.#take(change));
    // Whatever was in it: a change that cannot be read must not be asked for again and again.
    this.cursor = cursor;
    return fresh;
  }

  /** Put the older comments in front that the server has given for `before`. */
  prepend({ comments, hasMore }) {
    this.#widen(comments);
    this.hasOlder = hasMore;
    this.#replay();
  }

  /** Put newer comments behind a window that had let them go; `isComplete`: the server had no more of them. */
  append({ comments, isComplete }) {
    this.#widen(comments);
    this.atNewest = isComplete;
    this.#replay();
  }

  /** Let go what is too much, at the end that the reader does not look at. */
  trim(keep = "newest", capacity = CAPACITY) {
    const surplus = this.#comments.length - capacity;
    if (surplus <= 0) return;
    if (keep === "newest") {
      this.#drop(this.#comments.splice(0, surplus));
      this.#start = this.oldest.timestamp;
      this.hasOlder = true;
    } else {
      this.#drop(this.#comments.splice(capacity));
      this.#end = this.newest.timestamp;
      this.atNewest = false;
    }
  }

  /** True if the change is a comment newer than all that this page has heard of. */
  #take(change) {
    const comment = change?.removed ? null : readable(change);
    if (!comment && !change?.removed) return false;
    const isNewer = comment !== null && comment.timestamp > this.#newestSeen;
    if (isNewer) this.#newestSeen = comment.timestamp;
    this.#remember(change.id, comment);
    this.#change(change.id, comment);
    return isNewer && this.#shows(comment);
  }

  #change(id, comment) {
    if (comment && this.#covers(comment)) this.#insert(comment);
    else this.#remove(id);
  }

  #open({ comments, hasMore, isOlder = false }) {
    this.generation += 1;
    this.#drop(this.#comments);
    this.#comments = [];
    this.atNewest = !isOlder;
    this.hasOlder = hasMore;
    [this.#start, this.#end] = [null, null];
    this.#widen(comments);
  }

  #covers({ timestamp }) {
    const isTooOld = this.hasOlder && timestamp < this.#start;
    const isTooNew = !this.atNewest && timestamp > this.#end;
    return !isTooOld && !isTooNew;
  }

  #remember(id, comment) {
    this.#recent.delete(id);
    this.#recent.set(id, comment);
    if (this.#recent.size > CAPACITY) this.#recent.delete(this.#recent.keys().next().value);
  }

  /** A page of the list may have been read before changes that overtook it on the way here. */
  #replay() {
    this.#recent.forEach((comment, id) => this.#change(id, comment));
  }

  #widen(given) {
    const comments = given.map(readable).filter((comment) => comment !== null);
    if (comments.length === 0) return;
    this.#start = Math.min(this.#start ?? Infinity, comments[0].timestamp);
    this.#end = Math.max(this.#end ?? 0, comments.at(-1).timestamp);
    comments.forEach((comment) => this.#insert(comment));
  }

  #insert(comment) {
    this.#remove(comment.id);
    this.#newestSeen = Math.max(this.#newestSeen, comment.timestamp);
    if (!this.#shows(comment)) return;
    this.#comments.splice(this.#place(comment.timestamp + 1), 0, comment);
    this.#byId.set(comment.id, comment);
    this.#touched.add(comment.id);
  }

  #remove(id) {
    const comment = this.#byId.get(id);
    if (comment === undefined) return;
    this.#comments.splice(this.#comments.indexOf(comment, this.#place(comment.timestamp)), 1);
    this.#drop([comment]);
  }

  #drop(comments) {
    for (const { id } of comments) {
      this.#byId.delete(id);
      this.#touched.add(id);
    }
  }

  /** How many stand before this time. */
  #place(timestamp) {
    let [low, high] = [0, this.#comments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#comments[middle].timestamp < timestamp) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The comment if it can be shown, a placeholder if it has at least a place in the order, null otherwise. */
export function readable(comment) {
  if (!isId(comment?.id) || !isTimestamp(comment.timestamp)) return null;
  if (isText(comment.text) && isText(comment.username) && isColor(comment.color)) return comment;
  return { ...PLACEHOLDER, text: t("This comment cannot be shown."), id: comment.id, timestamp: comment.timestamp };
}

const PLACEHOLDER = {
  username: "?",
  color: "128128128",
  isUnreadable: true,
};

const isId = (value) => typeof value === "string" && value !== "";
const isText = (value) => typeof value === "string";
const isColor = (value) => /^[0-9]{9}$/.test(value);
const isTimestamp = (value) => Number.isInteger(value) && value > 0 && value < 8.64e15;
