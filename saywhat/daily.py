"""What is done once a day: authors are forgotten, and what has been kept long enough goes. Each server process looks
now and then whether it is time, from the first request on that is not one of the hot reads; one of them does it."""

import asyncio
import logging

from django.db import Error, connection

from comments.bots import queue
from comments.outage import is_away, is_unwritable
from comments.stream.clock import DAY_US, put_right, writing
from comments.upkeep import retention
from comments.writing.forgetting import forget_old_authors

LOOK_SECONDS = 3600.0
MOST_US = 2 * DAY_US  # that pass between two works of the day

log = logging.getLogger(__name__)


def daily(application):
    """The ASGI application, and beside it the work of the day."""
    tasks = []

    async def with_daily_work(scope, receive, send):
        if not tasks:
            tasks.append(asyncio.get_running_loop().create_task(each_day()))
        await application(scope, receive, send)

    return with_daily_work


async def each_day() -> None:
    while True:
        try:
            await asyncio.to_thread(work)
        except Exception:  # whatever it is, another day's work shall be done
            log.exception("The work of the day has failed.")
        await asyncio.sleep(LOOK_SECONDS)


def work() -> bool:
    """Whether it was done here. Of a database that does not answer those speak who wait for it."""
    try:
        if now := now_if_ours():
            forget_old_authors(now)
            retention.prune(now)
            queue.forget()
        return bool(now)
    except Error as error:
        if is_unwritable(error):
            is_away(error)
        return False
    finally:
        connection.close()


def now_if_ours() -> int:
    """The moment that it is to be done for, in µs since 1970; 0 if it is not time, or somebody else was first.

    It never is long after the last one: so a wall clock that is a year ahead for a minute takes nothing away that has
    not had its time, and a site that was off for long catches up within hours."""
    with writing() as clock:
        put_right(clock)  # also what nobody has written after
        if 0 <= clock.wall - clock.tended < DAY_US:
            return 0
        is_usual = 0 < clock.tended < clock.wall
        clock.tended = min(clock.wall, clock.tended + MOST_US) if is_usual else clock.wall
        return clock.tended
