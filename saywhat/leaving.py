"""How a server process leaves, whichever server it is: who waits is told that there is no more to come from here."""

import asyncio

SPREAD_SECONDS = 2.0  # over which sockets are closed, so that not all readers come back at the same moment
GRACE_SECONDS = 0.3  # for a connection that was just taken to say what it wants
LEAVE_SECONDS = 7  # for what is under way after that
LOOK_SECONDS = 0.05


async def leave() -> None:
    """Called when no new connections are taken; returns when nobody waits for news any more, or after some seconds."""
    from comments.reading.news import news  # Django is set up with the application, not before

    await asyncio.sleep(GRACE_SECONDS)
    news.leave(SPREAD_SECONDS)
    try:
        async with asyncio.timeout(SPREAD_SECONDS + 0.5):
            while news.listeners:
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        pass
