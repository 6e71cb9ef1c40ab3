/* Keeps the page at the head of the stream, with one feed for all tabs of a browser.

   The tab that leads asks the server and tells the others; each takes in what follows on its own cursor, and asks for
   itself if it lacks something. A tab that is looked at takes the lead from one that is not, or that is silent: browsers
   slow down hidden tabs, and freeze them. */

import { GAP, NEXT, checked, placeOf } from "../state/envelope.js";
import * as api from "./api.js";
import { Feed, SILENCE_MS, isCursorRefused } from "./feed.js";
import { Loop } from "./loop.js";
import { Tabs } from "./tabs.js";

const ANSWER_MS = 3000; // for the leader to answer
const HANDOVER_MS = 500; // at most; not all tabs at the same moment

export class Subscription {
  #page;
  #report;
  #feed;
  #tabs;
  #loop;
  #isDoubted = true;
  #isLive = true;
  #leader = { head: 0, isLive: true, dueAt: 0, isAsked: false }; // what this tab knows of it while it is another

  /** `page`: `cursor`, null if the page has to be loaded; `load()`; `take(envelope)`; `forget()`, the cursor.
      `report(error)` hears how it goes: null when all is well. */
  constructor({ page, report }) {
    this.#page = page;
    this.#report = report;
    this.#loop = new Loop(
      () => this.#step(),
      (error) => this.#onStep(error),
    );
    this.#feed = new Feed({
      page: {
        get cursor() {
          return page.cursor;
        },
        take: (envelope) => this.#onServer(envelope),
        forget: () => page.forget(),
      },
      onTrouble: (wait) => this.#loop.askIn(wait),
    });
    this.#tabs = new Tabs({ onRole: () => this.#onRole(), onMessage: (message) => this.#onMessage(message) });
  }

  start() {
    addEventListener("online", () => this.#onNetwork());
    addEventListener("offline", () => this.#onNetwork());
    addEventListener("focus", () => this.#wake());
    document.addEventListener("visibilitychange", () => this.#onVisibility());
    this.#tabs.start();
    this.#loop.wake();
  }

  /** There is something that this page has not heard of, or has to load afresh. */
  askAfresh() {
    if (this.#page.cursor === null) this.#feed.rest();
    this.#isDoubted = true;
    this.#loop.askAfresh();
  }

  async #step() {
    const isDoubted = this.#isDoubted;
    this.#isDoubted = false;
    if (this.#page.cursor === null) return this.#load();
    return this.#tabs.isLeader ? this.#feed.step(isDoubted) : this.#follow(isDoubted);
  }

  async #load() {
    this.#feed.rest();
    await this.#page.load();
    this.#isDoubted = true;
    return 0;
  }

  #take(envelope) {
    const place = placeOf(envelope, this.#page.cursor);
    if (place === NEXT) this.#page.take(envelope);
    return place !== GAP;
  }

  /** That a step went well says nothing: not each of them has reached the server. */
  #onStep(error) {
    if (error) this.#report(error);
    if (this.#tabs.isLeader) this.#tell({}, this.#isLive && error === null);
  }

  #onRole() {
    // Who has taken over from this tab has time to answer: or else two tabs would take it from each other for ever.
    Object.assign(this.#leader, { dueAt: 0, isAsked: false });
    if (this.#tabs.isLeader) this.#tell({}, this.#isLive);
    else this.#feed.rest();
    this.askAfresh();
  }

  // Leading

  #onServer(envelope) {
    const hasFitted = this.#take(envelope);
    this.#tell({ envelope });
    this.#report(null);
    return hasFitted;
  }

  #tell(more = {}, isLive = true) {
    this.#isLive = isLive;
    this.#tabs.tell({ cursor: this.#page.cursor, isHidden: document.hidden, isLive, ...more });
  }

  #onAsked() {
    if (!this.#tabs.isLeader) return;
    this.#tell({}, this.#isLive);
    this.#wake();
  }

  // Following

  async #follow(isDoubted) {
    if (this.#isLacking) await this.#catchUp();
    const { dueAt, isAsked } = this.#leader;
    const isSilent = Date.now() >= dueAt;
    if (isSilent && isAsked && !document.hidden) this.#takeOver();
    else if (isSilent || isDoubted) this.#askLeader();
    return Math.max(0, Math.min(SILENCE_MS, this.#leader.dueAt - Date.now()));
  }

  get #isLacking() {
    return this.#page.cursor !== null && this.#leader.head > this.#page.cursor;
  }

  /** The leader is ahead, so that its next envelopes would leave a hole here. */
  async #catchUp() {
    try {
      const envelope = checked(await api.changes(this.#page.cursor));
      this.#take(envelope);
      if (envelope.hasMore) return this.#catchUp();
      this.#leader.head = 0;
    } catch (error) {
      if (isCursorRefused(error)) this.#page.forget();
      throw error;
    }
  }

  #askLeader() {
    this.#tabs.tell({ isQuestion: true });
    this.#expectAnswer();
  }

  #takeOver() {
    this.#tabs.takeOver();
    this.#expectAnswer();
  }

  /** Unless another tab does first. */
  #takeOverSoon() {
    const wait = HANDOVER_MS * Math.random();
    Object.assign(this.#leader, { isAsked: true, dueAt: Date.now() + wait });
    this.#loop.askIn(wait);
  }

  /** However often it is asked, it has the same time. */
  #expectAnswer() {
    const until = Date.now() + ANSWER_MS;
    const { isAsked, dueAt } = this.#leader;
    Object.assign(this.#leader, { isAsked: true, dueAt: isAsked && dueAt > Date.now() ? dueAt : until });
  }

  #onMessage(message) {
    if (message.isQuestion) this.#onAsked();
    else if (!this.#tabs.isLeader) this.#onLeader(message);
  }

  #onLeader({ envelope, cursor, isLive, isHidden }) {
    const head = Math.max(this.#leader.head, cursor ?? 0);
    this.#leader = { head, isLive, dueAt: Date.now() + SILENCE_MS, isAsked: false };
    if (envelope) this.#take(envelope);
    if (this.#isLacking) this.#loop.askAfresh();
    if (isHidden && !document.hidden) this.#takeOverSoon();
    this.#report(isLive ? null : new Error("The tab that leads does not reach the server."));
  }

  // What the browser says

  #wake() {
    this.#feed.doubt();
    this.askAfresh();
  }

  #onNetwork() {
    this.#feed.reopen();
    this.#wake();
  }

  #onVisibility() {
    if (!document.hidden) this.#wake();
    else if (this.#tabs.isLeader) this.#tell({}, this.#isLive); // so that one that is looked at can take over
  }
}
