/* The visitor's own comments on their way, kept by this browser until the server has them. Pure.

   Each is one entry of the box that keeps them, so that tabs that write at the same moment cannot lose one another's.
   What the box holds is the truth for all tabs, and may be anything at all: another version of this page, or another
   program, may have written it. */

import { t } from "./language.js";

export const WAITING = "waiting"; // nobody knows yet whether the server has it
export const SENT = "sent"; // the server has it; the stream will bring it
export const HELD = "held"; // for a moderator
export const REFUSED = "refused"; // with its reason; only its author can do something about it

const PREFIX = "outbox ";
const STATES = [WAITING, SENT, HELD, REFUSED];
const UNKNOWN_COLOR = "128128128";

export class Outbox {
  #box;
  #newId;
  #own = new Set(); // ids, also of those that have arrived
  #lastOrder = 0;
  #entries = null; // as read in this turn: who asks several times in one gets one answer, unless it has written itself

  /** Whether this key of the box is one of an entry. */
  static keeps(key) {
    return key.startsWith(PREFIX);
  }

  /** `box`: `keys(prefix)`, `read(key)`, `write(key, value)`, `remove(key)`, of JSON values. */
  constructor(box, newId) {
    this.#box = box;
    this.#newId = newId;
  }

  /** In the order in which they were sent: `{id, text, username, color, replyTo, order, state, isTried, reason}`. */
  get entries() {
    if (this.#entries === null) {
      const entries = this.#box.keys(PREFIX).map((key) => this.#read(key));
      this.#entries = entries.filter((entry) => entry !== null).sort(inOrder);
      Promise.resolve().then(() => (this.#entries = null));
    }
    return this.#entries;
  }

  get waiting() {
    return this.entries.filter(({ state }) => state === WAITING);
  }

  isOwn(id) {
    return this.#own.has(id);
  }

  find(id) {
    return this.#read(PREFIX + id);
  }

  /** A comment that is to be sent, after all before it. */
  add({ text, username, color, replyTo }) {
    const order = 1 + Math.max(this.#lastOrder, ...this.entries.map((entry) => entry.order));
    const comment = { id: this.#newId(), text, username, color, replyTo };
    return this.#keep({ ...comment, order, state: WAITING, isTried: false, reason: "" });
  }

  /** `more` of what is known of it now. Who has been dropped meanwhile stays so. */
  set(id, more) {
    const entry = this.find(id);
    return entry && this.#keep({ ...entry, ...more });
  }

  /** Its id is another's: the same words in the same place, under a new one. */
  renew(id) {
    const entry = this.find(id);
    if (entry === null) return;
    this.#keep({ ...entry, id: this.#newId(), isTried: false });
    this.drop(id);
  }

  drop(id) {
    this.#entries = null;
    this.#box.remove(PREFIX + id);
  }

  /** The stream has these, or has removed them again. */
  release(isKnown, isRemoved = () => false) {
    for (const { id, state } of this.entries) {
      if (!isKnown(id)) continue;
      if (state === HELD && isRemoved(id)) this.set(id, { state: REFUSED, reason: t("A moderator has decided against it.") });
      else this.drop(id);
    }
  }

  /** After a fresh load: what was sent is in it, or was removed since. */
  releaseSent() {
    this.entries.filter(({ state }) => state === SENT).forEach(({ id }) => this.drop(id));
  }

  #keep(entry) {
    this.#own.add(entry.id);
    this.#lastOrder = Math.max(this.#lastOrder, entry.order);
    this.#entries = null;
    this.#box.write(PREFIX + entry.id, entry);
    return entry;
  }

  #read(key) {
    const found = this.#box.read(key);
    const entry = checked(found, key.slice(PREFIX.length));
    if (entry !== null) this.#own.add(entry.id);
    else if (found !== null) this.#box.remove(key);
    return entry;
  }
}

/** The entry if it can be sent, or null; what can be mended is. */
function checked(entry, id) {
  if (entry?.id !== id || !isId(id) || !isWords(entry.text) || !isWords(entry.username)) return null;
  return {
    id,
    text: entry.text,
    username: entry.username,
    color: isColor(entry.color) ? entry.color : UNKNOWN_COLOR,
    replyTo: isId(entry.replyTo) ? entry.replyTo : undefined,
    order: Number.isSafeInteger(entry.order) ? entry.order : 0,
    state: STATES.includes(entry.state) ? entry.state : WAITING,
    isTried: entry.isTried === true,
    reason: typeof entry.reason === "string" ? entry.reason : "",
  };
}

function inOrder(one, other) {
  return one.order - other.order || (one.id < other.id ? -1 : 1);
}

const isId = (value) => typeof value === "string" && /^[A-Za-z0-9_.:-]{1,64}$/.test(value);
const isWords = (value) => typeof value === "string" && value.trim() !== "";
const isColor = (value) => typeof value === "string" && /^[0-9]{9}$/.test(value);

/* What an answer means for the comment that was sent. */

export const AGAIN = "again";
export const TAKEN = "taken";

/** Only the server itself refuses, and only for what stands in the comment or who sent it. Whatever else went wrong,
    here or on the way, may go well the next time. */
export function verdictOn({ status, code }) {
  if (code === "no_answer") return AGAIN;
  if (status === 409) return TAKEN;
  return [400, 403, 413, 415, 422].includes(status) ? REFUSED : AGAIN;
}
