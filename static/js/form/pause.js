/* For how long the server takes no comment from here, as its last answer said. Writing goes on meanwhile. */

const TICK_MS = 250;

export class Pause {
  #endsAt = 0;
  #listeners = [];

  get secondsLeft() {
    return Math.max(0, Math.ceil((this.#endsAt - performance.now()) / 1000));
  }

  /** `draw(secondsLeft)` is called while it runs and once at its end. */
  onTick(draw) {
    this.#listeners.push(draw);
  }

  begin(milliseconds) {
    const isRunning = this.secondsLeft > 0;
    this.#endsAt = Math.max(this.#endsAt, performance.now() + milliseconds);
    if (!isRunning) this.#tick();
  }

  #tick() {
    this.#listeners.forEach((draw) => draw(this.secondsLeft));
    if (this.secondsLeft > 0) setTimeout(() => this.#tick(), TICK_MS);
  }
}
