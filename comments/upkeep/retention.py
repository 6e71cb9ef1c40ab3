"""What has been kept long enough: after RETENTION_DAYS comments go, with what is left of those that were removed;
after HIDDEN_DAYS the words of hidden ones go.

A comment that was changed since stays: its readers may still have to learn of that. What goes leaves no tombstone, so
that none has to be kept for ever, and cursors from before are refused.
"""

from collections.abc import Callable

from django.conf import settings
from django.db.models import Q

from comments.stream.clock import DAY_US
from comments.stream.comment import Comment
from comments.stream.queryset import CommentQuerySet, State
from comments.stream.record import Act

RETENTION = "retention"  # who it was, in the record


def outlived(now: int) -> CommentQuerySet:
    """The comments that are to go, whatever their state, at a moment in µs since 1970."""
    return unchanged_for(settings.RETENTION_DAYS, now)


def hidden_for_long(now: int) -> CommentQuerySet:
    """The hidden ones whose words are to go."""
    return unchanged_for(settings.HIDDEN_DAYS, now).filter(state=State.HIDDEN)


def prune(now: int, tell: Callable[[int], object] = lambda count: None) -> tuple[int, int]:
    """Let go of both, in short transactions, and tell how many after each; how many comments and how many words."""
    gone = 0
    for count in outlived(now).prune():
        gone += count
        tell(count)
    erased = len(hidden_for_long(now).erase(Act(RETENTION)))
    tell(erased)
    return gone, erased


def unchanged_for(days: int, now: int) -> CommentQuerySet:
    if not days:
        return Comment.objects.none()
    before = now - days * DAY_US
    # What was imported has a version that tells no time.
    return Comment.objects.filter(Q(timestamp=None) | Q(timestamp__lt=before // 1000), version__lt=before)
