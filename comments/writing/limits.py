"""How much one author may post. It is counted in the table inside the write transaction, so it is exact however many
processes write."""

from django.conf import settings

from comments.errors import Refused
from comments.stream.clock import StreamClock
from comments.stream.comment import Comment

MINUTE_MS = 60_000
BURST_MS = 5_000


def refuse_flood(author_key: str, clock: StreamClock) -> None:
    """At most POSTS_PER_MINUTE and POSTS_PER_BURST (in 5 seconds) by one author. 1 query."""
    now_ms = clock.wall // 1000
    posted = _posted_since(author_key, now_ms - MINUTE_MS)
    for allowed, window_ms in ((settings.POSTS_PER_MINUTE, MINUTE_MS), (settings.POSTS_PER_BURST, BURST_MS)):
        in_window = [at_ms for at_ms in posted if at_ms > now_ms - window_ms]
        if len(in_window) >= allowed:
            wait = max(1, -(-(in_window[-allowed] + window_ms - now_ms) // 1000))
            raise Refused(429, "rate_limited", f"You are posting too fast. Wait {wait} s and try again.", wait)


def _posted_since(author_key: str, since_ms: int) -> list[int]:
    """When this author has posted, in milliseconds, oldest first."""
    posted = Comment.objects.by_author(author_key).filter(version__gt=since_ms * 1000)
    # A held comment has no timestamp yet.
    return sorted(at or version // 1000 for at, version in posted.values_list("timestamp", "version"))
