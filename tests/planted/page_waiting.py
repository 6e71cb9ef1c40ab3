"""Faults in the page's modules that show only with time: what waits to be sent, is held, or asked for again."""

from .fault import Fault

FOLLOWING = "tests/browser/test_following.py"
SENDING = "tests/browser/test_sending.py"

FAULTS = [
    Fault(
        "a new id is taken for one that was tried",
        "static/js/state/outbox.js",
        "this.#keep({ ...entry, id: this.#newId(), isTried: false });",
        "this.#keep({ ...entry, id: this.#newId() });",
        SENDING,
    ),
    Fault(
        "what may be waiting for a moderator is sent under another id",
        "static/js/server/sender.js",
        "if (entry.isTried) this.#refuse(entry, t(",
        "if (false) this.#refuse(entry, t(",
        SENDING,
    ),
    Fault(
        "the words of another under the same id are taken for one's own",
        "static/js/server/sender.js",
        "if (text === entry.text && username === entry.username) this.#onTaken",
        "if (text) this.#onTaken",
        SENDING,
    ),
    Fault(
        "who had a comment held is not told that it was decided against",
        "static/js/server/sender.js",
        'if (error.code === "removed") this.#outbox.set',
        "if (false) this.#outbox.set",
        SENDING,
    ),
    Fault(
        "what was released is held for ever when the network has changed",
        "static/js/server/sender.js",
        "      if (verdictOn(error) !== TAKEN) throw error;\n",
        "      throw error;\n",
        SENDING,
    ),
    Fault(
        "what is held is asked about while nobody looks",
        "static/js/server/sender.js",
        "if (!this.#world.isHidden) for (const entry of this.#held)",
        "for (const entry of this.#held)",
        SENDING,
    ),
    Fault(
        "what was sent and removed since waits for ever",
        "static/js/server/session.js",
        "    this.outbox.releaseSent();\n",
        "",
        SENDING,
    ),
    Fault(
        "a page asks more seldom than it can be sure",
        "static/js/server/feed.js",
        "Math.min(pollAfterMs, DOUBTFUL_MS)",
        "pollAfterMs",
        SENDING,
    ),
    Fault(
        "a server that holds no long poll is asked all the time",
        "static/js/server/feed.js",
        "if (changes.length === 0 && this.#world.now() - since < SURE_MS)",
        "if (false)",
        SENDING,
    ),
    Fault(
        "an answer is waited for without end",
        "static/js/server/api.js",
        "const timer = this.#world.later(() => abort.abort(), timeoutMs);",
        "const timer = null;",
        SENDING,
    ),
    Fault(
        "a page that nobody looks at asks as often as others",
        "static/js/server/loop.js",
        "return wait > 0 && this.#world.isHidden ? Math.max(wait, HIDDEN_WAIT_MS) : wait;",
        "return wait;",
        FOLLOWING,
    ),
    Fault(
        "what was heard long ago counts more than what was heard since",
        "static/js/state/connection.js",
        "Math.max(this.#heardAt ?? -Infinity, now - Math.max(0, ago))",
        "now - Math.max(0, ago)",
        FOLLOWING,
    ),
    Fault(
        "a transport that has failed often is tried no more",
        "static/js/state/transports.js",
        "Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(failures - 1, 20))",
        "FIRST_REST_MS * 2 ** Math.min(failures - 1, 20)",
        FOLLOWING,
    ),
    Fault(
        "nobody asks what time it is after a sleep",
        "static/js/server/subscription.js",
        "    this.#isDoubted = true;\n    this.#onSleep();",
        "    this.#isDoubted = true;",
        FOLLOWING,
    ),
]
