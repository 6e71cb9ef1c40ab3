/* The day of what is in view, above it: whoever scrolls back sees where in time that is. Not while one follows the present. */

import { firstBelow } from "./anchor.js";

const GAP_PX = 10; // between a day and the first comment of it, as in days.css

export class DayLine {
  #element;
  #scroller;
  #view;
  #isPlanned = false;

  constructor({ element, scroller, view }) {
    this.#element = element;
    this.#scroller = scroller;
    this.#view = view;
    scroller.addEventListener("scroll", () => this.#drawSoon(), { passive: true });
    this.draw();
  }

  draw() {
    const day = this.#view.isFollowing ? "" : this.#dayAt(this.#scroller.getBoundingClientRect().top);
    this.#element.hidden = day === "";
    if (this.#element.textContent !== day) this.#element.textContent = day;
  }

  #drawSoon() {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    requestAnimationFrame(() => {
      this.#isPlanned = false;
      this.draw();
    });
  }

  /** What stands at the last comment above that begins a day; nothing while that itself is in view at this line. */
  #dayAt(line) {
    const items = this.#view.items;
    const first = firstBelow(items, line);
    if (items[first]?.dataset.day && items[first].getBoundingClientRect().top > line + GAP_PX) return "";
    return items.slice(0, first + 1).findLast(({ dataset }) => dataset.day)?.dataset.day ?? "";
  }
}
