/* The visitor's own comments on their way: shown at once below the stream, sent one after the other, and gone as soon
   as the stream itself has them. The stream's changes are the only way into the stream, so there is never a double. */

import { newItem } from "../view/comment.js";

const ID_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
const ID_RANDOM_LENGTH = 9;

/** An id that the same comment keeps in all attempts to send it: the server stores it once. */
export function newId() {
  const random = crypto.getRandomValues(new Uint32Array(ID_RANDOM_LENGTH));
  return `${Date.now()}-${[...random].map((number) => ID_ALPHABET[number % ID_ALPHABET.length]).join("")}`;
}

export class Outbox {
  #entries = []; // { comment, item, state: "sending" | "sent" | "held" | "failed", error }
  #own = new Set();
  #isSending = false;
  #parts;

  /** `post(comment)` as in api.js, `keepPlace(change)` as in view.js. `onChange()` when something arrived or failed or
      was given up, `onSent()` when the server has taken one. */
  constructor({ list, commentTemplate, fateTemplate, pause, post, keepPlace, onChange, onSent }) {
    this.#parts = { list, commentTemplate, fateTemplate, pause, post, keepPlace, onChange, onSent };
    pause.onTick(() => this.#entries.forEach((entry) => draw(entry, pause)));
    addEventListener("online", () => this.#retryUnreachable());
  }

  /** Comments of which nobody knows yet whether the server has them. */
  get unsent() {
    const isUnsent = ({ state }) => state === "sending" || state === "failed";
    return this.#entries.filter(isUnsent).map(({ comment }) => comment);
  }

  isOwn(id) {
    return this.#own.has(id);
  }

  add(comment) {
    const item = newItem(this.#parts.commentTemplate, { ...comment, timestamp: Date.now() });
    const entry = { comment, item };
    item.append(this.#parts.fateTemplate.content.cloneNode(true));
    item.querySelector(".fate__retry").addEventListener("click", () => this.#onRetry(entry));
    item.querySelector(".fate__discard").addEventListener("click", () => this.#discard(entry));
    this.#entries.push(entry);
    this.#parts.list.append(item);
    this.#retry(entry);
  }

  /** Let go of what the stream has, or has removed again. Called while the stream is being shown anew. */
  release(isKnown) {
    const arrived = this.#entries.filter(({ comment }) => isKnown(comment.id));
    arrived.forEach((entry) => this.#remove(entry));
    if (arrived.length > 0) this.#parts.onChange();
  }

  /** After a fresh load: what was sent is in it, or was removed since. */
  releaseSent() {
    this.#entries.filter(({ state }) => state === "sent").forEach((entry) => this.#remove(entry));
  }

  #onRetry(entry) {
    if (this.#parts.pause.secondsLeft === 0) this.#retry(entry);
  }

  #retry(entry) {
    if (entry.error?.status === 409) entry.comment = { ...entry.comment, id: newId() };
    this.#own.add(entry.comment.id);
    this.#set(entry, "sending");
    this.#sendAll();
  }

  async #sendAll() {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let entry = this.#next(); entry; entry = this.#next()) await this.#send(entry);
    this.#isSending = false;
  }

  #next() {
    return this.#entries.find(({ state }) => state === "sending");
  }

  async #send(entry) {
    try {
      const { isHeld } = await this.#parts.post(entry.comment);
      this.#set(entry, isHeld ? "held" : "sent");
      this.#parts.onSent();
    } catch (error) {
      this.#fail(entry, error);
    }
    this.#parts.onChange();
  }

  #fail(entry, error) {
    if (error.status === 429) this.#parts.pause.begin(error.retryAfterMs);
    // If it is not about this comment, those behind it wait too: they stay in order.
    const stuck = isAboutComment(error) ? [entry] : this.#entries.filter(({ state }) => state === "sending");
    stuck.forEach((one) => this.#set(one, "failed", error));
  }

  #retryUnreachable() {
    const unreachable = this.#entries.filter(({ state, error }) => state === "failed" && error.status === 0);
    unreachable.forEach((entry) => this.#retry(entry));
  }

  #discard(entry) {
    this.#parts.keepPlace(() => this.#remove(entry));
    this.#parts.onChange();
  }

  #remove(entry) {
    this.#entries = this.#entries.filter((other) => other !== entry);
    entry.item.remove();
  }

  #set(entry, state, error = null) {
    Object.assign(entry, { state, error });
    this.#parts.keepPlace(() => draw(entry, this.#parts.pause));
  }
}

function isAboutComment({ status }) {
  return [403, 409, 413, 422].includes(status);
}

function draw({ item, state, error }, pause) {
  const part = (name) => item.querySelector(`.fate__${name}`);
  for (const other of ["sending", "sent", "held", "failed"]) {
    item.classList.toggle(`comment--${other}`, other === state);
  }
  part("reason").textContent = state === "held" ? "Waiting for a moderator." : (error?.sentence ?? "");
  part("retry").hidden = state !== "failed";
  part("retry").textContent = pause.secondsLeft > 0 ? `Retry in ${pause.secondsLeft} s` : "Retry";
  part("retry").setAttribute("aria-disabled", String(pause.secondsLeft > 0));
  part("discard").textContent = state === "held" ? "Dismiss" : "Discard";
}
