"""Faults in the page's modules that show only when something comes back: a line, a tab, a server, a leader."""

from .fault import Fault

LIVE = "tests/browser/test_live.py"
RETURNING = "tests/browser/test_returning.py"
FOLLOWING = "tests/browser/test_following.py"
SENDING = "tests/browser/test_sending.py"

FAULTS = [
    # The socket
    Fault(
        "a socket that never speaks is waited for for ever",
        "static/js/server/socket.js",
        "    this.#timer = world.later(() => this.#end(), OPENING_MS);\n",
        "",
        FOLLOWING,
    ),
    Fault(
        "an open socket is ended by the time that it had to open",
        "static/js/server/socket.js",
        "    this.isOpen = true;\n    this.#world.cancel(this.#timer);\n",
        "    this.isOpen = true;\n",
        FOLLOWING,
    ),
    Fault(
        "nothing is acknowledged",
        "static/js/server/socket.js",
        "      this.#acknowledge(cursor);\n",
        "",
        "tests/browser/test_transports.py",
    ),
    Fault(
        "over a new network the old socket is kept",
        "static/js/server/feed.js",
        "    if (this.#socket?.isOpen) this.#closeSocket();\n",
        "",
        FOLLOWING,
    ),
    Fault(
        "a page that wakes up waits on for a long poll that may be dead",
        "static/js/server/feed.js",
        "    if (this.#waiting && this.#world.now() - this.#waiting.since > SURE_MS) this.#waiting.abort.abort();\n",
        "",
        FOLLOWING,
    ),
    Fault(
        "a tab that leads no more keeps its socket",
        "static/js/server/feed.js",
        "    this.#waiting?.abort.abort();\n    this.#closeSocket();\n",
        "    this.#waiting?.abort.abort();\n",
        FOLLOWING,
    ),
    # The loop
    Fault(
        "after an outage each failure counts like the last of many",
        "static/js/server/loop.js",
        "      this.#failures = 0;\n",
        "",
        RETURNING,
    ),
    Fault(
        "what is asked for while an answer is on its way is forgotten",
        "static/js/server/loop.js",
        "    this.#plan(this.#askAgain ? 0 : wait);\n",
        "    this.#plan(wait);\n",
        RETURNING,
    ),
    # Tabs
    Fault(
        "who was robbed of the lead never leads again",
        "static/js/server/tabs.js",
        "  #onTakenOver() {\n    this.#queueUp();\n",
        "  #onTakenOver() {\n",
        f"{FOLLOWING} -k robbed",
    ),
    Fault(
        "a follower that catches up asks for one page only",
        "static/js/server/subscription.js",
        "      if (envelope.hasMore) return this.#catchUp();\n",
        "",
        f"{FOLLOWING} -k behind",
    ),
    Fault(
        "a tab that is looked at leaves the lead to one that is not",
        "static/js/server/subscription.js",
        "    if (isHidden && !this.#world.isHidden) this.#takeOverSoon();\n",
        "",
        f"{LIVE} -k 'looked_at_takes'",
    ),
    # The connection
    Fault(
        "time alone changes nothing of what is said about the connection",
        "static/js/state/connection.js",
        "    return next === undefined ? Infinity : next - silence;",
        "    return Infinity;",
        FOLLOWING,
    ),
    # What is sent
    Fault(
        "after the pause that the server wanted nothing is sent any more",
        "static/js/server/sender.js",
        "      this.#isPaused = false;\n",
        "",
        SENDING,
    ),
    Fault(
        "what is written while the last one is sent waits for the next",
        "static/js/server/sender.js",
        "    else if (this.#isAskedAgain) this.flush();\n",
        "",
        SENDING,
    ),
    Fault(
        "what is held is asked about once and never again",
        "static/js/server/sender.js",
        "      this.#isWatching = false;\n",
        "",
        SENDING,
    ),
    Fault(
        "a sender that has failed and worked again waits as if it had failed on",
        "static/js/server/sender.js",
        "      this.#failures = 0;\n",
        "",
        SENDING,
    ),
    Fault(
        "a tab that froze while it sent keeps all others from sending",
        "static/js/server/locks.js",
        "  const timer = world.later(() => turn.hasBegun || impatience.abort(), PATIENCE_MS);",
        "  const timer = world.later(() => {}, PATIENCE_MS);",
        SENDING,
    ),
    Fault(
        "a tab does not send on what another has written",
        "static/js/server/session.js",
        "    this.#parts.onOutbox();\n    this.#sender.flush();\n    this.#sender.watchHeld();\n",
        "    this.#parts.onOutbox();\n    this.#sender.watchHeld();\n",
        f"{SENDING} -k another_tab",
    ),
    # A new version
    Fault(
        "a page that does not get rid of its version loads itself for ever",
        "static/js/view/upgrade.js",
        "    if (isKnown || this.#box.read(KEY) === build) return;",
        "    if (isKnown) return;",
        RETURNING,
    ),
    # The desk
    Fault(
        "the desk goes on with a stream that was restored",
        "static/js/desk/feed.js",
        "      if (response.status === 410) location.reload();\n",
        "",
        "tests/browser/test_desk.py -k restored",
    ),
    Fault(
        "the desk is live while nobody answers",
        "static/js/desk/feed.js",
        """    } catch {
      return this.say("no answer");""",
        """    } catch {
      return this.say("live");""",
        RETURNING,
    ),
    Fault(
        "a desk that is looked at again does not look",
        "static/js/desk/feed.js",
        """    document.addEventListener("visibilitychange", () => document.hidden || this.look());\n""",
        "",
        RETURNING,
    ),
    Fault(
        "whoever is signed out is told that nobody answers",
        "static/js/desk/feed.js",
        """      if (response.redirected) return this.say("signed out");\n""",
        """      if (response.redirected) return this.say("no answer");\n""",
        RETURNING,
    ),
    Fault(
        "a key that acts on its row is taken for a finger on its way",
        "static/js/desk/acts.js",
        "const isOfFinger = event.detail > 0;",
        "const isOfFinger = true;",
        "tests/browser/test_desk.py -k keys_do",
    ),
    Fault(
        "a finger on its way presses what has just come there",
        "static/js/desk/acts.js",
        "if (isOfFinger && event.target",
        "if (!isOfFinger && event.target",
        "tests/browser/test_desk.py -k just_come",
    ),
    Fault(
        "who is at a row that loses its buttons is nowhere",
        "static/js/desk/rows.js",
        """|| row.querySelector("a"))?.focus();""",
        """|| null)?.focus();""",
        "tests/browser/test_desk.py -k somebody_else",
    ),
    # Whoever listens
    Fault(
        "a comment that cannot be drawn costs the socket",
        "static/js/server/session.js",
        "    this.#parts = guarded(parts, world);\n",
        "    this.#parts = parts;\n",
        FOLLOWING,
    ),
]
