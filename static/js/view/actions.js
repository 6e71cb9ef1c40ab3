/* What can be done with a comment: one bar of buttons, which goes to the comment that is pointed at or has the focus. It is
   never in the way of selecting: while a button of the mouse is pressed it stays where it is. What was selected is offered as
   a word to filter by. */

import { neutral } from "../state/direction.js";
import { t } from "../state/language.js";
import { keepOutOfTabOrder } from "./roving.js";
import { onSelected } from "./selected.js";

const SAID_MS = 2000;

export class Actions {
  #list;
  #bar;
  #word;
  #onAct;
  #keepPlace;

  /** `bar` has a button with a `data-act` for each; `onAct(act, item, word)` does it, and may give what to say for it.
      `keepPlace(change)` as in view.js. */
  constructor({ list, bar, onAct, keepPlace }) {
    this.#list = list;
    this.#bar = bar;
    this.#word = bar.querySelector("[data-act=word]");
    this.#onAct = onAct;
    this.#keepPlace = keepPlace;
    onSelected(list, (item, word) => this.#offer(item, word));
    list.addEventListener("pointerover", (event) => this.#onPoint(event));
    list.addEventListener("pointerleave", () => this.#show(this.#focused));
    list.addEventListener("focusin", () => this.#show(this.#focused));
    list.addEventListener("focusout", ({ relatedTarget }) => list.contains(relatedTarget) || this.#show(null));
    list.addEventListener("keydown", (event) => this.#onKey(event));
    bar.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays where it is
    bar.addEventListener("click", ({ target }) => this.#onPress(target.closest("button")));
  }

  get #focused() {
    const { activeElement } = document;
    return this.#list.contains(activeElement) ? activeElement.closest(".comment") : null;
  }

  #onPoint({ target, pointerType, buttons }) {
    const isUsed = this.#bar.contains(document.activeElement);
    if (pointerType === "mouse" && buttons === 0 && !isUsed) this.#show(target.closest(".comment"));
  }

  /** What is only pointed at is no stop of the Tab key. */
  #show(item) {
    const isShown = item !== null && !item.classList.contains("comment--unreadable");
    if (isShown && this.#bar.parentElement === item && item !== this.#focused) return;
    this.#keepPlace(() => (isShown ? this.#bar.parentElement !== item && item.append(this.#bar) : this.#bar.remove()));
    if (!isShown) return;
    if (item === this.#focused) this.#bar.querySelectorAll("button").forEach((one) => one.removeAttribute("tabindex"));
    else keepOutOfTabOrder(this.#bar);
  }

  /** `item` is null, and `word` empty, when nothing is selected any more. */
  #offer(item, word) {
    this.#word.hidden = word === "";
    this.#word.value = word;
    this.#word.textContent = `“${neutral(word)}”`;
    this.#word.ariaLabel = this.#word.title = t("Add {name} to the filters", { name: this.#word.textContent });
    if (item !== null) this.#show(item);
  }

  #onKey(event) {
    if (event.key !== "Escape" || !this.#bar.isConnected) return;
    this.#focused?.focus({ preventScroll: true });
    this.#show(null);
  }

  async #onPress(button) {
    const item = this.#bar.closest(".comment");
    if (button === null || item === null) return;
    const said = await this.#onAct(button.dataset.act, item, button.value);
    if (typeof said !== "string") return;
    button.dataset.said = said;
    setTimeout(() => delete button.dataset.said, SAID_MS);
  }
}
