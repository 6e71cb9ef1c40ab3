/* A small sound for what others say: made here, of a few tones. None unless it was chosen, for all or at a chip, at most one a
   second, and only after the visitor has touched the page, as browsers want it. */

import { t } from "../state/language.js";

const APART_MS = 1000;
const LATE_MS = 30_000; // what is older is caught up with, and no news
const NONE = "none";
const SILENCE = 0.0001; // a tone cannot fade to nothing

// Tones: [form, from Hz, to Hz, after s, for s, how loud]
const SOUNDS = {
  drop: [["sine", 520, 1040, 0, 0.09, 0.5]],
  wood: [
    ["triangle", 330, 180, 0, 0.06, 0.7],
    ["sine", 990, 700, 0, 0.03, 0.2],
  ],
  bell: [
    ["sine", 1320, 1320, 0, 0.5, 0.3],
    ["sine", 2640, 2640, 0, 0.25, 0.1],
  ],
  pluck: [
    ["triangle", 587, 587, 0, 0.16, 0.5],
    ["triangle", 880, 880, 0.07, 0.2, 0.4],
  ],
  breath: [["sine", 300, 360, 0, 0.3, 0.5]],
};

export class Sounds {
  isMuted = false;
  #button;
  #now;
  #chips;
  #name = NONE;
  #volume = 0;
  #context = null;
  #playedAt = -Infinity;

  /** `button` mutes and shows how it stands. `now()` as the server has it. `chips` as in chimes.js: whose sound goes before
      that for all. */
  constructor({ button, now, chips }) {
    this.#button = button;
    this.#chips = chips;
    this.#now = now;
    button.addEventListener("click", () => this.#toggle());
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => this.#unlock(), { passive: true });
  }

  /** The chosen sound, and how loud, from 0 to 100. Whoever changes it hears it. */
  choose(name, volume) {
    const isChanged = document.hasFocus() && (name !== this.#name || volume !== this.#volume);
    [this.#name, this.#volume] = [name, volume];
    this.look(isChanged ? name : NONE);
  }

  /** The chips may be others, or have other sounds; `sample`: one to be heard. */
  async look(sample = NONE) {
    this.#draw();
    await this.#unlock();
    this.#play(sample);
  }

  /** Others have said these. */
  came(comments) {
    if (this.isMuted || performance.now() - this.#playedAt < APART_MS) return;
    const news = comments.filter(({ timestamp }) => this.#now() - timestamp < LATE_MS);
    const ofChips = news.map((comment) => this.#chips?.soundFor(comment)).find((name) => name !== undefined);
    if (news.length > 0) this.#play(ofChips ?? this.#name);
  }

  #toggle() {
    if (this.#isWaiting) this.isMuted = false;
    else this.isMuted = !this.isMuted;
    this.#draw();
  }

  get #isOn() {
    return this.#name in SOUNDS || this.#chips?.isAnyOn === true;
  }

  get #isWaiting() {
    return this.#context?.state !== "running";
  }

  /** Only in answer to a gesture do browsers let a page sound. */
  async #unlock() {
    if (!this.#isOn || !this.#isWaiting || !navigator.userActivation?.hasBeenActive) return;
    this.#context ??= new AudioContext();
    await this.#context.resume();
    this.#draw();
  }

  #play(name) {
    if (!Object.hasOwn(SOUNDS, name) || this.#isWaiting) return;
    this.#playedAt = performance.now();
    for (const tone of SOUNDS[name]) this.#sound(...tone);
  }

  #sound(form, from, to, after, length, loudness) {
    const [start, end] = [this.#context.currentTime + after, this.#context.currentTime + after + length];
    const [tone, gain] = [this.#context.createOscillator(), this.#context.createGain()];
    tone.type = form;
    tone.frequency.setValueAtTime(from, start);
    tone.frequency.exponentialRampToValueAtTime(to, end);
    gain.gain.setValueAtTime(Math.max(SILENCE, (loudness * this.#volume) / 100), start);
    gain.gain.exponentialRampToValueAtTime(SILENCE, end);
    tone.connect(gain).connect(this.#context.destination);
    tone.start(start);
    tone.stop(end);
  }

  #draw() {
    this.#button.hidden = !this.#isOn;
    const state = this.#isWaiting ? "waiting" : this.isMuted ? "muted" : "on";
    this.#button.dataset.state = state;
    this.#button.title = LABELS[state]();
    this.#button.setAttribute("aria-label", this.#button.title);
  }
}

const LABELS = {
  waiting: () => t("Sounds wait for your first click on the page"),
  muted: () => t("Sounds are muted: turn them on"),
  on: () => t("Sounds are on: mute them"),
};
