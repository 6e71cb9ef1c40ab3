"""The door for imported history: comments that were written elsewhere, kept as they were.

History is no news. Its versions lie below every live cursor (see `StreamClock.HISTORY_END`), so open pages are not
flooded with it, while a bot that starts at cursor 0 reads it first. It passes the same lock as a post.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.conf import settings

from comments.errors import Refused
from comments.stream.clock import StreamClock, writing
from comments.stream.comment import Comment
from comments.stream.queryset import State
from comments.text import cleaning

MAX_TEXT = 100_000  # code points; old limits were other than those for visitors
MAX_USERNAME = 255
MAX_USERNAME_KEY = 512
# In milliseconds that is January 1970, in seconds 1973 to 5138: whoever wrote such times meant seconds.
SECONDS = range(10**8, 10**11)
MAX_JSON_BYTES = 1024 * 1024
MAX_JSON_DEPTH = 100
MAX_TIMESTAMP = 2**53 - 1
CHUNK = 1000

Line = dict[str, Any]


@dataclass
class Stored:
    """What became of the lines of a file, by their numbers."""

    added: int = 0
    known: int = 0  # were in the table already
    in_seconds: int = 0  # have a time that was probably meant in seconds
    refused: list[tuple[int, str]] = field(default_factory=list)  # with the reason


# A line of a file becomes a comment


class LineReader:
    """Makes comments of the lines of one file. A line without an id gets one that is derived from its content, the
    same in every run; equal lines are counted, so that each has its own. Memory: some 100 bytes for each such line."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def comment(self, line: Any) -> Comment:
        """A comment without a version. Raises Refused with the reason why the line cannot go in."""
        if not isinstance(line, dict):
            raise _unfit("it is not a JSON object")
        line = _normalised(line)
        try:
            comment = _comment(line)
            comment.id = cleaning.clean_id(_string(line, "id")) if line.get("id") else self._derived_id(line)
        except RecursionError as error:
            raise _unfit("it is nested too deeply") from error
        return comment

    def _derived_id(self, line: Line) -> str:
        content = json.dumps(line, sort_keys=True).encode()
        digest = sha256(content).digest()[:12]
        self._seen[digest] += 1
        return f"{line['timestamp']}-{sha256(digest + bytes([0]) * self._seen[digest]).hexdigest()[:16]}"


def _normalised(line: Line) -> Line:
    """What table tools write: null for what is absent, and whole numbers with a fraction of nothing."""
    line = {name: value for name, value in line.items() if value is not None}
    if isinstance(at := line.get("timestamp"), float) and at.is_integer():
        line["timestamp"] = int(at)
    return line


def _comment(line: Line) -> Comment:
    state = _state(line)
    erased = state == State.ERASED
    username = _string(line, "username", MAX_USERNAME, required=not erased)
    username_key = cleaning.username_key(username)
    if len(username_key) > MAX_USERNAME_KEY:
        raise _unfit("the username is too long when normalised")
    return Comment(
        text=_string(line, "text", MAX_TEXT, required=not erased),
        username=username,
        username_key=username_key,
        color=cleaning.clean_color(_string(line, "color"), username),
        domain=_string(line, "domain", 100) or settings.DOMAIN,
        language=_string(line, "language", 35) or cleaning.DEFAULT_LANGUAGE,
        message_type=cleaning.clean_message_type(_string(line, "message-type")),
        misc=_string(line, "misc", MAX_TEXT),
        staff=_boolean(line, "staff"),
        reply_to=_string(line, "replyTo", 64),
        context=_json(line, "context"),
        bot_params=_bot_params(line),
        state=state,
        timestamp=_timestamp(line, required=state == State.VISIBLE),
    )


def _string(line: Line, name: str, limit: int = MAX_TEXT, required: bool = False) -> str:
    value = line.get(name) or ""
    if not isinstance(value, str):
        raise _unfit(f"{name} is not a string")
    if required and not value.strip():
        raise _unfit(f"{name} is missing or empty")
    if len(value) > limit:
        raise _unfit(f"{name} is longer than {limit} characters")
    cleaning.refuse_unstorable(name, value)
    return value


def _boolean(line: Line, name: str) -> bool:
    if isinstance(value := line.get(name, False), bool):
        return value
    raise _unfit(f"{name} is neither true nor false")


def _bot_params(line: Line) -> dict | None:
    if isinstance(params := _json(line, "botParams"), dict | None):
        return params
    raise _unfit("botParams is not a JSON object")


def _json(line: Line, name: str) -> Any:
    _refuse_deep(name, line.get(name), MAX_JSON_DEPTH)
    return cleaning.clean_json(name, line.get(name), MAX_JSON_BYTES)


def _refuse_deep(name: str, value: Any, levels: int) -> None:
    if not isinstance(value, dict | list):
        return
    if levels == 0:
        raise _unfit(f"{name} is nested deeper than {MAX_JSON_DEPTH} levels")
    for part in value.values() if isinstance(value, dict) else value:
        _refuse_deep(name, part, levels - 1)


def _state(line: Line) -> State:
    try:
        return State(line.get("state", State.VISIBLE))
    except ValueError as error:
        raise _unfit("the state is not one of " + ", ".join(State.values)) from error


def _timestamp(line: Line, required: bool) -> int | None:
    timestamp = line.get("timestamp")
    if timestamp is None and not required:
        return None
    if type(timestamp) is not int or not 0 <= timestamp <= MAX_TIMESTAMP:
        raise _unfit("the timestamp is not a whole number of milliseconds since 1970")
    return timestamp


def _unfit(reason: str) -> Refused:
    return Refused(422, "unfit_line", reason)


# Into the table


def store(numbered: Iterable[tuple[int, Comment]]) -> Stored:
    """Store comments in one transaction; those that the table has already are left as they are there."""
    numbered = list(numbered)
    stored = Stored()
    with writing() as clock:
        there = Comment.objects.in_bulk([comment.id for _, comment in numbered])
        latest = max(clock.wall // 1000, clock.timestamp)
        timestamps = _Timestamps(clock, [comment for _, comment in numbered if (comment.timestamp or 0) <= latest])
        new = []
        for number, comment in numbered:
            if reason := _why_not(comment, there.get(comment.id), latest):
                stored.refused.append((number, reason))
            elif comment.id not in there:
                timestamps.settle(comment)
                comment.version = clock.next_history_version()
                clock.visible_total += comment.is_visible
                there[comment.id] = comment
                new.append(comment)
        if new:
            clock.next_version()  # no reader's news, but what was cached under the old version has no history
        Comment.objects.store(new)
    stored.added = len(new)
    stored.known = len(numbered) - len(new) - len(stored.refused)
    return stored


def _why_not(comment: Comment, there: Comment | None, latest: int) -> str:
    """Why a comment cannot go in; empty if it can, or is there already."""
    if comment.timestamp is not None and comment.timestamp > latest:
        return "the timestamp lies in the future"
    if there and there.state != State.ERASED and (there.text, there.username) != (comment.text, comment.username):
        return f"the id {comment.id} belongs to another comment"
    return ""


class _Timestamps:
    """Gives each comment the timestamp it asks for, or the next that is free. What comes in the order of its
    timestamps keeps that order."""

    def __init__(self, clock: StreamClock, comments: list[Comment]) -> None:
        self.clock = clock
        wanted = [comment.timestamp for comment in comments if comment.timestamp is not None]
        self.taken = self._between(min(wanted), max(wanted)) if wanted else set()
        self.end = max(wanted, default=0)

    def settle(self, comment: Comment) -> None:
        if comment.timestamp is None:
            return
        while comment.timestamp in self.taken:
            comment.timestamp += 1
            if comment.timestamp > self.end:
                self.taken |= self._between(self.end + 1, self.end + CHUNK)
                self.end += CHUNK
        self.taken.add(comment.timestamp)
        self.clock.timestamp = max(self.clock.timestamp, comment.timestamp)

    def _between(self, first: int, last: int) -> set[int]:
        rows = Comment.objects.filter(timestamp__range=(first, last))
        return set(rows.values_list("timestamp", flat=True))
