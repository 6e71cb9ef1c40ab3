/* A sound for a person or a word that a chip names: chosen at the chip, kept by this browser alone. It sounds for what others
   say, whether filters are on or not. */

import { written } from "../state/grammar.js";
import { CHOICES } from "../state/settings.js";
import { EVERYTHING, shows } from "../state/views.js";
import { ofBrowser, onOtherTabs } from "./storage.js";

const KEY = "sounds";
const MOST = 100;
const NONE = "none";
const WANTED = ["users", "words"];

export class Chimes {
  #kept = new Map(); // the address of a view of this person or word alone → the name of a sound
  #view = EVERYTHING;

  /** `onChange()`: another tab has chosen. */
  constructor(onChange) {
    this.#read();
    onOtherTabs((key) => {
      if (key !== KEY && key !== null) return;
      this.#read();
      onChange();
    });
  }

  /** From now on those of the chips of this view sound. */
  look(view) {
    this.#view = view;
  }

  of(list, item) {
    return this.#kept.get(keyOf(list, item)) ?? NONE;
  }

  choose(list, item, name) {
    this.#read();
    this.#kept.delete(keyOf(list, item));
    if (name !== NONE) this.#kept.set(keyOf(list, item), name);
    ofBrowser.write(KEY, [...this.#kept].slice(-MOST));
  }

  get isAnyOn() {
    return this.#chips().some(([list, item]) => this.of(list, item) !== NONE);
  }

  /** Of the first chip that has one and asks for this comment, or undefined. */
  soundFor(comment) {
    const isMeant = ([list, item]) => this.of(list, item) !== NONE && shows(alone(list, item), comment);
    const chip = this.#chips().find(isMeant);
    return chip && this.of(...chip);
  }

  #chips() {
    return WANTED.flatMap((list) => this.#view[list].map((item) => [list, item]));
  }

  /** What stands there may have been written by anybody. */
  #read() {
    const kept = ofBrowser.read(KEY);
    const isFit = (pair) => Array.isArray(pair) && typeof pair[0] === "string" && CHOICES.sound.includes(pair[1]);
    this.#kept = new Map(Array.isArray(kept) ? kept.filter(isFit).slice(-MOST) : []);
  }
}

function alone(list, item) {
  return { ...EVERYTHING, [list]: [item] };
}

function keyOf(list, item) {
  return written(alone(list, item));
}
