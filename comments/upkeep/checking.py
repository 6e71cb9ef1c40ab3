"""Whether the stream is in order: the clock against the table, each comment against its state, the words against the
comments. What follows from something else can be repaired."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from comments.stream import words
from comments.stream.ahead import turn_back
from comments.stream.clock import StreamClock, one_moment, wall_now, writing
from comments.stream.comment import Comment
from comments.stream.queryset import BATCH, NO_WORDS, State
from comments.stream.record import Record
from comments.stream.words import Words

Repair = Callable[[StreamClock], None]
MINUTE_US = 60_000_000  # very many changes at once bring the clock ahead by less


@dataclass(frozen=True)
class Fault:
    """What is not as it should be. `repair`, if there is one, works on the locked clock."""

    sentence: str
    repair: Repair | None = None


def faults() -> list[Fault]:
    """Of one moment."""
    with one_moment() as clock:
        return list(found(clock))


def repair() -> list[Fault]:
    """Repair what can be, and say what that was. One transaction."""
    with writing() as clock:
        repaired = [fault for fault in found(clock) if fault.repair]
        for fault in repaired:
            fault.repair(clock)
    return repaired


def found(clock: StreamClock) -> Iterator[Fault]:
    for look in (total, newest, ahead, floor, lost, states, words_of_comments, words_of_nobody):
        yield from look(clock)


def total(clock: StreamClock) -> Iterator[Fault]:
    counted = Comment.objects.visible().count()
    if counted != clock.visible_total:
        sentence = f"{counted} comments are visible, and the clock has counted {clock.visible_total}."
        yield Fault(sentence, lambda clock: setattr(clock, "visible_total", counted))


def newest(clock: StreamClock) -> Iterator[Fault]:
    """The clock is never behind what it has given out: it would give it out again."""
    end = StreamClock.HISTORY_END
    comments = Comment.objects.aggregate(
        live=Max("bots_version", filter=Q(bots_version__gt=end)),
        old=Max("version", filter=Q(version__lt=end)),
        latest=Max("timestamp"),
    )
    recorded = Record.objects.aggregate(at=Max("at"))["at"]
    live = max(comments["live"] or 0, recorded or 0)
    given = {"version": live, "history": comments["old"], "timestamp": comments["latest"]}
    for name, number in given.items():
        if (number or 0) > getattr(clock, name):
            yield Fault(
                f"The clock's {name} is {getattr(clock, name)}, and {number} has been given out already.",
                lambda clock, name=name, number=number: setattr(clock, name, number),
            )


def ahead(clock: StreamClock) -> Iterator[Fault]:
    """The ticks go on from where a wall clock that was wrong has brought them; or it is wrong now, and then nothing
    can be put right by it."""
    wall = wall_now()
    by, apart = max(clock.version, clock.timestamp * 1000) - wall, abs(wall - this_machine())
    sentence = f"The stream is {lasting(by)} ahead of the database's clock, and so are the times of new comments."
    if by > MINUTE_US < apart:
        yield Fault(
            f"{sentence} That differs from this machine's by {lasting(apart)}: set right which is wrong, first."
        )
    elif by > MINUTE_US:
        yield Fault(sentence, turn_back)


def this_machine() -> int:
    return time.time_ns() // 1000


def lasting(us: int) -> str:
    return str(timedelta(seconds=us // 1_000_000))


def floor(clock: StreamClock) -> Iterator[Fault]:
    if clock.floor > clock.version:
        yield Fault(
            f"The floor is {clock.floor}, above the clock: every reader would have to load afresh, again and again.",
            lambda clock: setattr(clock, "floor", clock.version),
        )


def lost(clock: StreamClock) -> Iterator[Fault]:
    for first, last in clock.lost:
        in_span = Q(version__range=(first, last)) | Q(bots_version__range=(first, last))
        if count := Comment.objects.filter(in_span).count():
            yield Fault(f"{count} comments have a version that a restore has taken away.")


def states(clock: StreamClock) -> Iterator[Fault]:
    wrong = {
        "have a state that there is not": ~Q(state__in=State.values),
        "are visible and have no place in the stream": Q(state=State.VISIBLE, timestamp=None),
        "are erased and still have words": Q(state=State.ERASED) & ~Q(**NO_WORDS_LEFT),
    }
    for what, condition in wrong.items():
        yield from counted(f"comments {what}", Comment.objects.filter(condition))


def words_of_comments(clock: StreamClock) -> Iterator[Fault]:
    there = Words.objects.filter(place=OuterRef("timestamp"), comment_id=OuterRef("pk"))
    unfindable = Comment.objects.filter(~Exists(there), timestamp__isnull=False).exclude(state=State.ERASED)

    def remember(clock: StreamClock) -> None:
        words.remember(unfindable.iterator(BATCH))

    yield from counted("comments cannot be found by their words", unfindable, remember)


def words_of_nobody(clock: StreamClock) -> Iterator[Fault]:
    whose = Comment.objects.filter(pk=OuterRef("comment_id")).exclude(state=State.ERASED)
    left = Words.objects.filter(~Exists(whose))

    def forget(clock: StreamClock) -> None:
        words.forget(list(left.values_list("place", flat=True)))

    yield from counted("comments are gone, and their words are still there", left, forget)


def counted(what: str, rows: QuerySet, repair: Repair | None = None) -> Iterator[Fault]:
    if count := rows.count():
        yield Fault(f"{count} {what}.", repair)


NO_WORDS_LEFT = {name: value for name, value in NO_WORDS.items() if value is not None}
