"""What is done once a day, by each server process, from the first request on that is not one of the hot reads."""

import asyncio

from django.db import Error, connection

from comments.writing.forgetting import forget_old_authors

DAY_SECONDS = 24 * 3600.0
RETRY_SECONDS = 3600.0


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
        is_done = await asyncio.to_thread(work)
        await asyncio.sleep(DAY_SECONDS if is_done else RETRY_SECONDS)


def work() -> bool:
    """Whether it is done. A database that does not answer is spoken of by those who wait for it."""
    try:
        forget_old_authors()
        return True
    except Error:
        return False
    finally:
        connection.close()
