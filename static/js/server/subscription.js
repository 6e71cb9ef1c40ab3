/* Keeps the page at the head of the stream, with one feed for all tabs of a browser.

   The tab that leads asks the server and tells the others; each takes in what follows on its own cursor, and asks for
   itself if it lacks something. A tab that is looked at takes the lead from one that is not, or that is silent: browsers
   slow down hidden tabs, and freeze them. */

import { DOUBTFUL_MS } from "../state/connection.js";
import { GAP, NEXT, checked, placeOf } from "../state/envelope.js";
import { Feed, SILENCE_MS, isCursorRefused } from "./feed.js";
import { Loop } from "./loop.js";
import { Tabs } from "./tabs.js";

const ANSWER_MS = 3000; // for the leader to answer
const HANDOVER_MS = 500; // at most; not all tabs at the same moment
const SLEEP_MS = 200; // so much more on the clock of the wall than on ours, and nobody noticed

export class Subscription {
  #world;
  #api;
  #page;
  #connection;
  #onConnection;
  #onLead;
  #onSleep;
  #feed;
  #tabs;
  #loop;
  #isDoubted = true;
  #wallAhead;
  #leader = { head: 0, dueAt: 0, isAsked: false }; // what this tab knows of it while it is another

  /** `page`: `cursor`, null if the page has to be loaded; `load()`; `take(envelope)`; `forget()`, the cursor;
      `hear(envelope)`, also of one that brings no changes.
      `connection` learns what is heard of the server, and then `onConnection()` is called. `onLead()`: this tab leads
      from now on. `onSleep()`: our clock has stood still, or that of the wall was set. */
  constructor({ world, api, page, connection, onConnection, onLead, onSleep }) {
    this.#world = world;
    this.#api = api;
    this.#page = page;
    this.#connection = connection;
    this.#onConnection = onConnection;
    this.#onLead = onLead;
    this.#onSleep = onSleep;
    this.#wallAhead = world.wallNow() - world.now();
    this.#loop = new Loop(
      world,
      () => this.#step(),
      (error) => this.#onStep(error),
    );
    this.#feed = new Feed({
      world,
      api,
      page: {
        get cursor() {
          return page.cursor;
        },
        take: (envelope) => this.#onServer(envelope),
        forget: () => page.forget(),
      },
      onTrouble: (wait) => this.#loop.askIn(wait),
    });
    this.#tabs = new Tabs(world, { onRole: () => this.#onRole(), onMessage: (message) => this.#onMessage(message) });
  }

  get isLeader() {
    return this.#tabs.isLeader;
  }

  start() {
    this.#world.onEvent((name) => this.#onEvent(name));
    this.#tabs.start();
    this.#isDoubted = true; // what the page begins with may have been kept by the browser for hours
    this.#loop.wake();
  }

  /** There is something that this page has not heard of, or has to load afresh. */
  askAfresh() {
    if (this.#page.cursor === null) this.#feed.rest();
    this.#isDoubted = true;
    this.#loop.askAfresh();
  }

  async #step() {
    this.noticeSleep();
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
    this.#page.hear?.(envelope);
    const place = placeOf(envelope, this.#page.cursor);
    if (place === NEXT) this.#page.take(envelope);
    return place !== GAP;
  }

  /** That a step went well says nothing: not each of them has reached the server. */
  #onStep(error) {
    if (error) this.#connection.failed();
    this.#onConnection();
    if (this.#tabs.isLeader) this.#tell();
  }

  #onRole() {
    // Who has taken over from this tab has time to answer: or else two tabs would take it from each other for ever.
    Object.assign(this.#leader, { dueAt: 0, isAsked: false });
    if (this.#tabs.isLeader) this.#tell();
    else this.#feed.rest();
    this.askAfresh();
    if (this.#tabs.isLeader) this.#onLead();
  }

  // Leading

  #onServer(envelope) {
    const hasFitted = this.#take(envelope);
    this.#connection.heard(this.#world.now());
    this.#tell({ envelope });
    this.#onConnection();
    return hasFitted;
  }

  #tell(more = {}) {
    this.noticeSleep();
    this.#tabs.tell({
      cursor: this.#page.cursor,
      isHidden: this.#world.isHidden,
      hasFailed: this.#connection.hasFailed,
      silence: this.#connection.silenceAt(this.#world.now()),
      at: this.#world.wallNow(),
      ...more,
    });
  }

  #onAsked() {
    if (!this.#tabs.isLeader) return;
    this.#tell();
    this.#wake();
  }

  // Following

  async #follow(isDoubted) {
    if (this.#isLacking) await this.#catchUp();
    const { dueAt, isAsked } = this.#leader;
    const isSilent = this.#world.now() >= dueAt;
    if (isSilent && isAsked && !this.#world.isHidden) this.#takeOver();
    else if (isSilent || isDoubted) this.#askLeader();
    return Math.max(0, Math.min(SILENCE_MS, this.#leader.dueAt - this.#world.now()));
  }

  get #isLacking() {
    return this.#page.cursor !== null && this.#leader.head > this.#page.cursor;
  }

  /** The leader is ahead, so that its next envelopes would leave a hole here. */
  async #catchUp() {
    try {
      const envelope = checked(await this.#api.changes(this.#page.cursor));
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
    const wait = HANDOVER_MS * this.#world.random();
    Object.assign(this.#leader, { isAsked: true, dueAt: this.#world.now() + wait });
    this.#loop.askIn(wait);
  }

  /** However often it is asked, it has the same time. */
  #expectAnswer() {
    const now = this.#world.now();
    const { isAsked, dueAt } = this.#leader;
    Object.assign(this.#leader, { isAsked: true, dueAt: isAsked && dueAt > now ? dueAt : now + ANSWER_MS });
  }

  #onMessage(message) {
    this.noticeSleep();
    if (message.isQuestion) this.#onAsked();
    else if (!this.#tabs.isLeader) this.#onLeader(message);
  }

  #onLeader({ envelope, cursor, isHidden, hasFailed, silence, at }) {
    const head = Math.max(this.#leader.head, cursor ?? 0);
    const patience = this.#world.isHidden ? SILENCE_MS : DOUBTFUL_MS;
    this.#leader = { head, dueAt: this.#world.now() + patience, isAsked: false };
    if (envelope) this.#take(envelope);
    if (this.#isLacking) this.#loop.askAfresh();
    if (isHidden && !this.#world.isHidden) this.#takeOverSoon();
    if (hasFailed) this.#connection.failed();
    else if (Number.isFinite(silence)) this.#connection.heard(this.#world.now(), silence + this.#delayOf(at));
    this.#onConnection();
  }

  /** A tab that was frozen hears late what it was told. Both have the clock of the same wall. */
  #delayOf(at) {
    return Math.max(0, this.#world.wallNow() - at);
  }

  // What the browser says

  #wake() {
    this.#feed.doubt();
    this.askAfresh();
  }

  #onEvent(name) {
    this.noticeSleep();
    if (name === "focus") this.#wake();
    else if (name === "visibilitychange") this.#onVisibility();
    else this.#onNetwork();
    this.#onConnection();
  }

  #onNetwork() {
    this.#feed.reopen();
    this.#wake();
  }

  #onVisibility() {
    if (!this.#world.isHidden) this.#wake();
    else if (this.#tabs.isLeader) this.#tell(); // so that one that is looked at can take over
  }

  /** In some browsers our clock stands still while the computer sleeps; what was heard before is older than it says. */
  noticeSleep() {
    const wallAhead = this.#world.wallNow() - this.#world.now();
    const missed = wallAhead - this.#wallAhead;
    if (missed >= 0 && missed < SLEEP_MS) return; // naps add up
    this.#wallAhead = wallAhead;
    if (missed < 0) return;
    this.#connection.slept(missed);
    this.#isDoubted = true;
    this.#onSleep();
  }
}
