"""How a comment looks at the desk. Authors have a short mark here; their keys are shown nowhere."""

from base64 import b32encode
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from django.conf import settings

from comments.stream.comment import Comment
from comments.stream.queryset import State
from comments.stream.record import Record
from comments.templatetags.stream import day, moment

REPORTED = "reported"
# The buttons of a row, by its state: the verb, its word, and how it looks.
BUTTONS = {
    State.VISIBLE: [("hide", "Hide", "plain")],
    REPORTED: [("keep", "Keep", "safe"), ("hide", "Hide", "plain")],
    State.HELD: [("release", "Show", "safe"), ("hide", "Hide", "plain")],
    State.HIDDEN: [("restore", "Restore", "safe")],
    State.ERASED: [],
}
DONE = {
    "hide": "Hidden",
    "restore": "Restored",
    "hold": "Held",
    "release": "Shown",
    "erase": "Erased",
    "keep": "Kept",
    "ban": "Banned",
    "lift": "Ban lifted",
    "speak": "Said",
    "announce": "Announced",
    "unpin": "Announcement ended",
    "rules": "Rules changed",
}


def mark(author_key: str) -> str:
    """Five letters and digits that stand for an author; nothing if it is not known, as of imported history."""
    if not author_key:
        return ""
    digest = blake2b(author_key.encode(), key=settings.AUTHOR_KEY_SECRET.encode()[:64], digest_size=5).digest()
    return b32encode(digest).decode().lower()[:5]


def row(comment: Comment) -> Comment:
    """The comment with what its template needs."""
    ms = comment.version // 1000 if comment.timestamp is None else comment.timestamp
    comment.mark = mark(comment.author_key)
    comment.at = moment(ms)
    comment.day = day(ms)
    comment.buttons = BUTTONS[comment.state]
    return comment


def reported_row(comment: Comment, reasons: Counter) -> Comment:
    """The same of one that was reported, with why: "spam 2, abuse"."""
    comment = row(comment)
    if comment.is_visible:
        comment.buttons = BUTTONS[REPORTED]
    comment.reports = ", ".join(f"{why} {n}" if n > 1 else why for why, n in reasons.most_common())
    return comment


def rows(comments: Iterable[Comment]) -> list[Comment]:
    return list(map(row, comments))


def record_line(record: Record) -> dict:
    """A line of a comment's record."""
    ms = record.at // 1000
    done = DONE.get(record.verb, record.verb)
    return {"record": record, "done": done, "at": moment(ms), "day": day(ms), "who": record.who or "a command"}
