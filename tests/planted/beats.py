"""Faults in the beats in which a busy stream is told, dealt and drawn: who is forgotten, what is done too often."""

from .fault import Fault

NEWS, NEWS_TESTS = "comments/reading/news.py", "tests/reading/test_waiting.py -k 'beat or note or hundred'"
WORK, WORK_TESTS = "comments/bots/waiting.py", "tests/bots/test_waiting.py -k within_a_moment"
LANE, LANE_TESTS = "comments/api/worklane.py", "tests/bots/test_lanes.py"
BEAT, VIEW, DRAWN = "static/js/view/beat.js", "static/js/view/view.js", "tests/browser/test_busy.py"

FAULTS = [
    # Those who wait for news
    Fault(
        "who was woken once is never woken again",
        NEWS,
        "is_for_all, self._is_for_all, self._beat = self._is_for_all, False, None",
        "is_for_all, self._is_for_all = self._is_for_all, False",
        NEWS_TESTS,
    ),
    Fault(
        "a bot's note takes the news in the same beat from everybody",
        NEWS,
        "        self._is_for_all |= all\n",
        "        self._is_for_all = all\n",
        NEWS_TESTS,
    ),
    Fault(
        "after one wake for all every note is one",
        NEWS,
        "is_for_all, self._is_for_all, self._beat = self._is_for_all, False, None",
        "is_for_all, self._beat = self._is_for_all, None",
        NEWS_TESTS,
    ),
    Fault(
        "a hundred commits wake a hundred times",
        NEWS,
        "self.loop.call_soon_threadsafe(self._in_beat, all)",
        "self.loop.call_soon_threadsafe(self.wake, all)",
        NEWS_TESTS,
    ),
    Fault(
        "there is no time between two wakes",
        NEWS,
        "self.loop.call_later(max(0.0, wait), self._wake_in_beat)",
        "self.loop.call_later(0, self._wake_in_beat)",
        NEWS_TESTS,
    ),
    Fault(
        "a wake that ended with its loop is waited for in the next",
        NEWS,
        "self.loop, self._ticking, self._reading, self._beat = loop, None, None, None",
        "self.loop, self._ticking, self._reading = loop, None, None",
        NEWS_TESTS,
    ),
    # Bots that wait for work
    Fault("each bot that comes costs a look", WORK, "                await self._pause()\n", "", WORK_TESTS),
    Fault(
        "when somebody has looked is forgotten",
        WORK,
        "        self._looked_at = loop.time()\n",
        "",
        WORK_TESTS,
    ),
    Fault(
        "a look finds work for one, however many wait",
        WORK,
        "min(MOST, len(self.bots)) + len(self.dealt)",
        "1 + len(self.dealt)",
        WORK_TESTS,
    ),
    Fault(
        "a token that was known once waits for ever",
        LANE,
        "        if self.known.get(token, now) > now:",
        "        if token in self.known:",
        LANE_TESTS,
    ),
    Fault(
        "who may not claim is known as one that may",
        LANE,
        "asked.exception() or not asked.result():",
        "asked.exception():",
        LANE_TESTS,
    ),
    Fault(
        "who shows no token is taken for the bot that showed none before",
        LANE,
        "        if not token:",
        "        if False:",
        LANE_TESTS,
    ),
    Fault(
        "each of many workers asks who they are",
        LANE,
        "        if token not in self.asking:",
        "        if True:",
        LANE_TESTS,
    ),
    Fault(
        "one worker that hangs up ends it for the others",
        LANE,
        "await asyncio.shield(self.asking[token])",
        "await self.asking[token]",
        LANE_TESTS,
    ),
    Fault(
        "tokens are remembered without end",
        LANE,
        "            self.known.clear()\n",
        "            pass\n",
        LANE_TESTS,
    ),
    # The page
    Fault(
        "what comes in a busy stream is never drawn",
        BEAT,
        "    else setTimeout(draw, wait);\n",
        "",
        DRAWN,
    ),
    Fault(
        "what comes in a busy stream is drawn one by one",
        BEAT,
        "    if (wait <= 0) inNextFrame(draw);\n    else setTimeout(draw, wait);\n",
        "    inNextFrame(draw);\n",
        DRAWN,
    ),
    Fault(
        "a slow device keeps what has come from its reader",
        BEAT,
        "Math.min(LONGEST_MS, Math.max(SHORTEST_MS, SHARE * this.#tookMs))",
        "Math.max(SHORTEST_MS, SHARE * this.#tookMs)",
        DRAWN,
    ),
    Fault(
        "a slow device has no time for its reader",
        BEAT,
        "Math.min(LONGEST_MS, Math.max(SHORTEST_MS, SHARE * this.#tookMs))",
        "SHORTEST_MS",
        DRAWN,
    ),
    Fault(
        "a rush never ends",
        BEAT,
        "    if (isAlone) this.#busySince = now;\n",
        "    if (this.#busySince === -Infinity) this.#busySince = now;\n",
        DRAWN,
    ),
    Fault(
        "a few that come together are a rush",
        BEAT,
        "return now - this.#cameAt < ALONE_MS && now - this.#busySince > RUSH_MS;",
        "return now - this.#cameAt < ALONE_MS;",
        DRAWN,
    ),
    Fault(
        "who has scrolled back in a rush loses what is read",
        VIEW,
        "this.#beat.isRush && this.isFollowing && ",
        "this.#beat.isRush && ",
        DRAWN,
    ),
    Fault(
        "who is away in a rush misses most of it",
        VIEW,
        " && !document.hidden && this.firstFresh === null;",
        " && this.firstFresh === null;",
        DRAWN,
    ),
    Fault(
        "who comes back in a rush cannot go back to the first that is unread",
        VIEW,
        " && !document.hidden && this.firstFresh === null;",
        " && !document.hidden;",
        DRAWN,
    ),
    Fault(
        "a page grows in a rush",
        VIEW,
        "this.#isCarriedAlong ? BUSY_CAPACITY : CAPACITY",
        "CAPACITY",
        DRAWN,
    ),
]
