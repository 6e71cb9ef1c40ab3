/* One tab's part in the stream, complete but for what can be seen of it: what it holds, how it follows the server, what it
   has sent and has still to send. */

import { Connection } from "../state/connection.js";
import { Outbox, SENT } from "../state/outbox.js";
import { Stream } from "../state/stream.js";
import { Api } from "./api.js";
import { Sender } from "./sender.js";
import { Subscription } from "./subscription.js";

export class Session {
  stream = new Stream();
  connection = new Connection();
  api;
  outbox;
  #world;
  #parts;
  #subscription;
  #sender;
  #arrived = new Map(); // what the stream was told and is not yet shown: id → change
  #hadFailed = false;

  /** `box` keeps the outbox, for all tabs (storage.js). What is heard of it:
      `onLoaded()`: the stream was loaded afresh.
      `onChanges(fresh, changed)`: it has taken in changes; `fresh` are newer than all before, `changed` is id → change.
      `onLeftOut()`: the server has one that was sent, and the view does not show it.
      `onOutbox()`, `onRefused(entry)`, `onPause(milliseconds)`: about what is to be sent.
      `onAnnouncement(announcement)`: `{ text, until }` stands above the stream from now on; null: nothing does.
      `onEnvelope(envelope)`: the server has spoken, of changes or not.
      `onConnection()`: look at it again. `onDate(header)`: what time the server has. */
  constructor({ world, box, ...parts }) {
    this.#world = world;
    this.#parts = guarded(parts, world);
    this.api = new Api(world, (date) => date && this.#parts.onDate(date));
    this.outbox = new Outbox(box, world.newId);
    this.#sender = this.#newSender(world);
    this.#subscription = this.#newSubscription(world);
  }

  /** `page`: the comments with which to begin, as the API's list; without it they are loaded. */
  start(page = null) {
    if (page !== null) this.#begin(page);
    this.#subscription.start();
    this.#world.onEvent((name) => name === "online" && this.#sender.flush());
  }

  send(comment) {
    this.#sender.send(comment);
  }

  /** Try at once what waits. */
  retry() {
    this.#sender.flush();
  }

  /** Show comments of which `shows(comment)` is true; `address` says the same to the server, as far as it knows it. What
      the stream lacks of them is loaded by whoever asked. Returns the ids of those that went. */
  look(shows, address) {
    this.api.view = address;
    return this.stream.view(shows);
  }

  /** How it stands with the server: null before anything is known. */
  get state() {
    this.#subscription.noticeSleep();
    return this.connection.stateAt(this.#world.now(), this.#world.isOnline);
  }

  /** Why the first that waits has not been sent: `{ code, sentence }`, or null. */
  get trouble() {
    return this.#sender.trouble;
  }

  /** Load the newest comments, in place of what there is. */
  loadAfresh() {
    this.stream.cursor = null;
    this.#subscription.askAfresh();
  }

  /** What the stream has is shown from now on, so it leaves the outbox. */
  release() {
    const arrived = this.#arrived;
    this.#arrived = new Map();
    if (arrived.size === 0) return;
    this.outbox.release(
      (id) => arrived.has(id),
      (id) => arrived.get(id)?.removed === true,
    );
  }

  /** Another tab has written this key of the box; null: any of them. */
  hear(key) {
    if (key !== null && !Outbox.keeps(key)) return;
    this.#releaseShown();
    this.#parts.onOutbox();
    this.#sender.flush();
    this.#sender.watchHeld();
  }

  /** Another tab may have been slower than the stream, and have written of an entry that was gone. */
  #releaseShown() {
    this.outbox.release((id) => this.stream.has(id) && !this.#arrived.has(id));
    this.#releaseLeftOut();
  }

  /** What the server has and the view does not show will never come to be seen. */
  #releaseLeftOut() {
    const leftOut = this.outbox.entries.filter((entry) => entry.state === SENT && !this.stream.lets(entry));
    leftOut.forEach(({ id }) => this.outbox.drop(id));
    if (leftOut.length > 0) this.#parts.onLeftOut();
  }

  #newSubscription(world) {
    const { stream } = this;
    return new Subscription({
      world,
      api: this.api,
      connection: this.connection,
      page: {
        get cursor() {
          return stream.cursor;
        },
        load: () => this.#load(),
        take: (envelope) => this.#take(envelope),
        hear: (envelope) => this.#parts.onEnvelope?.(envelope),
        forget: () => (stream.cursor = null),
      },
      onConnection: () => this.#onConnection(),
      onLead: () => this.#sender.flush(),
      onSleep: () => this.api.time(),
    });
  }

  #newSender(world) {
    return new Sender({
      world,
      api: this.api,
      outbox: this.outbox,
      isResponsible: () => this.#subscription.isLeader,
      onChange: () => this.#parts.onOutbox(),
      onStored: (id) => this.#onStored(id),
      onRefused: (entry) => this.#parts.onRefused(entry),
      onPause: (milliseconds) => this.#parts.onPause(milliseconds),
      onHeard: (error) => this.#onAnswer(error),
    });
  }

  async #load() {
    const { view } = this.api;
    const page = await this.api.newest();
    this.connection.heard(this.#world.now());
    if (this.stream.cursor !== null) return; // it was loaded with something else meanwhile
    if (view === this.api.view) this.#begin(page);
    else await this.#load();
  }

  #begin(page) {
    this.stream.load(page);
    this.#parts.onAnnouncement(page.announcement ?? null);
    this.#arrived.clear();
    this.outbox.release((id) => this.stream.has(id));
    this.outbox.releaseSent();
    this.#parts.onLoaded();
    this.#onConnection();
    this.#sender.askAboutHeld();
  }

  #take(envelope) {
    const fresh = this.stream.apply(envelope);
    if (envelope.announcement !== undefined) this.#parts.onAnnouncement(envelope.announcement);
    if (envelope.changes.length === 0) return;
    const changed = new Map(envelope.changes.map((change) => [change?.id, change]));
    changed.forEach((change, id) => this.#arrived.set(id, change));
    this.#parts.onChanges(fresh, changed);
  }

  /** The stream may have been faster than the answer. */
  #onStored(id) {
    this.#releaseShown();
    this.#subscription.askAfresh();
    this.#parts.onOutbox();
  }

  #onConnection() {
    this.#parts.onConnection();
    if (this.#hadFailed && !this.connection.hasFailed) this.#sender.flush();
    this.#hadFailed = this.connection.hasFailed;
  }

  /** Of a comment that was sent. That it failed says nothing about reading, by which alone the connection is judged; the
      strip says what became of the comment. */
  #onAnswer(error) {
    if (error === null) this.connection.heard(this.#world.now());
    this.#onConnection();
  }
}

/** Whoever listens may fail: what is read and sent goes on. */
function guarded(parts, world) {
  const guard = (part) => (...told) => {
    try {
      part(...told);
    } catch (problem) {
      world.complain(problem);
    }
  };
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, guard(part)]));
}
