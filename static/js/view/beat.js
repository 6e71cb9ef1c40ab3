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
  #busySince = -Infinity;
  #tookMs = 0;

  /** Whether what comes now comes so soon after the last that it is not seen by itself. */
  get isBusy() {
    return performance.now() - this.#drawnAt < ALONE_MS;
  }

  /** Whether so much comes, and has for a while, that nobody can look back. */
  get isRush() {
    return this.isBusy && performance.now() - this.#busySince > RUSH_MS;
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
    if (!this.isBusy) this.#busySince = began;
    this.#drawnAt = performance.now();
    this.#tookMs = this.#drawnAt - began;
  }
}
