"""Faults in the page's modules: what is lost, doubled, out of order or told wrongly."""

from .fault import Fault

STORMS = "tests/browser/test_storms.py"
MODULES = "tests/browser/test_modules.py tests/browser/test_transports.py"

FAULTS = [
    # How it stands with the server
    Fault(
        "a follower hides that its leader has no answer",
        "static/js/server/subscription.js",
        "    if (hasFailed) this.#connection.failed();\n    else if (Number",
        "    if (Number",
        "tests/browser/test_live.py",
    ),
    Fault(
        "a server that is silent is live",
        "static/js/state/connection.js",
        "    return silence < LOST_MS ? SLOW : RECONNECTING;",
        "    return LIVE;",
        STORMS,
    ),
    Fault(
        "the time that a tab has slept does not count",
        "static/js/state/connection.js",
        "    if (this.#heardAt !== null) this.#heardAt -= milliseconds;",
        "",
        STORMS,
    ),
    # The feed
    Fault(
        "410 does not load afresh",
        "static/js/server/feed.js",
        "  return status === 410 || status === 422;",
        "  return status === 422;",
        "tests/browser/test_reading.py tests/browser/test_live.py -k cursor",
    ),
    Fault(
        "a socket that never proved itself is preferred for ever",
        "static/js/server/feed.js",
        "    else this.#transports.failed(SOCKET, this.#world.now());\n",
        "    else this.#transports.proved(SOCKET);\n",
        "tests/browser/test_live.py tests/browser/test_transports.py",
    ),
    Fault(
        "a socket that has left something out is believed",
        "static/js/server/feed.js",
        """    if (!this.#take(envelope)) throw new Error("The WebSocket has left something out.");""",
        "    this.#take(envelope);",
        f"tests/browser/test_live.py {STORMS}",
    ),
    Fault(
        "the late answer of a poll that was given up is taken in",
        "static/js/server/feed.js",
        "    if (generation === this.#generation) this.#take(envelope);",
        "    this.#take(envelope);",
        "tests/browser/test_transports.py",
    ),
    Fault(
        "what is polled beside a silent socket need not come over it",
        "static/js/server/feed.js",
        "      if (changes.length > 0) this.#dueAt = Math.min(this.#dueAt, this.#world.now() + LATE_MS);",
        "",
        "tests/browser/test_live.py",
    ),
    Fault(
        "a transport that fails never rests",
        "static/js/state/transports.js",
        "until: now + rest * (0.8 + 0.4 * this.#random())",
        "until: now",
        MODULES,
    ),
    Fault(
        "an outage counts against the transports",
        "static/js/state/transports.js",
        "    if (wasOutage) this.#troubles.clear();\n",
        "",
        MODULES,
    ),
    Fault(
        "an envelope that would leave a hole is taken in",
        "static/js/server/subscription.js",
        "    if (place === NEXT) this.#page.take(envelope);",
        "    if (place === NEXT || place === GAP) this.#page.take(envelope);",
        STORMS,
    ),
    Fault(
        "who has taken over is asked at once, and robbed again",
        "static/js/server/subscription.js",
        "    Object.assign(this.#leader, { dueAt: 0, isAsked: false });\n",
        "    Object.assign(this.#leader, { dueAt: 0, isAsked: true });\n",
        "tests/browser/test_live.py -k 'agree or thaws'",
    ),
    # The stream
    Fault(
        "what arrives twice is there twice",
        "static/js/state/stream.js",
        "    this.#remove(comment.id);\n",
        "",
        MODULES,
    ),
    Fault(
        "history brings back what was removed meanwhile",
        "static/js/state/stream.js",
        "    this.#widen(comments);\n    this.hasOlder = hasMore;\n    this.#replay();",
        "    this.#widen(comments);\n    this.hasOlder = hasMore;",
        MODULES,
    ),
    Fault(
        "a window that let the newest go grows a hole",
        "static/js/state/stream.js",
        "    return !isTooOld && !isTooNew;",
        "    return !isTooOld;",
        MODULES,
    ),
    Fault(
        "poison stops the feed",
        "static/js/state/stream.js",
        "    if (!comment && !change?.removed) return false;\n",
        "",
        MODULES,
    ),
    # The outbox
    Fault(
        "a 403 stops all that waits behind it",
        "static/js/state/outbox.js",
        "  return [400, 403, 413, 415, 422].includes(status) ? REFUSED : AGAIN;",
        "  return [400, 413, 415, 422].includes(status) ? REFUSED : AGAIN;",
        "tests/browser/test_outbox.py -k refused",
    ),
    Fault(
        "whoever answers in the place of the server may refuse",
        "static/js/state/outbox.js",
        '  if (code === "no_answer") return AGAIN;\n',
        "",
        "tests/browser/test_outbox.py -k place_of",
    ),
    Fault(
        "`online` sends refused ones again",
        "static/js/state/outbox.js",
        "state === WAITING);",
        "state === WAITING || state === REFUSED);",
        "tests/browser/test_outbox.py -k refused",
    ),
    Fault(
        "what was sent leaves the outbox before the stream has it",
        "static/js/server/sender.js",
        "    this.#outbox.set(id, { state: isHeld ? HELD : SENT });",
        "    if (!isHeld) this.#outbox.drop(id);\n    this.#outbox.set(id, { state: HELD });",
        "tests/browser/test_writing.py tests/browser/test_outbox.py",
    ),
    Fault(
        "two tabs send at the same time",
        "static/js/server/sender.js",
        "    await exclusively(this.#world, LOCK, async (isMine) => (wait = await this.#sendAll(isMine)));",
        "    wait = await this.#sendAll(() => true);",
        STORMS,
    ),
    Fault(
        "a later one overtakes one that waits",
        "static/js/server/sender.js",
        "      if (error) return this.#waitAfter(error);\n",
        "      if (error) { this.#outbox.set(entry.id, { order: Date.now() }); return this.#waitAfter(error); }\n",
        f"{STORMS} tests/browser/test_outbox.py",
    ),
    Fault(
        "a post whose answer was lost gets a new id",
        "static/js/server/sender.js",
        "    if (verdict === AGAIN) return error;\n",
        "    if (verdict === AGAIN) { this.#outbox.renew(entry.id); return error; }\n",
        STORMS,
    ),
    Fault(
        "nobody sends what a closed tab has left",
        "static/js/server/session.js",
        "      onLead: () => this.#sender.flush(),",
        "      onLead: () => {},",
        f"tests/browser/test_outbox.py {STORMS}",
    ),
    Fault(
        "what was written after an outage waits for ever",
        "static/js/server/session.js",
        "    if (this.#hadFailed && !this.connection.hasFailed) this.#sender.flush();\n",
        "",
        "tests/browser/test_outbox.py",
    ),
]
