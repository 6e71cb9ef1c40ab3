"""Who may not post: banned networks, and those that post too much.

Both look into the tables inside the write transaction, so they are exact however many processes write.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .clock import StreamClock
from .comment import Comment
from .errors import Refused
from .queryset import CommentQuerySet

MINUTE_MS = 60_000
BURST_MS = 5_000


class Ban(models.Model):
    """A network that may not post, known by its author key."""

    author_key = models.CharField(max_length=32, unique=True)
    reason = models.CharField(max_length=200, blank=True)
    until = models.DateTimeField(null=True, blank=True, help_text="empty: until it is deleted")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.author_key


def refuse_banned(author_key: str) -> None:
    running = Q(until=None) | Q(until__gt=timezone.now())
    if Ban.objects.filter(running, author_key=author_key).exists():
        raise Refused(403, "banned", "Posting from your network has been suspended by a moderator.")


def refuse_flood(author_key: str, clock: StreamClock) -> None:
    """At most POSTS_PER_MINUTE and POSTS_PER_BURST (in 5 seconds) by one author. 2 queries."""
    now_ms = clock.wall // 1000
    for allowed, window_ms in ((settings.POSTS_PER_MINUTE, MINUTE_MS), (settings.POSTS_PER_BURST, BURST_MS)):
        posted = _posted_since(author_key, now_ms - window_ms)
        if posted.count() >= allowed:
            free_at_ms = sorted(_posted_at_ms(comment) for comment in posted)[-allowed] + window_ms
            wait = max(1, -(-(free_at_ms - now_ms) // 1000))
            raise Refused(429, "rate_limited", f"You are posting too fast. Wait {wait} s and try again.", wait)


def _posted_since(author_key: str, since_ms: int) -> CommentQuerySet:
    posted = Q(timestamp__gt=since_ms) | Q(timestamp=None)
    return Comment.objects.by_author(author_key).filter(posted, version__gt=since_ms * 1000)


def _posted_at_ms(comment: Comment) -> int:
    return comment.timestamp or comment.version // 1000  # a held comment has no timestamp yet
