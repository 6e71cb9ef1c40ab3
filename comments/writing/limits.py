"""How much one author may post. It is counted in the table inside the write transaction, so it is exact however many
processes write."""

from dataclasses import dataclass, replace

from django.conf import settings

from comments.callers.bots import Bot
from comments.errors import Refused
from comments.stream.clock import StreamClock
from comments.stream.comment import Comment, MessageType

from .rules import rule

MINUTE_MS = 60_000
BURST_MS = 5_000
BOT_BURSTS = 6  # that make a minute's posts of a bot
Windows = tuple[tuple[int, int], ...]  # how many, in how many milliseconds


@dataclass(frozen=True)
class Allowance:
    """What an author may still post, by the limit that is nearest, and in how many seconds that is more."""

    limit: int
    remaining: int
    reset: int
    policy: str

    @property
    def headers(self) -> dict[str, str]:
        """By the IETF's draft (draft-ietf-httpapi-ratelimit-headers), so that a client can slow down before it has
        to."""
        return {
            "RateLimit-Policy": self.policy,
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def of_visitors(clock: StreamClock) -> Windows:
    return (rule("POSTS_PER_MINUTE", clock), MINUTE_MS), (settings.POSTS_PER_BURST, BURST_MS)


def of_bot(bot: Bot) -> Windows:
    """Not all of a minute's at once: others want to be read in between."""
    return (bot.posts_per_minute, MINUTE_MS), (-(-bot.posts_per_minute // BOT_BURSTS), BURST_MS)


def refuse_flood(keys: list[str], clock: StreamClock, windows: Windows) -> Allowance:
    """At most so many by one author in each of the windows; what is left after this post. 1 query."""
    now_ms = clock.wall // 1000
    posted = _posted_between(keys, now_ms - MINUTE_MS, now_ms)
    left = [_allowance(posted, allowed, window_ms, now_ms, policy_of(windows)) for allowed, window_ms in windows]
    nearest = min(left, key=lambda allowance: (allowance.remaining, -allowance.reset))
    if nearest.remaining < 0:
        wait, headers = nearest.reset, replace(nearest, remaining=0).headers
        raise Refused(429, "rate_limited", f"You are posting too fast. Wait {wait} s and try again.", wait, headers)
    return nearest


def refuse_crowd_of_bots(clock: StreamClock) -> None:
    """All bots together leave room for people, however many there are and whoever answers whom. 1 query, by an index.

    Raises Refused (429)."""
    most, now_ms = rule("BOT_POSTS_PER_MINUTE", clock), clock.wall // 1000
    said = Comment.objects.visible().filter(message_type=MessageType.AI, timestamp__gt=now_ms - MINUTE_MS)
    if one_too_many := said.order_by("-timestamp").values_list("timestamp", flat=True)[most - 1 : most].first():
        wait = max(1, -(-(one_too_many + MINUTE_MS - now_ms) // 1000))
        raise Refused(429, "bots_rate_limited", f"All bots together are posting too fast. Wait {wait} s.", wait)


def policy_of(windows: Windows) -> str:
    return ", ".join(f"{allowed};w={window_ms // 1000}" for allowed, window_ms in windows)


def _allowance(posted: list[int], allowed: int, window_ms: int, now_ms: int, policy: str) -> Allowance:
    """With one post more. Below 0 it is one too many, and `reset` is when it is not."""
    in_window = [at_ms for at_ms in posted if at_ms > now_ms - window_ms]
    remaining = max(-1, allowed - len(in_window) - 1)
    leaves_next = in_window[-allowed] if remaining < 0 else min([*in_window, now_ms])
    return Allowance(allowed, remaining, max(1, -(-(leaves_next + window_ms - now_ms) // 1000)), policy)


def _posted_between(keys: list[str], since_ms: int, now_ms: int) -> list[int]:
    """When this author has posted by the wall clock, in milliseconds, oldest first. Not by the ticks, which go on from
    where a wall clock that was ahead has brought them, and keep everybody in the last minute until that has come."""
    posted = Comment.objects.by_author(keys).filter(wall__gt=since_ms * 1000, wall__lt=(now_ms + 1) * 1000)
    return sorted(wall // 1000 for wall in posted.values_list("wall", flat=True))
