"""Which core does what: servers have one for themselves, what loads them has the others."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

CORES = sorted(os.sched_getaffinity(0))
ALL = set(CORES)
FOR_SERVERS = set(CORES[:1])
FOR_LOAD = set(CORES[1:]) or FOR_SERVERS  # a machine with one core measures, but a mixture


@contextmanager
def on(cores: set[int]) -> Iterator[None]:
    """Processes that are started in this block run there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
