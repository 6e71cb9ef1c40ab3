/* What is being written and what it answers, kept at each key. It outlives a reload in the tab's own storage, and the
   tab itself in the browser's: a new tab takes up what one that is no longer there has left, and leaves alone what is
   being written in another. Who is still there is known by the lock that each page holds while it lives. */

import { ofBrowser, ofTab } from "./storage.js";

const KEY = "draft"; // of this tab
const PREFIX = "draft ";
const MOST = 20; // that nobody has taken up

export class Drafts {
  #page;
  #draft; // { text, replyTo }; without an id it answers nothing
  #before; // the page that this one has taken the place of, in this tab
  #locks;

  /** `page` is this page's own id; `locks` as navigator.locks, or undefined. */
  constructor(page, locks) {
    this.#page = page;
    this.#locks = locks;
    const kept = ofTab.read(KEY);
    this.#draft = draftOf(kept);
    this.#before = kept?.page;
    locks?.request(lockOf(page), () => new Promise(() => {}))?.catch(() => {}); // until the page goes
  }

  /** What this tab is writing, also before it was loaded again: `{ text, replyTo }`. */
  get ofThisTab() {
    return this.#draft;
  }

  /** `part` is the text, or the id of what it answers, or both, under their names. */
  keep(part) {
    this.#draft = { ...this.#draft, ...part };
    ofTab.write(KEY, { ...this.#draft, page: this.#page });
    if (this.#draft.text.trim() === "") ofBrowser.remove(PREFIX + this.#page);
    else ofBrowser.write(PREFIX + this.#page, { ...this.#draft, at: Date.now() });
  }

  /** The newest that a tab has left that is no longer there, or null; it is this page's from now on. */
  async takeUp() {
    const left = (await this.#left()).sort((one, other) => other.at - one.at);
    left.slice(MOST).forEach(({ key }) => ofBrowser.remove(key));
    const own = this.#draft.text;
    left.filter(({ text }) => text === own).forEach(({ key }) => ofBrowser.remove(key));
    if (own !== "" || left.length === 0) return null;
    ofBrowser.remove(left[0].key);
    return left[0];
  }

  async #left() {
    const living = await this.#living();
    const [{ type } = {}] = performance.getEntriesByType("navigation");
    if (type === "reload") living.delete(lockOf(this.#before)); // it may not have let go yet
    return ofBrowser
      .keys(PREFIX)
      .filter((key) => !living.has(lockOf(key.slice(PREFIX.length))))
      .map((key) => [key, ofBrowser.read(key)])
      .map(([key, kept]) => ({ key, ...draftOf(kept), at: Number(kept?.at) || 0 }))
      .filter(({ text }) => text !== "");
  }

  async #living() {
    try {
      const { held } = await this.#locks.query();
      return new Set([lockOf(this.#page), ...held.map(({ name }) => name)]);
    } catch {
      return new Set([lockOf(this.#page)]);
    }
  }
}

function lockOf(page) {
  return `say-what-want page ${page}`;
}

function draftOf(value) {
  return {
    text: typeof value?.text === "string" ? value.text : "",
    replyTo: typeof value?.replyTo === "string" ? value.replyTo : undefined,
  };
}
