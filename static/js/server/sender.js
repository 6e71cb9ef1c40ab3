/* Sends what waits in the outbox: one after the other, in order, by one tab at a time, until the server has it. */

import { t } from "../state/language.js";
import { AGAIN, HELD, REFUSED, SENT, TAKEN, verdictOn } from "../state/outbox.js";
import { exclusively } from "./locks.js";
import { backOff } from "./loop.js";

const LOCK = "say-what-want outbox";
const SLOW_MS = 3000; // without an answer
const HELD_MS = 60_000; // between two questions what became of those that are held
const LONGEST_RETRY_AFTER_MS = 60 * 60_000;

export class Sender {
  /** Why the first that waits has not been sent: `{ code, sentence }`, or null. */
  trouble = null;
  #world;
  #api;
  #outbox;
  #parts;
  #timer = null;
  #isRunning = false;
  #isAskedAgain = false;
  #isPaused = false;
  #failures = 0;
  #added = new Set(); // ids of what was written in this tab
  #slow;
  #isWatching = false; // over those that are held

  /** `isResponsible()`: whether this tab sends what other tabs have left. `onChange()` when an entry or the trouble has
      changed; `onStored(id)` when the server has taken one; `onRefused(entry)`; `onPause(milliseconds)` when the server
      takes none for a while; `onHeard(error)`: what an answer says about the server, null when all is well. */
  constructor({ world, api, outbox, ...parts }) {
    this.#world = world;
    this.#api = api;
    this.#outbox = outbox;
    this.#parts = parts;
  }

  /** Keep this, and send it when all before it has been sent. */
  send(comment) {
    this.#added.add(this.#outbox.add(comment).id);
    this.#parts.onChange();
    this.flush();
  }

  /** Try what waits, now. Called as often as there may be something to send, or a way to send it. */
  flush() {
    if (this.#isRunning) this.#isAskedAgain = true;
    else if (!this.#isPaused && this.#hasWork) this.#run();
  }

  /** What became of those that are held, again and again. The stream tells of those that were released while somebody
      listened, and of no others. To post one again is harmless, and the answer says it. */
  async askAboutHeld() {
    if (!this.#world.isHidden) for (const entry of this.#held) await this.#askAbout(entry);
    this.watchHeld();
  }

  /** Ask about them in a while, if there are any. */
  watchHeld() {
    if (this.#isWatching || this.#held.length === 0) return;
    this.#isWatching = true;
    this.#world.later(() => {
      this.#isWatching = false;
      this.askAboutHeld();
    }, HELD_MS);
  }

  /** Each tab sends what was written in it, and all that stands before that; the one that leads, what others left. */
  get #hasWork() {
    const { waiting } = this.#outbox;
    return waiting.length > 0 && (this.#parts.isResponsible() || waiting.some(({ id }) => this.#added.has(id)));
  }

  get #held() {
    return this.#outbox.entries.filter(({ state }) => state === HELD);
  }

  async #run() {
    this.#isRunning = true;
    this.#world.cancel(this.#timer);
    this.#expectAnswer();
    let wait = 0;
    await exclusively(this.#world, LOCK, async (isMine) => (wait = await this.#sendAll(isMine)));
    this.#isRunning = false;
    this.#world.cancel(this.#slow);
    if (wait > 0) this.#runIn(wait);
    else if (this.#isAskedAgain) this.flush();
    this.#isAskedAgain = false;
  }

  #runIn(wait) {
    this.#timer = this.#world.later(() => {
      this.#isPaused = false;
      this.flush();
    }, wait);
  }

  /** How long to wait until there is more to do; 0 if all is done. */
  async #sendAll(isMine) {
    for (let [entry] = this.#outbox.waiting; entry && isMine(); [entry] = this.#outbox.waiting) {
      const error = await this.#send(entry);
      if (error) return this.#waitAfter(error);
      this.#failures = 0;
      this.#tell(null);
    }
    return 0;
  }

  /** The error that keeps this one, and all behind it, waiting; or null. */
  async #send(entry) {
    if (!this.#outbox.set(entry.id, { isTried: true })) return null; // discarded, this moment
    this.#expectAnswer();
    try {
      const { isHeld } = await this.#api.post(entry);
      this.#parts.onHeard(null);
      this.#onTaken(entry, isHeld);
      return null;
    } catch (error) {
      return this.#onError(entry, error);
    }
  }

  /** Who waits for long learns of it. */
  #expectAnswer() {
    this.#world.cancel(this.#slow);
    if (this.trouble === null) this.#slow = this.#world.later(() => this.#tell(slow()), SLOW_MS);
  }

  #onTaken({ id }, isHeld) {
    this.#outbox.set(id, { state: isHeld ? HELD : SENT });
    this.#parts.onStored(id);
    if (isHeld) this.watchHeld();
  }

  async #onError(entry, error) {
    const verdict = verdictOn(error);
    if (verdict === AGAIN) return error;
    this.#parts.onHeard(null);
    if (verdict === TAKEN) return this.#onIdTaken(entry);
    this.#refuse(entry, error.sentence);
    return null;
  }

  /** By our own words, if an earlier answer was lost and the network is another one since; else by chance. */
  async #onIdTaken(entry) {
    try {
      const { text, username } = await this.#api.one(entry.id);
      if (text === entry.text && username === entry.username) this.#onTaken(entry, false);
      else this.#outbox.renew(entry.id);
    } catch (error) {
      if (error.status !== 404) return error;
      if (entry.isTried) this.#refuse(entry, t("It may have arrived already: a moderator may be looking at it."));
      else this.#outbox.renew(entry.id);
    }
    return null;
  }

  #refuse({ id }, reason) {
    const refused = this.#outbox.set(id, { state: REFUSED, reason });
    if (refused) this.#parts.onRefused(refused);
  }

  #waitAfter(error) {
    this.#failures += 1;
    this.#tell(error);
    this.#parts.onHeard(error);
    if (error.status !== 429) return backOff(this.#failures, this.#world.random, error.retryAfterMs);
    const pause = Math.min(LONGEST_RETRY_AFTER_MS, error.retryAfterMs || backOff(this.#failures, this.#world.random));
    this.#isPaused = true;
    this.#parts.onPause(pause);
    return pause;
  }

  async #askAbout(entry) {
    try {
      if (!(await this.#isStillHeld(entry))) this.#outbox.drop(entry.id);
    } catch (error) {
      if (error.code === "removed") this.#outbox.set(entry.id, { state: REFUSED, reason: error.sentence });
    }
    this.#parts.onChange();
  }

  async #isStillHeld(entry) {
    try {
      return (await this.#api.post(entry)).isHeld;
    } catch (error) {
      if (verdictOn(error) !== TAKEN) throw error;
      await this.#api.one(entry.id); // the network is another one since; but what anybody sees is held no more
      return false;
    }
  }

  #tell(trouble) {
    this.trouble = trouble;
    this.#parts.onChange();
  }
}

const slow = () => ({ code: "slow", sentence: t("The server has not answered yet.") });
