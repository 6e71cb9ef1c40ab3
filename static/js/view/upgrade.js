/* A newer version of this page is taken when nobody is at work with this one, so that nothing is lost and nothing jumps;
   until then this one goes on. */

const KEY = "build";
const IDLE_MS = 5 * 60_000; // who listens to the page, or reads, touches nothing
const LOOK_MS = 5000;
const WORK = ["pointerdown", "keydown", "wheel", "touchmove"];

export class Upgrade {
  #build;
  #box;
  #isBusy;
  #reload;
  #next = null;
  #workedAt = performance.now();

  /** `build`: this page's own version; `box` keeps something for the tab (storage.js). `isBusy()`: whether something
      would be lost. */
  constructor({ build, box, isBusy, reload = () => location.reload() }) {
    this.#build = build;
    this.#box = box;
    this.#isBusy = isBusy;
    this.#reload = reload;
    for (const name of WORK) addEventListener(name, () => (this.#workedAt = performance.now()), { passive: true });
    document.addEventListener("visibilitychange", () => this.#look());
  }

  /** The server serves this version; undefined if it said nothing of it. */
  heard(build) {
    const isKnown = build === undefined || build === this.#build || this.#build === "" || build === this.#next;
    if (isKnown || this.#box.read(KEY) === build) return; // it was loaded already, and is another all the same
    const isFirst = this.#next === null;
    this.#next = build;
    if (isFirst) setInterval(() => this.#look(), LOOK_MS);
    this.#look();
  }

  #look() {
    const isIdle = document.hidden || performance.now() - this.#workedAt > IDLE_MS;
    if (this.#next === null || !isIdle || this.#isBusy()) return;
    this.#box.write(KEY, this.#next);
    this.#reload();
  }
}
