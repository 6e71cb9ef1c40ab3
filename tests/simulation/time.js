/* A clock that stands still until something is to happen, and chance that a seed decides. */

export class Chance {
  #state;

  constructor(seed) {
    this.#state = (seed * 2654435761 + 1) >>> 0;
  }

  /** From 0 to 1: mulberry32. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  is(probability) {
    return this.next() < probability;
  }

  between(low, high) {
    return low + (high - low) * this.next();
  }

  one(of) {
    return of[Math.floor(this.next() * of.length)];
  }
}

/** All that happens, in order; what falls on the same moment in the order in which it was asked for. */
export class Time {
  now = 0;
  events = 0;
  #heap = [];
  #count = 0;

  in(milliseconds, run) {
    const event = { at: this.now + Math.max(0, milliseconds), order: this.#count++, run };
    this.#push(event);
    return event;
  }

  cancel(event) {
    if (event) event.run = null;
  }

  /** `settle()` resolves when all promises have come to rest. */
  async pass(milliseconds, settle) {
    const until = this.now + milliseconds;
    while (this.#heap.length > 0 && this.#heap[0].at <= until) {
      const event = this.#pop();
      if (event.run === null) continue;
      this.now = event.at;
      this.events += 1;
      event.run();
      await settle();
    }
    this.now = until;
  }

  #push(event) {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0 && isBefore(event, heap[(at - 1) >> 1])) {
      heap[at] = heap[(at - 1) >> 1];
      at = (at - 1) >> 1;
    }
    heap[at] = event;
  }

  #pop() {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(event) {
    const heap = this.#heap;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1;
      if (!isBefore(heap[child], event)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = event;
  }
}

function isBefore(one, other) {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
