/* The change feed, by the transport that a page has just now: a WebSocket; else a long poll; else polling.

   `step` does the next thing and says in how many milliseconds to do it again; one step at a time (loop.js). Whichever
   way they come, envelopes are asked for by the one cursor of the page, and it takes them in strictly in order. */

import { DOUBTFUL_MS } from "../state/connection.js";
import { checked } from "../state/envelope.js";
import { LONG_POLL, POLL, SOCKET, Transports } from "../state/transports.js";
import { Socket } from "./socket.js";

export const SILENCE_MS = 20_000; // the server gives a sign of life each 6 s
const SURE_MS = 1000; // after a sign of life
const LATE_MS = 3000; // for a socket to bring what a poll has brought
const PROVEN_MS = 10_000; // a socket that ends sooner did not work
const REOPENING_MS = 1000; // at most; not all pages at the same moment
const LONG_POLL_SECONDS = DOUBTFUL_MS / 1000;
const BETWEEN_LONG_POLLS_MS = 250;

export class Feed {
  #world;
  #api;
  #page;
  #onTrouble;
  #transports;
  #socket = null;
  #openedAt = 0;
  #heardAt = 0; // by socket or otherwise
  #dueAt = 0; // when the socket must have spoken
  #waiting = null; // aborts the long poll that is on its way
  #isSure = false; // that nothing has been missed, so that it makes sense to wait for news
  #generation = 0;

  /** `page.cursor`; `page.take(envelope)` returns whether it fitted on; `page.forget()` gives up the cursor.
      `onTrouble(ms)`: a step is needed in so many milliseconds. */
  constructor({ world, api, page, onTrouble }) {
    this.#world = world;
    this.#api = api;
    this.#transports = new Transports(world.random);
    this.#page = page;
    this.#onTrouble = onTrouble;
  }

  /** `isDoubted`: somebody wants to be sure of being up to date. */
  async step(isDoubted) {
    if (isDoubted) this.#isSure = false;
    if (this.#socket) return this.#tend(isDoubted);
    const generation = this.#generation;
    for (;;) {
      const transport = this.#transports.choose(this.#world.now());
      try {
        return await this.#go(transport);
      } catch (error) {
        if (generation !== this.#generation) return 0;
        this.#onFailure(transport, error);
      }
    }
  }

  /** What is waiting for the server may wait in vain: go and see. */
  doubt() {
    if (this.#waiting && this.#world.now() - this.#waiting.since > SURE_MS) this.#waiting.abort.abort();
  }

  /** The network is another one; a socket over the old one is dead, whether it knows it or not. */
  reopen() {
    if (this.#socket?.isOpen) this.#closeSocket();
  }

  /** Let go of the server; what is still on its way will not be taken in. */
  rest() {
    this.#generation += 1;
    this.#isSure = false;
    this.#waiting?.abort.abort();
    this.#closeSocket();
  }

  /** Returns if the next transport is to be tried at once, and throws if there is none. */
  #onFailure(transport, error) {
    this.#isSure = false;
    this.#refuse(error);
    if (isAnswer(error)) throw error;
    this.#transports.failed(transport, this.#world.now());
    if (transport === POLL) throw error;
  }

  #go(transport) {
    if (transport === SOCKET) return this.#open();
    return transport === LONG_POLL && this.#isSure ? this.#longPoll() : this.#poll(transport);
  }

  async #poll(transport) {
    const { hasMore, pollAfterMs } = await this.#ask();
    if (this.#transports.reached() || hasMore) return 0;
    this.#isSure = true;
    return transport === POLL ? Math.min(pollAfterMs, DOUBTFUL_MS) : 0;
  }

  async #longPoll() {
    const since = this.#world.now();
    this.#waiting = { since, abort: new AbortController() };
    const { signal } = this.#waiting.abort;
    try {
      const { changes } = await this.#ask({ waitSeconds: LONG_POLL_SECONDS, signal });
      if (changes.length === 0 && this.#world.now() - since < SURE_MS) throw new Error("The server does not wait.");
      this.#transports.proved(LONG_POLL);
      return BETWEEN_LONG_POLLS_MS;
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#isSure = false;
      return 0;
    } finally {
      this.#waiting = null;
    }
  }

  async #ask(options) {
    const generation = this.#generation;
    const envelope = checked(await this.#api.changes(this.#page.cursor, options));
    if (generation === this.#generation) this.#take(envelope);
    return envelope;
  }

  async #open() {
    const socket = new Socket(this.#world, this.#page.cursor, {
      onEnvelope: (envelope) => this.#onEnvelope(envelope),
      onEnd: (status) => this.#onEnd(socket, status),
    });
    this.#socket = socket;
    this.#openedAt = this.#world.now();
    await socket.opened;
    this.#transports.reached();
    return DOUBTFUL_MS;
  }

  #onEnvelope(envelope) {
    this.#dueAt = this.#world.now() + SILENCE_MS;
    if (!this.#take(envelope)) throw new Error("The WebSocket has left something out.");
    return envelope.cursor;
  }

  #onEnd(socket, status) {
    this.#socket = null;
    if (!socket.isOpen) return; // whoever opens it learns of it there
    this.#isSure = false;
    this.#judge();
    this.#refuse({ status });
    this.#onTrouble(REOPENING_MS * this.#world.random());
  }

  #judge() {
    if (this.#world.now() - this.#openedAt > PROVEN_MS) this.#transports.proved(SOCKET);
    else this.#transports.failed(SOCKET, this.#world.now());
  }

  #take(envelope) {
    this.#heardAt = this.#world.now();
    return this.#page.take(envelope);
  }

  /** Look after the open socket. */
  async #tend(isDoubted) {
    const isSilent = this.#world.now() - this.#heardAt >= DOUBTFUL_MS;
    if (isSilent || (isDoubted && this.#world.now() - this.#socket.heardAt > SURE_MS)) await this.#check();
    const left = Math.min(this.#dueAt, this.#heardAt + DOUBTFUL_MS) - this.#world.now();
    if (this.#socket && this.#dueAt > this.#world.now()) return Math.max(0, left);
    this.#closeSocket();
    return 0;
  }

  /** Ask beside the socket. What that brings, the socket must bring too, and soon. */
  async #check() {
    try {
      const { changes } = await this.#ask();
      if (changes.length > 0) this.#dueAt = Math.min(this.#dueAt, this.#world.now() + LATE_MS);
    } catch (error) {
      this.#closeSocket();
      this.#refuse(error);
      throw error;
    }
  }

  #closeSocket() {
    this.#socket?.close();
    this.#socket = null;
  }

  /** The server does not know our cursor, or no longer: the only way on is to load afresh. */
  #refuse(error) {
    if (isCursorRefused(error)) this.#page.forget();
  }
}

export function isCursorRefused({ status }) {
  return status === 410 || status === 422;
}

/** The server has answered, but not with what was asked for: another transport would lead to the same answer. */
function isAnswer({ status }) {
  return [410, 422, 429, 503].includes(status);
}
