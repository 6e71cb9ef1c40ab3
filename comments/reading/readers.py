"""How many read just now, over all processes: a number, and nobody in it can be told from another.

Who waits for news is counted as it is; who polls, by how often that happens. The number is made when somebody is told
of it, and then stays for ten seconds: nobody is woken to hear it.
"""

import secrets
import time
from collections.abc import Callable

from django.conf import settings

from .news import News, news

EACH_SECONDS = 10.0
FORGOTTEN_SECONDS = 30.0  # another process that has not been heard of for so long has no readers, or is gone


class Readers:
    """Those of this process, and what the other processes have told of theirs."""

    def __init__(self, news: News, now: Callable[[], float] = time.monotonic) -> None:
        self.news = news
        self.now = now
        self.process = secrets.token_hex(4)
        self.on_count: Callable[[int], None] = lambda count: None  # hears how many are here, to tell the others
        self._polls = 0
        self._counted_at = -EACH_SECONDS
        self._count = 0
        self._others: dict[str, tuple[int, float]] = {}

    def count(self) -> int:
        """At most ten seconds old."""
        if self.now() - self._counted_at >= EACH_SECONDS:
            self._count_again()
        return self._count

    def polled(self) -> None:
        """Somebody has asked who does not wait for the answer."""
        self._polls += 1

    def heard(self, process: str, count: int) -> None:
        """So many readers has another process."""
        if process != self.process:
            self._others[process] = count, self.now()

    def _count_again(self) -> None:
        here = self.news.listeners + self._polling()
        self._counted_at, self._polls = self.now(), 0
        self._count = here + self._elsewhere()
        self.on_count(here)

    def _polling(self) -> int:
        """So many it takes for so many polls. After a silence, those that came since were not there for all of it."""
        passed = self.now() - self._counted_at
        seconds = passed if passed < 2 * EACH_SECONDS else EACH_SECONDS
        return round(self._polls * settings.POLL_AFTER_MS / 1000 / seconds)

    def _elsewhere(self) -> int:
        lately = self.now() - FORGOTTEN_SECONDS
        self._others = {process: told for process, told in self._others.items() if told[1] > lately}
        return sum(count for count, _ in self._others.values())


readers = Readers(news)
