/* One WebSocket to the change feed. It ends once, and after that nothing is heard from it any more. */

import { checked } from "../state/envelope.js";

const PATH = "/ws/changes";
const OPENING_MS = 5000; // until the first envelope, which the server sends at once
const REFUSED = 4000; // plus the status that the API would give
const ENDED_HERE = 1000;
const CONNECTING = 0; // as WebSocket.CONNECTING and WebSocket.OPEN
const OPEN = 1;

export class Socket {
  /** Settles with the first envelope, or with the error that kept it from coming. */
  opened;
  isOpen = false;
  heardAt;
  #world;
  #socket;
  #parts;
  #opening;
  #timer;
  #hasEnded = false;

  /** `onEnvelope(envelope)` returns the cursor to acknowledge. `onEnd(status)` is called once, unless it was closed
      here: status is what the API would answer, 0 if that is not known. */
  constructor(world, cursor, { onEnvelope, onEnd }) {
    this.#world = world;
    this.#parts = { onEnvelope, onEnd };
    this.opened = new Promise((resolve, reject) => (this.#opening = { resolve, reject }));
    this.opened.catch(() => {}); // who does not wait for it does not care
    this.#socket = world.openSocket(`${PATH}?after=${cursor}`);
    this.#timer = world.later(() => this.#end(), OPENING_MS);
    this.#socket.addEventListener("message", ({ data }) => this.#onMessage(data));
    this.#socket.addEventListener("close", ({ code }) => this.#end(code));
  }

  close() {
    this.#parts.onEnd = () => {};
    // Browsers write it to the console as a failure if one is closed that has not been opened yet.
    if (this.#socket.readyState === CONNECTING) this.#closeOnceOpen();
    this.#end(ENDED_HERE);
  }

  #closeOnceOpen() {
    const socket = this.#socket;
    socket.addEventListener("open", () => socket.close());
    this.#socket = { close() {} };
  }

  #onMessage(data) {
    if (this.#hasEnded) return;
    try {
      const cursor = this.#parts.onEnvelope(checked(JSON.parse(data)));
      this.heardAt = this.#world.now();
      this.#acknowledge(cursor);
      this.#open();
    } catch (error) {
      this.#world.complain(error);
      this.#end();
    }
  }

  #open() {
    this.isOpen = true;
    this.#world.cancel(this.#timer);
    this.#opening.resolve();
  }

  #acknowledge(cursor) {
    if (this.#socket.readyState === OPEN) this.#socket.send(JSON.stringify({ cursor }));
  }

  /** Does not wait for the other side to agree: over a dead connection that takes minutes. */
  #end(code = 0) {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#world.cancel(this.#timer);
    this.#socket.close();
    const status = Math.max(0, code - REFUSED);
    this.#opening.reject(Object.assign(new Error("The WebSocket has ended."), { status }));
    this.#parts.onEnd(status);
  }
}
