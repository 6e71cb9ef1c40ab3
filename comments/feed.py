"""The bodies of the three reads that everybody asks for: the list, the poll and the change feed.

Each is made from the tail if the tail holds what was asked for, and from the table if it does not. Bots see more of a
comment than the tail holds, so they read the table.
"""

from collections.abc import Iterable

from . import reading, wire
from .comment import Comment
from .params import ChangesParams, ListParams
from .replies import PRIVATE, SHARED, Answer
from .tail import Snapshot
from .wire import Entry

LIST_LIMIT = 50
POLL_LIMIT = 200

HotParams = ListParams | ChangesParams


def answer(params: HotParams, snapshot: Snapshot) -> Answer | None:
    """What the tail answers, made once for all who ask the same; None if the table has to be asked."""

    def made() -> Answer | None:
        body = from_tail(params, snapshot)
        return None if body is None else Answer(body)

    return snapshot.kept(params, made)


def cache_control(params: HotParams) -> str:
    """Who asks past every cache, or waits for news, shares the answer with nobody."""
    is_private = params.wait if isinstance(params, ChangesParams) else params.fresh
    return PRIVATE if is_private else SHARED


def is_up_to_date(params: ChangesParams, snapshot: Snapshot) -> bool:
    """Whether there is nothing for this reader yet, so that it may wait."""
    if params.after > snapshot.clock.version:
        return False
    changes = snapshot.changes_after(params.after)
    return changes is not None and not _passing(changes, params)


def from_tail(params: HotParams, snapshot: Snapshot) -> bytes | None:
    """The body, or None if the table has to be asked."""
    if isinstance(params, ChangesParams):
        return _changes_from_tail(params, snapshot)
    if params.search or params.uss or params.before is not None or params.offset:
        return None
    return _list_from_tail(params, snapshot) if params.after is None else _poll_from_tail(params, snapshot)


def from_table(params: HotParams, for_bots: bool = False) -> bytes:
    """The body. Raises Refused with status 410 or 422 for a cursor that is not of this stream."""
    if isinstance(params, ChangesParams):
        changes = reading.changes(params.after, params.limit)
        passing = _passing(_entries(changes.comments, for_bots), params)
        return wire.change_list(changes.after, changes.cursor, passing, changes.has_more)
    if params.after is None:
        page = reading.newest(params.limit or LIST_LIMIT, params.before, params.offset, params.as_q())
        comments = params.arranged(_entries(page.comments, for_bots))
        return wire.comment_list(comments, page.total, page.has_more, page.cursor)
    comments = reading.after(params.after, params.limit or POLL_LIMIT, params.as_q(), params.before, params.offset)
    return wire.poll(params.arranged(_entries(comments, for_bots)))


def _list_from_tail(params: ListParams, snapshot: Snapshot) -> bytes | None:
    limit = params.limit or LIST_LIMIT
    comments = _passing(snapshot.comments, params) if params.is_filtered else snapshot.comments
    if len(comments) <= limit and not snapshot.is_whole:
        return None
    newest = params.arranged(comments[-limit:])
    clock = snapshot.clock
    return wire.comment_list(newest, clock.visible_total, len(comments) > limit, clock.version)


def _poll_from_tail(params: ListParams, snapshot: Snapshot) -> bytes | None:
    comments = snapshot.comments_after(params.after)
    if comments is None:
        return None
    return wire.poll(params.arranged(_passing(comments, params)[: params.limit or POLL_LIMIT]))


def _changes_from_tail(params: ChangesParams, snapshot: Snapshot) -> bytes | None:
    changes = snapshot.changes_after(params.after)
    if changes is None or params.after > snapshot.clock.version or 0 < params.after < snapshot.clock.floor:
        return None
    has_more = len(changes) > params.limit
    changes = changes[: params.limit]
    cursor = changes[-1].version if has_more else snapshot.clock.version
    return wire.change_list(params.after, cursor, _passing(changes, params), has_more)


def _entries(comments: Iterable[Comment], for_bots: bool) -> list[Entry]:
    return [Entry.of(comment, for_bots) for comment in comments]


def _passing(entries: list[Entry], params: HotParams) -> list[Entry]:
    return [entry for entry in entries if params.lets_through(entry)] if params.is_filtered else entries
