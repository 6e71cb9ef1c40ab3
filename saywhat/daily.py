"""What is done once a day: authors are forgotten, and what has been kept long enough goes. Each server process looks
now and then whether it is time, from the first request on that is not one of the hot reads; one of them does it."""

import asyncio

from django.db import Error, connection

from comments.bots import queue
from comments.stream.clock import DAY_US, writing
from comments.upkeep import retention
from comments.writing.forgetting import forget_old_authors

LOOK_SECONDS = 3600.0


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
        await asyncio.to_thread(work)
        await asyncio.sleep(LOOK_SECONDS)


def work() -> bool:
    """Whether it was done here. A database that does not answer is spoken of by those who wait for it."""
    try:
        if is_done := is_ours():
            forget_old_authors()
            retention.prune()
            queue.forget()
        return is_done
    except Error:
        return False
    finally:
        connection.close()


def is_ours() -> bool:
    """Whether it is time, and nobody else was first. A clock that was a day ahead does not put it off."""
    with writing() as clock:
        if 0 <= clock.wall - clock.tended < DAY_US:
            return False
        clock.tended = clock.wall
        return True
