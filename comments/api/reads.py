"""The three reads that everybody makes: the list, the poll and the change feed.

Each is made from the tail if the tail holds what was asked for, and from the table if it does not. Bots see more of
a comment, and learn of each other's notes.
"""

from collections.abc import Iterable

from comments.reading import table
from comments.reading.readers import readers
from comments.reading.table import Page
from comments.reading.tail import Snapshot
from comments.reading.views import chosen
from comments.stream.clock import StreamClock
from comments.wire import entry
from comments.wire.entry import Entry
from comments.wire.params import ChangesParams, ListParams

from .build import build
from .questions import HotParams
from .representation import PRIVATE, SHARED, Representation

LIST_LIMIT = 50
POLL_LIMIT = 200


def from_tail(params: HotParams, snapshot: Snapshot, for_bots: bool = False) -> Representation | None:
    """What the tail answers, made once for all who ask the same; None if the table has to be asked."""
    if isinstance(params, ChangesParams):
        return changes_from_tail(params, params.after, snapshot, for_bots)
    question = (params, for_bots)
    return snapshot.representations.made_once(question, lambda: _list_or_poll(params, snapshot, for_bots))


def changes_from_tail(
    params: ChangesParams, after: int, snapshot: Snapshot, for_bots: bool = False
) -> Representation | None:
    """The same for the change feed, at another cursor than that of `params`."""
    question = (after, params.limit, params.domain, params.type, for_bots, params.wait > 0, readers.count())
    return snapshot.representations.made_once(question, lambda: _changes(params, after, snapshot, for_bots))


def from_table(params: HotParams, for_bots: bool = False) -> Representation:
    """The answer that needs no tail. Raises Refused with status 410 or 422 for a cursor that is not of this stream."""
    if isinstance(params, ChangesParams):
        return changes_from_table(params, params.after, for_bots)
    if params.after is None:
        page = _page(params, limit_of(params, LIST_LIMIT))
        comments = params.arranged(_seen(map(Entry.of, page.comments), for_bots))
        has_newer = page.has_newer if params.is_window else None
        body = entry.comment_list(comments, page.clock, page.has_more, params.uss, has_newer)
        return Representation(body)
    limit = limit_of(params, POLL_LIMIT)
    matching, containing = chosen(params.as_view, params.as_q(), params.search)
    comments = table.after(params.after, limit, matching, params.before, params.offset, containing)
    return Representation(entry.poll(params.arranged(_seen(map(Entry.of, comments), for_bots))))


def _page(params: ListParams, limit: int) -> Page:
    if params.around:
        return table.around(params.around, limit, params.as_q())
    if params.at is not None:
        return table.at(params.at, limit, params.as_q())
    matching, containing = chosen(params.as_view, params.as_q(), params.search)
    return table.newest(limit, params.before, params.offset, matching, containing)


def changes_from_table(params: ChangesParams, after: int, for_bots: bool = False) -> Representation:
    domains = params.domains if params.is_of_domain else ()
    found = table.changes(after, params.limit, domains, for_bots=for_bots)
    comments = _seen(map(Entry.of, found.comments), for_bots)
    return _change_list(params, after, found.cursor, comments, found.has_more, found.clock)


def limit_of(params: ListParams, usual: int) -> int:
    return usual if params.limit is None else params.limit


def cache_control(params: HotParams) -> str:
    """Who asks past every cache, or waits for news, shares the answer with nobody."""
    is_private = params.wait if isinstance(params, ChangesParams) else params.fresh
    return PRIVATE if is_private else SHARED


def _list_or_poll(params: ListParams, snapshot: Snapshot, for_bots: bool) -> Representation | None:
    if params.needs_table:
        return None
    if params.after is None:
        return _list(params, snapshot, for_bots)
    return _poll(params, params.after, snapshot, for_bots)


def _list(params: ListParams, snapshot: Snapshot, for_bots: bool) -> Representation | None:
    limit = limit_of(params, LIST_LIMIT)
    comments = _passing(snapshot.comments, params)
    if len(comments) <= limit and not snapshot.is_whole:
        return None
    newest = comments[len(comments) - limit :] if len(comments) > limit else comments
    newest = params.arranged(_seen(newest, for_bots))
    return Representation(entry.comment_list(newest, snapshot.clock, len(comments) > limit))


def _poll(params: ListParams, after: int, snapshot: Snapshot, for_bots: bool) -> Representation | None:
    comments = snapshot.comments_after(after)
    if comments is None or table.is_ahead(after, snapshot.clock):
        return None
    oldest = _passing(comments, params)[: limit_of(params, POLL_LIMIT)]
    return Representation(entry.poll(params.arranged(_seen(oldest, for_bots))))


def _changes(params: ChangesParams, after: int, snapshot: Snapshot, for_bots: bool) -> Representation | None:
    found = snapshot.changes_after(after, for_bots)
    if found is None or after > snapshot.clock.version or not snapshot.clock.serves(after):
        return None
    if params.is_of_domain:  # before the limit, as the table does: a quiet room is no longer than what is said in it
        found = [entry for entry in found if entry.domain in params.domains]
    has_more = len(found) > params.limit
    found = _seen(found[: params.limit], for_bots)
    cursor = found[-1].version if has_more else snapshot.clock.version
    return _change_list(params, after, cursor, found, has_more, snapshot.clock)


def _change_list(
    params: ChangesParams, after: int, cursor: int, found: list[Entry], has_more: bool, clock: StreamClock
) -> Representation:
    """With the announcement if it has changed between the two cursors: each reader is told once."""
    passing = _passing(found, params)
    announced = announced_between(clock, after, cursor)
    is_news = bool(passing or announced)
    is_idle_poll = not (is_news or has_more or params.wait)  # which is to be as small as can be
    more = b"" if is_idle_poll else announced + told_aside()
    return Representation(entry.change_list(after, cursor, passing, has_more, more), cursor, has_more, is_news)


def announced_between(clock: StreamClock, after: int, cursor: int) -> bytes:
    return b',"announcement":%s' % entry.announcement(clock) if after < clock.announced <= cursor else b""


def told_aside() -> bytes:
    """How many readers there are, and which version of the page serves."""
    told = b',"readers":%d' % readers.count()
    return told + b',"build":"%s"' % build().encode() if build() else told


def _seen(entries: Iterable[Entry], for_bots: bool) -> list[Entry]:
    return [entry.for_bots if for_bots else entry for entry in entries]


def _passing(entries: list[Entry], params: HotParams) -> list[Entry]:
    return [entry for entry in entries if params.lets_through(entry)] if params.is_filtered else entries
