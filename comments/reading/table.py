"""The read door: the only way out, for the page, the API and bots alike.

Every function reads what is committed now, so its answer contains each write that was acknowledged before the call.
What needs the clock and rows reads them in one moment: see `clock.one_moment`.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import cast

from django.db.models import Q, QuerySet

from comments.errors import Refused
from comments.stream.clock import StreamClock
from comments.stream.comment import Comment
from comments.text.cleaning import ID

from . import search
from .bounds import bounded_moment

NO_FILTER = Q()
CLOCK_SKEW_US = 60_000_000
# Pages of the first version made the cursor from their own clock, which may be wrong by hours.
POLL_SKEW_MS = 24 * 3_600_000


@dataclass(frozen=True)
class Page:
    """A window over the stream, oldest first. `cursor` is where its changes go on, without gap or overlap."""

    comments: list[Comment]
    total: int  # visible comments in the whole stream
    has_more: bool  # there are older ones that match
    cursor: int
    has_newer: bool = False  # there are newer ones that match


@dataclass(frozen=True)
class Changes:
    """What changed after a cursor, oldest change first; a comment that is not visible any more among it."""

    after: int
    cursor: int
    comments: list[Comment]
    has_more: bool


def newest(
    limit: int, before: int | None = None, offset: int = 0, matching: Q = NO_FILTER, containing: str = ""
) -> Page:
    """The newest comments (of those before a timestamp), after skipping `offset` of them. One moment, 2 queries, or
    with a term that their text has to contain, those of the search.

    This and whatever else is read here raises Refused (503) if it takes longer than `bounds.MAX_SECONDS`."""
    rows = Comment.objects.visible().filter(matching)
    if before is not None:
        rows = rows.before(before)
    most = offset + limit + 1
    with bounded_moment() as clock:
        found = search.in_text(rows, containing, most)[offset:] if containing else list(rows.newest(most)[offset:])
    return Page(found[:limit][::-1], clock.visible_total, len(found) > limit, clock.version)


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
    return Page(found, clock.visible_total, len(older) > below, clock.version, len(newer) > above)


def after(
    timestamp: int,
    limit: int,
    matching: Q = NO_FILTER,
    before: int | None = None,
    offset: int = 0,
    containing: str = "",
) -> list[Comment]:
    """The poll of the first version: the oldest `limit` visible comments that are newer, oldest first. One moment.

    Raises Refused (422) for a timestamp that lies far in the future: it would wait for ever, and say nothing."""
    if is_ahead(timestamp):
        raise Refused(422, "cursor_ahead", "This timestamp lies in the future: it is in milliseconds since 1970.")
    rows = Comment.objects.visible().filter(matching).after(timestamp)
    if before is not None:
        rows = rows.before(before)
    most = offset + limit
    with bounded_moment():
        if containing:
            return search.in_text(rows, containing, most, oldest_first=True)[offset:]
        return list(rows.oldest(most)[offset:])


def is_ahead(timestamp: int) -> bool:
    """Whether no comment can have a timestamp like this: microseconds, for example."""
    return timestamp > time.time_ns() // 1_000_000 + POLL_SKEW_MS


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
    return Changes(cursor, reached, [comment for comment in rows if private or comment.was_seen], has_more)


def one(id: str) -> Comment:
    """The visible comment with this id, or Refused (404). 1 query."""
    return _one(Comment.objects.visible(), id)


def _one(rows: QuerySet[Comment], id: str) -> Comment:
    if ID.fullmatch(id) and (comment := rows.filter(pk=id).first()):
        return comment
    raise Refused(404, "not_found", "There is no comment with this id.")


def _refuse_foreign_cursor(cursor: int, clock: StreamClock) -> None:
    """A cursor that this stream has never given out, or gave out too long ago, would wait for ever or miss tombstones.

    Zero is a reader that has seen nothing yet, so nothing can be missing.
    """
    if 0 < cursor < clock.floor:
        raise Refused(410, "cursor_too_old", "What was removed since this cursor is forgotten: load the list afresh.")
    # After a restore from a backup the clock is behind the readers, until the next write brings it to the wall clock.
    if cursor > max(clock.version, time.time_ns() // 1000 + CLOCK_SKEW_US):
        raise Refused(422, "cursor_ahead", "This cursor lies in the future: it is not from this stream.")
