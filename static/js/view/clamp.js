/* Texts of more than twelve lines are cut there (words.css) and have a button that shows all of them. */

import { t } from "../state/language.js";
import { inNextFrame } from "./frame.js";
import { keepOutOfTabOrder } from "./roving.js";

const LINES = 12; // as in words.css
const FEWEST_PER_LINE = 10; // characters: the widest ones on the narrowest screen

const unmeasured = new Set();

/** To be said of each item that gets a text. */
export function hasText(item, text) {
  const lines = text.split("\n").reduce((sum, { length }) => sum + 1 + length / FEWEST_PER_LINE, 0);
  if (lines > LINES || item.classList.contains("comment--clamped")) unmeasured.add(item);
}

export class Clamp {
  #scroller;
  #keepPlace;
  #width = 0;

  /** `keepPlace(change)` as in view.js. */
  constructor({ scroller, keepPlace }) {
    this.#scroller = scroller;
    this.#keepPlace = keepPlace;
    for (const item of scroller.querySelectorAll(".comment")) hasText(item, textOf(item).textContent);
    scroller.addEventListener("click", ({ target }) => target.matches(".comment__more") && this.#toggle(target));
    new ResizeObserver(() => this.#onResize()).observe(scroller);
  }

  /** Cut those that have come since, at once. Sizes are read first, all together. */
  look() {
    if (unmeasured.size === 0) return;
    const items = [...unmeasured].filter((item) => item.isConnected);
    unmeasured.clear();
    const areLong = items.map((item) => isOpen(item) || textOf(item).scrollHeight > textOf(item).clientHeight + 1);
    items.forEach((item, at) => mark(item, areLong[at]));
  }

  /** After the observers of the reader's place. */
  #onResize() {
    if (this.#scroller.clientWidth === this.#width) return;
    this.#width = this.#scroller.clientWidth;
    for (const item of this.#scroller.querySelectorAll(".comment")) hasText(item, textOf(item).textContent);
    inNextFrame(() => this.#keepPlace(() => this.look()));
  }

  /** The text begins where it was; its button keeps the focus. */
  #toggle(button) {
    const item = button.closest(".comment");
    const top = item.getBoundingClientRect().top;
    label(button, item.classList.toggle("comment--open"));
    this.#scroller.scrollTop += item.getBoundingClientRect().top - top;
  }
}

function mark(item, isLong) {
  item.classList.toggle("comment--clamped", isLong);
  const button = item.querySelector(".comment__more");
  if (!isLong) button?.remove();
  else if (!button) {
    textOf(item).after(newButton());
    keepOutOfTabOrder(item);
  }
}

function newButton() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "comment__more button";
  label(button, false);
  return button;
}

function label(button, isOpen) {
  button.textContent = isOpen ? t("Show less") : t("Show all");
  button.setAttribute("aria-expanded", String(isOpen));
}

function isOpen(item) {
  return item.classList.contains("comment--open");
}

function textOf(item) {
  return item.querySelector(".comment__text");
}
