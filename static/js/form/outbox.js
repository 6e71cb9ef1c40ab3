/* The outbox in the DOM: the visitor's own comments below the stream, until the stream itself has them; what is being
   done about them, and what can be done. */

import { counted, t } from "../state/language.js";
import { HELD, REFUSED, SENT, WAITING } from "../state/outbox.js";
import { newItem } from "../view/comment.js";

const STATES = [WAITING, SENT, HELD, REFUSED];

export class OutboxView {
  #outbox;
  #parts;
  #items = new Map(); // by their ids
  #sentence = "";

  /** `isShown(id)`: whether the stream shows it. `trouble()`: why the first that waits has not been sent, or null.
      `onEdit(entry)` takes a refused one back into the form; `onRetry()`; `onRemoved()`, when what had the focus is
      gone; `keepPlace(change)` as in view.js; `now()` as the server has it. */
  constructor({ outbox, ...parts }) {
    this.#outbox = outbox;
    this.#parts = parts;
    parts.strip.querySelector("button").addEventListener("click", () => this.#onRetry());
    parts.pause.onTick(() => this.#drawStrip());
  }

  /** Show what is in the outbox now, unless the stream shows it. */
  draw() {
    this.#parts.keepPlace(() => this.drawInPlace());
  }

  /** The same while the view is being drawn anyway. */
  drawInPlace() {
    const entries = this.#outbox.entries.filter(({ id }) => !this.#parts.isShown(id));
    this.#dropAllBut(new Set(entries.map(({ id }) => id)));
    const items = inPlace(entries).map((entry) => this.#drawn(entry));
    putInOrder(this.#parts.list, items);
    this.#drawStrip();
  }

  #dropAllBut(ids) {
    for (const [id, item] of this.#items) {
      if (ids.has(id)) continue;
      const hadFocus = item.contains(document.activeElement);
      const neighbour = item.nextElementSibling ?? item.previousElementSibling;
      item.remove();
      this.#items.delete(id);
      if (hadFocus) this.#giveFocus(neighbour);
    }
  }

  #giveFocus(neighbour) {
    const button = [...(neighbour?.querySelectorAll("button") ?? [])].find((one) => one.checkVisibility?.() ?? true);
    if (button) button.focus();
    else this.#parts.onRemoved();
  }

  #drawn(entry) {
    const item = this.#items.get(entry.id) ?? this.#newItem(entry);
    this.#items.set(entry.id, item);
    this.#drawFate(item, entry);
    return item;
  }

  #newItem(entry) {
    const item = newItem(this.#parts.commentTemplate, { ...entry, timestamp: this.#parts.now() }, this.#parts.now());
    item.classList.add("comment--own", "comment--arriving");
    item.append(this.#parts.fateTemplate.content.cloneNode(true));
    item.querySelector(".fate__edit").addEventListener("click", () => this.#parts.onEdit(entry.id));
    item.querySelector(".fate__discard").addEventListener("click", () => this.#discard(entry.id));
    return item;
  }

  #drawFate(item, { state, reason }) {
    const isStuck = state === WAITING && this.#parts.trouble() !== null;
    for (const other of STATES) item.classList.toggle(`comment--${other}`, other === state);
    item.classList.toggle("comment--stuck", isStuck);
    const part = (name) => item.querySelector(`.fate__${name}`);
    say(part("reason"), state === HELD ? t("Waiting for a moderator.") : reason);
    part("edit").hidden = state !== REFUSED;
    say(part("discard"), state === HELD ? t("Dismiss") : t("Discard"));
  }

  #discard(id) {
    this.#outbox.drop(id);
    this.draw();
  }

  // The strip

  #onRetry() {
    if (this.#parts.pause.secondsLeft === 0) this.#parts.onRetry();
  }

  #drawStrip() {
    const { strip, pause } = this.#parts;
    const count = this.#outbox.waiting.length;
    const trouble = this.#parts.trouble();
    const isShown = count > 0 && trouble !== null;
    if (!isShown && strip.contains(document.activeElement)) this.#parts.onRemoved();
    strip.hidden = !isShown;
    const retry = strip.querySelector("button");
    say(retry, pause.secondsLeft > 0 ? t("Retry in {number} s", { number: pause.secondsLeft }) : t("Retry"));
    retry.setAttribute("aria-disabled", String(pause.secondsLeft > 0));
    this.#say(isShown ? sentenceOf(trouble, count) : "");
  }

  /** Said once, however often it is tried in vain. */
  #say(sentence) {
    if (this.#sentence === sentence) return;
    this.#sentence = sentence;
    say(this.#parts.strip.querySelector("span"), sentence);
  }
}

/** What stays until somebody does something about it stands last, so that its buttons do not move under a thumb when what
    was sent after it goes up into the stream. */
function inPlace(entries) {
  const stays = ({ state }) => state === HELD || state === REFUSED;
  return [...entries.filter((entry) => !stays(entry)), ...entries.filter(stays)];
}

/** Only what stands elsewhere is moved, for the focus does not go along. */
function putInOrder(list, items) {
  const { activeElement } = document;
  let at = list.firstElementChild;
  for (const item of items) {
    if (item === at) at = at.nextElementSibling;
    else list.insertBefore(item, at);
  }
  if (list.contains(activeElement)) activeElement.focus({ preventScroll: true });
}

function sentenceOf({ sentence }, count) {
  return `${sentence} ${counted(count, "1 waiting, it goes by itself.", "{number} waiting, they go by themselves.")}`;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
