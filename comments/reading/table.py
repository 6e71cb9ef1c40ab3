"""The read door: the only way out, for the page, the API and bots alike.

Every function reads what is committed now, so its answer contains each write that was acknowledged before the call.
What needs the clock and rows reads them in one moment: see `clock.one_moment`.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import cast

from django.db.models import Q, QuerySet

from comments.errors import NO_COMMENT, Refused
from comments.stream.clock import StreamClock
from comments.stream.comment import Comment
from comments.stream.queryset import State
from comments.text.cleaning import ID

from . import search
from .bounds import bounded_moment

NO_FILTER = Q()
CLOCK_SKEW_US = 60_000_000
# Pages of the first version made the cursor from their own clock, which may be wrong by hours.
POLL_SKEW_MS = 24 * 3_600_000


@dataclass(frozen=True)
class Page:
    """A window over the stream, oldest first, and the clock of its moment."""

    comments: list[Comment]
    has_more: bool  # there are older ones that match
    clock: StreamClock
    has_newer: bool = False  # there are newer ones that match

    @property
    def total(self) -> int:
        """Visible comments in the whole stream."""
        return self.clock.visible_total

    @property
    def cursor(self) -> int:
        """Where its changes go on, without gap or overlap."""
        return self.clock.version


@dataclass(frozen=True)
class Changes:
    """What changed after a cursor, oldest change first; a comment that is not visible any more among it."""

    after: int
    cursor: int
    comments: list[Comment]
    has_more: bool
    clock: StreamClock


def newest(
    limit: int,
    before: int | None = None,
    offset: int = 0,
    matching: Q = NO_FILTER,
    containing: Sequence[str] = (),
) -> Page:
    """The newest comments (of those before a timestamp), after skipping `offset` of them. One moment, 2 queries, or
    with terms of which their text has to contain one, those of the search.

    This and whatever else is read here raises Refused (503) if it takes longer than `bounds.MAX_SECONDS`."""
    rows = Comment.objects.visible().filter(matching)
    if before is not None:
        rows = rows.before(before)
    most = offset + limit + 1
    with bounded_moment() as clock:
        found = search.in_text(rows, containing, most)[offset:] if containing else list(rows.newest(most)[offset:])
    return Page(found[:limit][::-1], len(found) > limit, clock)


def around(id: str, limit: int, matching: Q = NO_FILTER) -> Page:
    """A visible comment and its neighbours, see `at`; or Refused (404). One moment, 4 queries."""
    with bounded_moment() as clock:
        comment = _one(Comment.objects.visible().filter(matching), id)
        return _window(cast(int, comment.timestamp), limit, matching, clock)  # whatever is visible has one


def at(timestamp: int, limit: int, matching: Q = NO_FILTER) -> Page:
    """`limit` comments, half of them up to a timestamp and half of them after it, or more of those where there are
    fewer of these. One moment, 3 queries."""
    with bounded_moment() as clock:
        return _window(timestamp, limit, matching, clock)


def _window(timestamp: int, limit: int, matching: Q, clock: StreamClock) -> Page:
    rows = Comment.objects.visible().filter(matching)
    older = list(rows.before(timestamp + 1).newest(limit + 1))
    newer = list(rows.after(timestamp).oldest(limit + 1))
    above = min(len(newer), max(limit // 2, limit - len(older)))
    below = min(len(older), limit - above)
    found = older[:below][::-1] + newer[:above]
    return Page(found, len(older) > below, clock, len(newer) > above)


def after(
    timestamp: int,
    limit: int,
    matching: Q = NO_FILTER,
    before: int | None = None,
    offset: int = 0,
    containing: Sequence[str] = (),
) -> list[Comment]:
    """The poll of the first version: the oldest `limit` visible comments that are newer, oldest first. One moment.

    Raises Refused (422) for a timestamp that lies far in the future: it would wait for ever, and say nothing."""
    rows = Comment.objects.visible().filter(matching).after(timestamp)
    if before is not None:
        rows = rows.before(before)
    most = offset + limit
    with bounded_moment() as clock:
        if is_ahead(timestamp, clock):
            raise Refused(422, "cursor_ahead", "This timestamp lies in the future: it is in milliseconds since 1970.")
        if containing:
            return search.in_text(rows, containing, most, oldest_first=True)[offset:]
        return list(rows.oldest(most)[offset:])


def is_ahead(timestamp: int, clock: StreamClock) -> bool:
    """Whether no comment can have a timestamp like this: microseconds, for example. The clock of the stream may be
    ahead of the wall's, which was set back."""
    return timestamp > max(clock.timestamp, time.time_ns() // 1_000_000) + POLL_SKEW_MS


def changes(
    cursor: int, limit: int, domains: Collection[str] = (), private: bool = False, for_bots: bool = False
) -> Changes:
    """The next `limit` changes after the cursor, of all domains or of these; bots' notes among them only for bots, and
    those of comments that never were in the stream only in private, for moderators. One moment, 2 queries, or one more
    for each domain: for everybody the order of each stands in an index, that of several does not."""
    version = "bots_version" if for_bots else "version"
    with bounded_moment() as clock:
        rooms = [Comment.objects.filter(domain=domain) for domain in domains] or [Comment.objects.all()]
        found = chain.from_iterable(room.changed_after(cursor, for_bots)[: limit + 1] for room in rooms)
        rows = sorted(found, key=attrgetter(version))[: limit + 1]
    _refuse_foreign_cursor(cursor, clock)
    has_more = len(rows) > limit
    rows = rows[:limit]
    # A reader of an idle stream moves to the clock: all up-to-date readers then ask for the very same URL.
    reached = getattr(rows[-1], version) if has_more else max(cursor, clock.version)
    told = [comment for comment in rows if private or comment.was_seen]
    return Changes(cursor, reached, told, has_more, clock)


def one(id: str) -> Comment:
    """The visible comment with this id, or Refused (404). 1 query."""
    return _one(Comment.objects.visible(), id)


def some(ids: Collection[str]) -> list[Comment]:
    """Those of them that are visible, in no order. 1 query."""
    return list(Comment.objects.visible().filter(pk__in=ids))


def was_removed(id: str) -> bool:
    """Whether a comment with this id was in the stream once, and is not any more. 1 query."""
    rows = Comment.objects.filter(pk=id, timestamp__isnull=False)
    return bool(ID.fullmatch(id)) and rows.exclude(state=State.VISIBLE).exists()


def _one(rows: QuerySet[Comment], id: str) -> Comment:
    if ID.fullmatch(id) and (comment := rows.filter(pk=id).first()):
        return comment
    raise NO_COMMENT


def _refuse_foreign_cursor(cursor: int, clock: StreamClock) -> None:
    """A cursor that this stream has never given out, or too long ago, would wait for ever or miss tombstones."""
    if clock.is_lost(cursor):
        raise Refused(410, "stream_restored", "The stream was restored from an earlier moment: load the list afresh.")
    if clock.is_too_old(cursor):
        raise Refused(410, "cursor_too_old", "What was removed since this cursor is forgotten: load the list afresh.")
    # The wall clock may have been set back, and then the clock of the stream is ahead of it.
    if cursor > max(clock.version, time.time_ns() // 1000 + CLOCK_SKEW_US):
        raise Refused(422, "cursor_ahead", "This cursor lies in the future: it is not from this stream.")
