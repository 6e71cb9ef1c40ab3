"""How much one author may post. It is counted in the table inside the write transaction, so it is exact however many
processes write."""

from dataclasses import dataclass, replace

from django.conf import settings

from comments.errors import Refused
from comments.stream.clock import StreamClock
from comments.stream.comment import Comment

MINUTE_MS = 60_000
BURST_MS = 5_000


@dataclass(frozen=True)
class Allowance:
    """What an author may still post, by the limit that is nearest, and in how many seconds that is more."""

    limit: int
    remaining: int
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        """By the IETF's draft (draft-ietf-httpapi-ratelimit-headers), so that a client can slow down before it has
        to."""
        policy = ", ".join(f"{allowed};w={window_ms // 1000}" for allowed, window_ms in _windows())
        return {
            "RateLimit-Policy": policy,
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def refuse_flood(keys: list[str], clock: StreamClock) -> Allowance:
    """At most POSTS_PER_MINUTE and POSTS_PER_BURST (in 5 seconds) by one author; what is left after this post.
    1 query."""
    now_ms = clock.wall // 1000
    posted = _posted_since(keys, now_ms - MINUTE_MS)
    left = [_allowance(posted, allowed, window_ms, now_ms) for allowed, window_ms in _windows()]
    nearest = min(left, key=lambda allowance: (allowance.remaining, -allowance.reset))
    if nearest.remaining < 0:
        wait, headers = nearest.reset, replace(nearest, remaining=0).headers
        raise Refused(429, "rate_limited", f"You are posting too fast. Wait {wait} s and try again.", wait, headers)
    return nearest


def _windows() -> tuple[tuple[int, int], ...]:
    return (settings.POSTS_PER_MINUTE, MINUTE_MS), (settings.POSTS_PER_BURST, BURST_MS)


def _allowance(posted: list[int], allowed: int, window_ms: int, now_ms: int) -> Allowance:
    """With one post more. Below 0 it is one too many, and `reset` is when it is not."""
    in_window = [at_ms for at_ms in posted if at_ms > now_ms - window_ms]
    remaining = max(-1, allowed - len(in_window) - 1)
    leaves_next = in_window[-allowed] if remaining < 0 else min([*in_window, now_ms])
    return Allowance(allowed, remaining, max(1, -(-(leaves_next + window_ms - now_ms) // 1000)))


def _posted_since(keys: list[str], since_ms: int) -> list[int]:
    """When this author has posted, in milliseconds, oldest first."""
    posted = Comment.objects.by_author(keys).filter(version__gt=since_ms * 1000)
    # A held comment has no timestamp yet.
    return sorted(at or version // 1000 for at, version in posted.values_list("timestamp", "version"))
