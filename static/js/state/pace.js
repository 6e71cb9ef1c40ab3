/* How fast new comments may be read out. Pure: whoever asks says what time it is, in milliseconds. One that comes alone is
   read by the log itself; when more come than can be listened to, they are summed up in a sentence now and then. */

import { t } from "./language.js";

export const PACE_MS = 6000;

export class Pace {
  isPaused = false;
  #lastAt = -Infinity;
  #count = 0;
  #newest = null;

  /** Comments have come; whether the log is to read them out itself. */
  came(comments, now) {
    if (!this.isPaused && this.#count === 0 && comments.length === 1 && now - this.#lastAt >= PACE_MS) {
      this.#lastAt = now;
      return true;
    }
    this.#count += comments.length;
    this.#newest = comments.at(-1) ?? this.#newest;
    return false;
  }

  /** In how many milliseconds there is a sentence to say; Infinity: nothing waits. */
  dueIn(now) {
    if (this.isPaused || this.#count === 0) return Infinity;
    return Math.max(0, this.#lastAt + PACE_MS - now);
  }

  /** What has come since the last time. */
  sentence(now) {
    const [count, { username, text }] = [this.#count, this.#newest];
    this.#count = 0;
    this.#lastAt = now;
    return count === 1 ? `${username}: ${text}` : t("{number} new comments, the last from {name}", { number: count, name: username });
  }
}
