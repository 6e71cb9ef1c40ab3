"""A stream whose clock is ahead of the wall's, as it is after that was wrong for a minute and is right again: ticks go
on from where they had come, so new comments carry a time that is not yet, until it has come.

That can be turned back. Whatever has such a time gets one that is not after now, in the same order. The cursors that
were given out meanwhile are lost (`StreamClock.lost`), so whoever has one loads afresh.
"""

from collections.abc import Iterator

from django.db import models
from django.db.models import Max

from . import words
from .clock import StreamClock
from .comment import Comment
from .queryset import BATCH, State
from .record import Record

# Whatever keeps ticks: a model and its field.
holders: list[tuple[type[models.Model], str]] = [(Comment, "version"), (Comment, "bots_version"), (Record, "at")]
# Whatever keeps a cursor of somebody who is told by us: it goes on after what it was told last.
cursors: list[tuple[type[models.Model], str]] = []


def turn_back(clock: StreamClock) -> None:
    """Inside of `writing()`, which takes about a second for each 3,000 changes."""
    if clock.timestamp * 1000 > clock.wall:
        _turn_timestamps_back(clock)
    if clock.version > clock.wall:
        _turn_versions_back(clock)


def _turn_versions_back(clock: StreamClock) -> None:
    was, first, ticks = clock.version, _first_ahead(clock), sorted(_ticks_ahead(clock))
    clock.version = clock.wall
    versions = {tick: clock.next_version() for tick in ticks}
    for model, name in holders:
        for old in _ahead(model, name, clock.wall):
            _put(model, name, old, versions[old])
    _turn_cursors_back(versions, clock.wall)
    clock.announced = versions.get(clock.announced, clock.announced)
    clock.lost = [*clock.lost, [max(first, clock.version + 1), was]]


def _turn_cursors_back(versions: dict[int, int], now: int) -> None:
    for model, name in cursors:
        for old in _ahead(model, name, now):
            told = [new for tick, new in versions.items() if tick <= old]
            _put(model, name, old, max(told, default=now))


def _first_ahead(clock: StreamClock) -> int:
    """No cursor that was given out by the clock that was ahead is below this."""
    posted = Comment.objects.filter(wall__gt=clock.wall).order_by("wall").values_list("wall", flat=True)
    return min([clock.version, *_ticks_ahead(clock), *posted[:1]])


def _ticks_ahead(clock: StreamClock) -> set[int]:
    """That of the announcement stands in the record, too."""
    return {tick for model, name in holders for tick in _ahead(model, name, clock.wall)}


def _ahead(model: type[models.Model], name: str, now: int) -> list[int]:
    """Lowest first: each of them is unique, and gets one that is not higher."""
    rows = model._default_manager.filter(**{f"{name}__gt": now})
    return list(rows.order_by(name).values_list(name, flat=True))


def _turn_timestamps_back(clock: StreamClock) -> None:
    """A comment that was posted when the clock was right again gets the time at which it was."""
    now = clock.wall // 1000
    ahead = _ahead(Comment, "timestamp", now)
    clock.timestamp = Comment.objects.filter(timestamp__lte=now).aggregate(last=Max("timestamp"))["last"] or 0
    for start in range(0, len(ahead), BATCH):
        comments = list(Comment.objects.filter(timestamp__in=ahead[start : start + BATCH]).order_by("timestamp"))
        olds = [comment.timestamp for comment in comments]
        timestamps = dict(_times_of(comments, clock))
        words.move((comment for comment in comments if comment.state != State.ERASED), timestamps)
        for old, comment in zip(olds, comments, strict=True):
            _put(Comment, "timestamp", old, timestamps[comment.pk])


def _times_of(comments: list[Comment], clock: StreamClock) -> Iterator[tuple[str, int]]:
    for comment in comments:
        posted = comment.wall if comment.wall <= clock.wall else 0
        clock.timestamp = max(clock.timestamp + 1, posted // 1000)
        yield comment.pk, clock.timestamp


def _put(model: type[models.Model], name: str, old: int, new: int) -> None:
    models.QuerySet.update(model._default_manager.filter(**{name: old}), **{name: new})
