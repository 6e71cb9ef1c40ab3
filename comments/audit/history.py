"""The history of an audit: each write and each read, with the moments at which it began and ended.

Moments are nanoseconds of the machine's monotonic clock, which all processes of one machine share. A file of history
has one JSON object a line: {"write": …}, {"read": …} or {"trouble": …}.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

SECOND_NS = 1_000_000_000

# What a reader asks for
LIST = "list"  # the newest comments
POLL = "poll"  # the first version's: comments after a timestamp
CHANGES = "changes"
LONG_POLL = "long poll"
WEBSOCKET = "websocket"


@dataclass(slots=True)
class Write:
    """One change of one comment."""

    by: str
    op: str  # "post", "hide", "restore", or "note" by a bot, which readers of changes learn of
    id: str
    began: int
    ended: int | None  # when it was acknowledged; None: it never was, so it may have happened or not
    timestamp: int | None = None  # of a post, as the server acknowledged it
    text: str = ""

    @property
    def shows(self) -> bool:
        return self.op != "hide"


@dataclass(slots=True)
class Seen:
    """One comment, or its removal, in an answer."""

    id: str
    version: int | None = None  # in the change feed
    timestamp: int | None = None
    text: str = ""
    removed: bool = False

    @classmethod
    def of(cls, comment: dict) -> Self:
        return cls(
            comment["id"],
            comment.get("version"),
            comment.get("timestamp"),
            comment.get("text", ""),
            comment.get("removed", False),
        )


@dataclass(slots=True)
class Read:
    """One answer, in the order in which its reader applied them."""

    by: str
    form: str
    began: int  # the answer contains whatever was acknowledged before this
    ended: int
    seen: list[Seen] = field(default_factory=list)
    after: int = 0  # the cursor or timestamp that was asked for
    complete: bool = True  # the server said that nothing more was there
    fresh: bool = True  # no shared cache may have answered
    listening: int | None = None  # since when an answer would have been taken at once; None: it may have had to wait


@dataclass(slots=True)
class Trouble:
    """A refusal or a lost connection: no fault of delivery, but the operator may want to know."""

    by: str
    at: int
    what: str


@dataclass
class History:
    writes: list[Write] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def add(self, record: Write | Read | Trouble) -> None:
        {Write: self.writes, Read: self.reads, Trouble: self.troubles}[type(record)].append(record)


def seconds(ns: float) -> float:
    return ns / SECOND_NS


def to_line(record: Write | Read | Trouble) -> str:
    return json.dumps({type(record).__name__.lower(): asdict(record)}, ensure_ascii=False)


def from_line(line: str) -> Write | Read | Trouble:
    ((kind, values),) = json.loads(line).items()
    if kind == "read":
        values["seen"] = [Seen(**seen) for seen in values["seen"]]
    return {"write": Write, "read": Read, "trouble": Trouble}[kind](**values)


def save(history: History, file: Path) -> None:
    with file.open("w") as lines:
        for record in [*history.writes, *history.reads, *history.troubles]:
            print(to_line(record), file=lines)


def load(files: Iterable[Path]) -> History:
    """The history in these files. A last line that was cut short, by a process that was ended, is left out.

    A post or a note is written down when it is sent, and again when it is acknowledged."""
    history = History()
    for file in files:
        for line in file.read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                history.add(from_line(line))
    history.writes = list(last_words(history.writes))
    return history


def last_words(writes: list[Write]) -> Iterator[Write]:
    """Each write once: as acknowledged, if it ever was."""
    ended = {(write.op, write.id, write.began) for write in writes if write.ended is not None}
    posted = {write.id for write in writes if write.op == "post" and write.ended is not None}
    for write in writes:
        is_repeated = write.id in posted if write.op == "post" else (write.op, write.id, write.began) in ended
        if write.ended is not None or not is_repeated:
            yield write
