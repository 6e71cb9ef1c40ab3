"""What the desk shows: the stream as it runs, or what a moderator looks for in it."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Self
from urllib.parse import urlencode

from django.db.models import F
from django.http import QueryDict

from comments.reading import search
from comments.reading.alike import alike_to
from comments.stream.clock import one_moment
from comments.stream.comment import Comment
from comments.stream.queryset import CommentQuerySet, State
from comments.text.cleaning import ID
from comments.wire.params import MAX_INTEGER, whole_number
from comments.writing import reports

from . import rows

PAGE = 50
WAITING = 10  # of those that are held, shown at once
MOST = 20_000  # found by a search


@dataclass(frozen=True)
class Filters:
    """What is looked for, as it stands in an address and in a form; empty is everything."""

    state: str = ""
    q: str = ""
    author: str = ""  # the id of a comment whose author is meant
    alike: str = ""  # the id of a comment whose words are meant
    domain: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        """Whatever makes no sense is left out."""
        given = {name: query.get(name, "").strip()[:100].replace("\0", "") for name in cls.__dataclass_fields__}
        if given["state"] not in State.values:
            given["state"] = ""
        for name in ("author", "alike"):
            if not ID.fullmatch(given[name]):
                given[name] = ""
        return cls(**given)

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    @property
    def is_about_words(self) -> bool:
        """They take long to find, and never change."""
        return bool(self.q or self.alike)

    @property
    def fields(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def as_query(self) -> str:
        return urlencode(self.fields)

    def comments(self, within: CommentQuerySet | None = None) -> CommentQuerySet:
        """All that match, in whatever order."""
        found = Comment.objects.all() if within is None else within
        if self.state:
            found = found.filter(state=self.state)
        if self.domain:
            found = found.filter(domain=self.domain)
        if self.author:
            found = found.filter(author_key__in=author_of(self.author))
        if self.alike:
            found = found.filter(pk__in=alike_to(self.alike))
        return found.filter(pk__in=search.anywhere(found, self.q, MOST)) if self.q else found


@dataclass(frozen=True)
class Listing:
    """A page of what is shown, of one moment. `cursor` is where its changes go on."""

    rows: list[Comment]
    older: int | None  # `before` of the next page
    cursor: int


@dataclass(frozen=True)
class Waiting:
    """What is held, then what is reported, each oldest first; and how many there are of both."""

    rows: list[Comment]
    count: int
    reported: int


def listed(filters: Filters, before: int | None) -> Listing:
    """In the order of the stream, newest first; what never was in it by its last change, after all others."""
    with one_moment() as clock:
        found = list(_page(filters.comments(), before, never_seen=filters.state in (State.HELD, State.HIDDEN)))
    shown = found[:PAGE]
    older = place(shown[-1]) if len(found) > PAGE else None
    return Listing(rows.rows(shown), older, clock.version)


def waiting() -> Waiting:
    with one_moment():
        held = Comment.objects.filter(state=State.HELD)
        first = list(held.order_by("version")[:WAITING])
        reported = list(reports.reported())
        visible, count = Comment.objects.visible().in_bulk(reported), held.count()
    waits = [*first, *(visible[id] for id in reported if id in visible)][:WAITING]
    reasons = reports.reasons_of([comment.pk for comment in waits])
    told = [rows.reported_row(comment, reasons.get(comment.pk, Counter())) for comment in waits]
    return Waiting(told, count, len(visible))


def author_of(id: str) -> list[str]:
    """The author key of a comment, if it is there and has one."""
    return list(Comment.objects.filter(pk=id).exclude(author_key="").values_list("author_key", flat=True))


def place(comment: Comment) -> int:
    """Where it stands in a list: its timestamp, or below all of them. 0 is the newest that never was in the stream."""
    return comment.timestamp if comment.timestamp is not None else -comment.version


def place_before(query: QueryDict) -> int | None:
    written = query.get("before", "")
    try:
        number = whole_number(written.removeprefix("-")) if written else None
    except ValueError:
        return None
    if number is None or number > MAX_INTEGER:
        return None
    return -number if written.startswith("-") else number


def _page(found: CommentQuerySet, before: int | None, never_seen: bool) -> list[Comment]:
    seen = found.filter(timestamp__isnull=False)
    unseen = found.filter(timestamp__isnull=True)
    if before is not None and before < 0:
        return list(unseen.filter(version__lt=-before).order_by("-version")[: PAGE + 1])
    page = list((seen if before is None else seen.before(before)).newest(PAGE + 1))
    if never_seen and len(page) <= PAGE:
        page += unseen.order_by(F("version").desc())[: PAGE + 1 - len(page)]
    return page
