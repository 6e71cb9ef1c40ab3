"""Faults in what keeps a site going: a wall clock that is wrong, a disk that is full."""

from .fault import Fault

JUMPS = "tests/upkeep/test_clock_jumps.py"
FAULTS = [
    Fault(
        "limits count by ticks",
        "comments/writing/limits.py",
        "filter(wall__gt=since_ms * 1000, wall__lt=(now_ms + 1) * 1000)",
        "filter(version__gt=since_ms * 1000)",
        JUMPS,
    ),
    Fault(
        "a wall clock that was set back is noticed by nobody",
        "comments/stream/clock.py",
        "if clock.walled - clock.wall < SET_BACK_US:",
        "if True:",
        JUMPS,
    ),
    Fault(
        "what was put right is taken back with a post that is refused",
        "comments/stream/clock.py",
        "    stack.close()\n    return _begun(stack)",
        "    return clock",
        JUMPS,
    ),
    Fault(
        "a lost tick is given out again when its time has come",
        "comments/stream/clock.py",
        "                version = last + 1",
        "                pass",
        JUMPS,
    ),
    Fault(
        "the work of the day believes a wall clock that is a year ahead",
        "saywhat/daily.py",
        "min(clock.wall, clock.tended + MOST_US)",
        "clock.wall",
        JUMPS,
    ),
    Fault(
        "times are turned back by a clock that is wrong now",
        "comments/upkeep/checking.py",
        "by > MINUTE_US < apart",
        "False",
        JUMPS,
    ),
    Fault(
        "words stay where a comment was before it was turned back",
        "comments/stream/ahead.py",
        "        words.move((comment for comment in comments if comment.state != State.ERASED), timestamps)\n",
        "",
        JUMPS,
    ),
    Fault(
        "a full disk is told as one that does not answer",
        "comments/outage.py",
        'return getattr(said_by, "sqlstate", None) in UNWRITABLE or sqlite.startswith(UNWRITABLE_SQLITE)',
        "return False",
        "tests/api/test_outage.py",
    ),
    Fault(
        "nobody hears that the database stores again",
        "comments/stream/clock.py",
        "[lambda: storing.works(DATABASE)]",
        "[]",
        "tests/serving/test_said_in_a_sentence.py -k full",
    ),
]
