/* How it stands with the server, by what was last heard of it. Pure: whoever asks says what time it is, by a clock that
   only goes forward. */

export const LIVE = "live";
export const SLOW = "slow"; // nothing has failed, but nothing has been heard for a while either
export const RECONNECTING = "reconnecting";
export const OFFLINE = "offline";

/** A state is never older than this: the server gives a sign of life more often, or is asked for one. */
export const CERTAIN_MS = 10_000;
/** When it is time to ask for one: early enough for the answer. */
export const DOUBTFUL_MS = 8000;
const LOST_MS = 30_000;

export class Connection {
  #heardAt = null;
  #hasFailed = false;

  /** The server has spoken, so many milliseconds before `now`, here or to the tab that leads. */
  heard(now, ago = 0) {
    this.#heardAt = Math.max(this.#heardAt ?? -Infinity, now - Math.max(0, ago));
    this.#hasFailed = false;
  }

  /** The server gave no answer, or none that helps. */
  failed() {
    this.#hasFailed = true;
  }

  /** So much time has passed unnoticed. */
  slept(milliseconds) {
    if (this.#heardAt !== null) this.#heardAt -= milliseconds;
  }

  get hasFailed() {
    return this.#hasFailed;
  }

  /** Milliseconds since the server spoke. */
  silenceAt(now) {
    return this.#heardAt === null ? Infinity : now - this.#heardAt;
  }

  /** null before anything is known. */
  stateAt(now, isOnline) {
    if (!isOnline) return OFFLINE;
    if (this.#hasFailed) return RECONNECTING;
    if (this.#heardAt === null) return null;
    const silence = this.silenceAt(now);
    if (silence < CERTAIN_MS) return LIVE;
    return silence < LOST_MS ? SLOW : RECONNECTING;
  }

  /** In how many milliseconds time alone changes it. */
  changesIn(now) {
    const silence = this.silenceAt(now);
    const next = [CERTAIN_MS, LOST_MS].find((limit) => silence < limit);
    return next === undefined ? Infinity : next - silence;
  }
}
