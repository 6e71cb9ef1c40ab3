/* When a busy stream is drawn. One that comes alone is drawn in the next frame; when more follow, they are drawn together, so
   seldom that at least three quarters of the time are left to whoever types or scrolls, however slow the device. */

import { inNextFrame } from "./frame.js";

const SHORTEST_MS = 100;
const LONGEST_MS = 300; // nobody waits longer for what has come
const ALONE_MS = 500; // what comes so long after the last comes alone
const RUSH_MS = 3000; // for so long nothing has come alone
const SHARE = 4; // of the time that one drawing took

export class Beat {
  #drawnAt = -Infinity;
  #cameAt = -Infinity;
  #busySince = -Infinity;
  #tookMs = 0;

  /** Others have sent something; whether it comes alone, and is seen by itself. */
  came() {
    const now = performance.now();
    const isAlone = now - this.#cameAt >= ALONE_MS;
    if (isAlone) this.#busySince = now;
    this.#cameAt = now;
    return isAlone;
  }

  /** Whether so much comes, and has for a while, that nobody can look back. */
  get isRush() {
    const now = performance.now();
    return now - this.#cameAt < ALONE_MS && now - this.#busySince > RUSH_MS;
  }

  /** Call `draw` when it is time. */
  next(draw) {
    const rest = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, SHARE * this.#tookMs));
    const wait = this.#drawnAt + rest - performance.now();
    if (wait <= 0) inNextFrame(draw);
    else setTimeout(draw, wait);
  }

  /** Draw now, and know how long it took. */
  draw(draw) {
    const began = performance.now();
    draw();
    this.#drawnAt = performance.now();
    this.#tookMs = this.#drawnAt - began;
  }
}
