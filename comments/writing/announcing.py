"""The announcement: one text of the moderators that stands above the stream for a time.

It is kept with the clock, so every reader has it without asking for more, and takes a version, so every reader learns
when it changes. That it ends by itself is told with it.
"""

from comments.errors import Refused
from comments.stream.clock import StreamClock, on_set_back, writing
from comments.stream.record import Act, Record
from comments.text.cleaning import clean_text

LASTS_MS = {"10m": 600_000, "1h": 3_600_000, "1d": 86_400_000, "7d": 7 * 86_400_000}
MAX_TEXT = 300
TOO_LONG = Refused(422, "text_too_long", f"An announcement has at most {MAX_TEXT} characters.")


def announce(text: str, length: str, act: Act) -> None:
    """In place of what is announced now, for one of LASTS_MS. Raises Refused with status 422."""
    cleaned = clean_text(text)
    if len(cleaned) > MAX_TEXT:
        raise TOO_LONG
    with writing() as clock:
        clock.announced = clock.next_version()
        clock.announcement, clock.announced_until = cleaned, clock.wall // 1000 + LASTS_MS[length]
        said = Act(act.who, act.reason, cleaned, act.id)
        Record.objects.add([Record.of(said, "announce", "", "", clock.announced)])


def end_announcement(act: Act) -> bool:
    """Whether there was one."""
    with writing() as clock:
        if not clock.is_announcing:
            return False
        clock.announced = clock.next_version()
        clock.announcement, clock.announced_until = "", 0
        Record.objects.add([Record.of(act, "unpin", "", "", clock.announced)])
        return True


def _begin_now(clock: StreamClock) -> None:
    """What a clock that was ahead has announced ends as long after now as it was meant to."""
    if clock.announced_until * 1000 > clock.announced > clock.wall:
        clock.announced_until -= (clock.announced - clock.wall) // 1000


on_set_back.append(_begin_now)
