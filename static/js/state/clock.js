/* What time the server has. Pure: its own clock only goes forward (`now`, as performance.now() gives it), so that nobody
   who sets the clock of this computer changes how old a comment is. */

export class ServerClock {
  #ahead;

  /** The server had `serverNow` when our clock had `now`. */
  constructor(serverNow, now) {
    this.#ahead = serverNow - now;
  }

  at(now) {
    return now + this.#ahead;
  }

  set(serverNow, now) {
    if (Number.isFinite(serverNow)) this.#ahead = serverNow - now;
  }

  /** A comment has been seen that was posted at this time. */
  isAtLeast(timestamp, now) {
    this.#ahead = Math.max(this.#ahead, timestamp - now);
  }
}
