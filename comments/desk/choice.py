"""What an action is about: exactly what was shown. Either comments by their ids, or all that match a filter as they
were at a version that the page has shown: whatever is posted, hidden or restored after that never widens it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from django.db.models import Q
from django.http import QueryDict

from comments.errors import Refused
from comments.stream.clock import StreamClock, let_others_write
from comments.stream.comment import Comment
from comments.stream.queryset import BATCH, MOVES, CommentQuerySet, State
from comments.text.cleaning import ID
from comments.wire.params import whole_number
from comments.writing.bans import LENGTHS

from .listing import MOST, Filters

AT_ONCE = 100  # without asking first
SINCE = {"10m": 600, "1h": 3600, "1d": 86_400, "all": None}  # seconds
REASONS = ("spam", "abuse", "illegal", "off topic", "other")
VERBS = [*MOVES, "keep", "ban"]
SCOPES = ("one", "chosen", "author", "alike", "all")
NONSENSE = Refused(422, "unknown_action", "Nothing was done: this page is out of date. Open the desk again.")
NOTHING_CHOSEN = Refused(422, "nothing_chosen", "Nothing was done: no comment was chosen.")
NO_LENGTH = Refused(422, "no_length", "Nothing was done: choose for how long.")
TOO_MANY = Refused(422, "too_many", f"Nothing was done: at most {AT_ONCE} comments can be ticked at once.")
TOO_MANY_FOUND = Refused(
    422, "too_many_found", f"Nothing was done: the search finds {MOST} comments or more. Search for something rarer."
)


@dataclass(frozen=True)
class Choice:
    ids: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    since_ms: int = 0
    bound: int = 0  # the version up to which a filter is meant

    def comments(self) -> CommentQuerySet:
        if self.ids:
            return Comment.objects.filter(pk__in=self.ids)
        shown = Comment.objects.filter(version__lte=self.bound)
        if self.since_ms:
            posted = Q(timestamp__gte=self.since_ms) | Q(timestamp=None, version__gte=self.since_ms * 1000)
            shown = shown.filter(posted)
        found = self.filters.comments(shown)
        if self.filters.q and found.count() >= MOST:
            raise TOO_MANY_FOUND
        return found


@dataclass(frozen=True)
class Order:
    """What a form asks for. Raises Refused if it makes no sense."""

    verb: str
    scope: str
    choice: Choice
    target: str = ""  # the comment whose author is meant
    ban: str = ""
    reason: str = ""
    note: str = ""

    @classmethod
    def of(cls, form: QueryDict) -> Self:
        verb, scope, target = parts(form.get("do", ""))
        if verb not in VERBS or scope not in SCOPES or (verb == "ban" and scope != "one"):  # which is of one author
            raise NONSENSE
        ban = form.get("ban", "") if verb == "ban" or scope == "author" else ""
        reason = form.get("reason", "")
        if ban not in ("", *LENGTHS) or reason not in ("", *REASONS):
            raise NONSENSE
        if verb == "ban" and not ban:
            raise NO_LENGTH
        return cls(verb, scope, chosen(scope, target, form), target, ban, reason, form.get("note", ""))

    def comments(self) -> CommentQuerySet:
        """Those of the choice that the verb changes."""
        return self.choice.comments().filter(state__in=self.states)

    @property
    def states(self) -> list[State]:
        return [State.VISIBLE] if self.verb == "keep" else MOVES[self.verb][1]

    def parts(self) -> Iterator[CommentQuerySet]:
        """The same. What was searched for comes in parts: the verbs look again at what a filter says, and words do not
        change, so a part need not be searched for once more."""
        if not self.choice.filters.is_about_words:
            yield self.comments()
            return
        ids = list(self.comments().order_by("version").values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            if start:
                let_others_write()
            part = Comment.objects.filter(pk__in=ids[start : start + BATCH])
            yield part.filter(state__in=self.states, version__lte=self.choice.bound)

    @property
    def asks_first(self) -> bool:
        """Before it is done: whatever cannot be undone, and whatever is about many."""
        if self.verb == "ban":
            return False
        return self.verb == "erase" or self.comments()[: AT_ONCE + 1].count() > AT_ONCE


def parts(pressed: str) -> tuple[str, str, str]:
    """The value of a button: its verb, its scope, and the one that it is about, if there is one."""
    verb, _, rest = pressed.partition(":")
    scope, _, target = rest.partition(":")
    return verb, scope, target


def chosen(scope: str, target: str, form: QueryDict) -> Choice:
    if scope == "one" and target:
        return Choice(ids=(target,))
    if scope == "chosen":
        return Choice(ids=ticked(form))
    bound = bound_of(form)
    if scope in ("author", "alike") and target:
        return Choice(filters=Filters(**{scope: target}), since_ms=since(form), bound=bound)
    if scope == "all" and (filters := Filters.of(form)):
        return Choice(filters=filters, bound=bound)
    raise NONSENSE


def ticked(form: QueryDict) -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(id for id in form.getlist("chosen") if ID.fullmatch(id)))
    if len(ids) > AT_ONCE:
        raise TOO_MANY
    if not ids:
        raise NOTHING_CHOSEN
    return ids


def bound_of(form: QueryDict) -> int:
    """The version that the page has shown; never a later one than there is, or the bound would be none."""
    try:
        return min(whole_number(form.get("seen")), StreamClock.now().version)
    except ValueError as error:
        raise NONSENSE from error


def since(form: QueryDict) -> int:
    """In ms since 1970. The question that was asked first has fixed it: `since_ms`."""
    try:
        if fixed := form.get("since_ms"):
            return whole_number(fixed)
        seconds = SINCE[form.get("since", "all")]
    except (KeyError, ValueError) as error:
        raise NONSENSE from error
    return 0 if seconds is None else time.time_ns() // 1_000_000 - seconds * 1000
