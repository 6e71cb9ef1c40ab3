"""Views: what is shown of the stream, in the language of docs/views.md. The twin of static/js/state/grammar.js, tested
by one table. What is broken in an address is left out, and told."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from django.db.models import Q

from comments.errors import Refused, invalid
from comments.folding import folded
from comments.text import color
from comments.text.cleaning import refuse_unstorable, username_key

from .users import ESCAPED, KEPT, MAX_NAME, MAX_USERS, MEANT, SEPARATOR

MAX_WORD = 100
MAX_PARTS = 100
LISTS = {"u": "users", "-u": "not_users", "word": "words", "-word": "not_words"}
SINGLE = {"search": "search", "mt": "type", "from": "since", "to": "until", "filteractive": "is_on"}
TYPES = {"human": "human", "ai": "AI", "all": ""}
MILLISECONDS = re.compile(r"[0-9]{1,15}")
MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)Z?)?")
UNREADABLE = "\ufffd"
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class User:
    name: str
    color: str = ""  # nine digits; empty: any

    @property
    def key(self) -> tuple[str, str]:
        return username_key(self.name), self.color

    def as_q(self) -> Q:
        key, nine_digits = self.key
        return Q(username_key=key, color=nine_digits) if nine_digits else Q(username_key=key)


@dataclass
class View:
    """`since` and `until` are ms since 1970, both included. `is_on`: whether what is asked for is applied, but for the
    search and the type, which always are. `others` mean nothing here; `broken` was left out."""

    users: list[User] = field(default_factory=list)
    not_users: list[User] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    not_words: list[str] = field(default_factory=list)
    search: str = ""
    type: str = ""
    since: int | None = None
    until: int | None = None
    is_on: bool = True
    others: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def has_filters(self) -> bool:
        has_times = self.since is not None or self.until is not None
        return has_times or any(getattr(self, name) for name in LISTS.values())

    @property
    def is_everything(self) -> bool:
        return not (self.search or self.type or (self.is_on and self.has_filters))

    def as_q(self) -> Q:
        """All but the words and the search, which are no conditions on rows: see `reading.search`."""
        q = Q(message_type=self.type) if self.type else Q()
        return q & self._times() & self._people() if self.is_on else q

    def _times(self) -> Q:
        since = Q() if self.since is None else Q(timestamp__gte=self.since)
        return since if self.until is None else since & Q(timestamp__lte=self.until)

    def _people(self) -> Q:
        q = _any(self.users)
        return q & ~_any(self.not_users) if self.not_users else q

    @property
    def terms(self) -> tuple[list[str], list[str]]:
        """The words of which a text must have one, and those of which it may have none."""
        return (self.words, self.not_words) if self.is_on else ([], [])

    def written(self) -> str:
        """Its address, without what is broken."""
        lists = [(key, getattr(self, name)) for key, name in LISTS.items()]
        parts = [f"{key}={'+'.join(map(_written_item, items))}" for key, items in lists if items]
        single = {"search": _encoded(self.search), "mt": self.type, "from": self.since, "to": self.until}
        parts += [f"{key}={value}" for key, value in single.items() if value not in ("", None)]
        if self.has_filters:
            parts.append(f"filteractive={'true' if self.is_on else 'false'}")
        return "&".join([*parts, *self.others])


def parsed(address: str) -> View:
    """The view that an address asks for. Never raises."""
    view = View()
    parts = [part for part in address.split("&") if part]
    for part in parts[:MAX_PARTS]:
        _take(view, part)
    if len(parts) > MAX_PARTS:
        view.broken.append(f"{parts[MAX_PARTS]}…")
    return view


@lru_cache(256)
def asked(address: str) -> View:
    """The same for a program. Raises Refused (422) if anything in it is broken or unknown."""
    view = parsed(address)
    if view.broken or view.others:
        raise invalid("view", f"The view has a part that cannot be read: {[*view.broken, *view.others][0][:80]}")
    return view


def _take(view: View, part: str) -> None:
    key, _, value = part.partition("=")
    if unquote(key) in LISTS:
        _take_list(view, unquote(key), value)
    elif unquote(key) in SINGLE:
        _take_single(view, unquote(key), value)
    else:
        view.others.append(part)


def _take_list(view: View, key: str, value: str) -> None:
    items = getattr(view, LISTS[key])
    read: Callable[[str], Any] = _user if key.endswith("u") else _word
    for piece in SEPARATOR.split(ESCAPED.sub(lambda escaped: KEPT[unquote(escaped[1])], value)):
        item = read(unquote(piece))
        if piece and (item is None or len(items) >= MAX_USERS):
            view.broken.append(f"{key}={unquote(piece).translate(MEANT)}")
        elif item is not None and _key_of(item) not in map(_key_of, items):
            items.append(item)


def _take_single(view: View, key: str, value: str) -> None:
    """As of a form, `+` is a space."""
    text = unquote(value.replace("+", " ")).strip()
    found = READERS[key](text) if text else None
    if found is not None:
        setattr(view, SINGLE[key], found)
    elif text:
        view.broken.append(f"{key}={text}")


def _user(text: str) -> User | None:
    name, _, shade = (part.translate(MEANT) for part in text.partition(":"))
    nine_digits = color.canonical(shade) if shade else ""
    return User(name, nine_digits) if _is_fit(name, MAX_NAME) and nine_digits is not None else None


def _key_of(item: User | str) -> tuple[str, str] | str:
    return item.key if isinstance(item, User) else folded(item)


def _word(text: str) -> str | None:
    meant = text.translate(MEANT)
    return meant if _is_fit(meant, MAX_WORD) else None


def _moment(text: str, rest: timedelta) -> int | None:
    """In ms since 1970, or a date, or a time of it, in UTC; `rest` of the day belongs to a date."""
    if MILLISECONDS.fullmatch(text):
        return int(text)
    if not (match := MOMENT.fullmatch(text)):
        return None
    day, time = match.groups()
    try:
        at = datetime.fromisoformat(f"{day}T{time or '00:00'}+00:00") + (timedelta() if time else rest)
    except ValueError:
        return None
    return (at - EPOCH) // timedelta(milliseconds=1) if at >= EPOCH else None


READERS: dict[str, Callable[[str], Any]] = {
    "search": _word,
    "mt": lambda text: TYPES.get(text.lower()),
    "from": lambda text: _moment(text, timedelta()),
    "to": lambda text: _moment(text, DAY - timedelta(milliseconds=1)),
    "filteractive": lambda text: {"true": True, "false": False}.get(text),
}


def _is_fit(text: str, most: int) -> bool:
    try:
        refuse_unstorable("view", text)
    except Refused:
        return False
    return bool(text.strip()) and len(text) <= most and UNREADABLE not in text


def _any(users: list[User]) -> Q:
    q = Q()
    for user in users:
        q |= user.as_q()
    return q


def _written_item(item: User | str) -> str:
    text = item.name if isinstance(item, User) else item
    shade = f":{item.color}" if isinstance(item, User) and item.color else ""
    return _encoded(re.sub(r"[\\+:]", r"\\\g<0>", text)) + shade


def _encoded(text: str) -> str:
    """As the script does it."""
    return quote(text, safe="!'()*")
