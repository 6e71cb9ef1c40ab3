"""Where the stream goes on after a restore."""

import time
from dataclasses import dataclass

from django.db import DatabaseError

from comments.stream.clock import StreamClock

MARGIN_US = 1_000_000  # for what is written between the look at the clock and the restore


@dataclass(frozen=True)
class Epoch:
    """Above every cursor and every timestamp that was ever given out. So a cursor between the clock of the backup and
    this is known to be of the epoch that has ended, for good."""

    version: int
    timestamp: int
    history: int

    @classmethod
    def next(cls) -> "Epoch":
        try:
            clock = StreamClock.now()
        except DatabaseError:  # there is no stream here yet, or none that can be read
            clock = StreamClock()
        version = max(clock.version, time.time_ns() // 1000) + MARGIN_US
        return cls(version, max(clock.timestamp, version // 1000), clock.history)
