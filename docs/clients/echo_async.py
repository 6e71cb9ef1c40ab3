"""Says again what it was asked, several at once."""

import asyncio
import os

from saywhat import AsyncSite, Comment


async def echo(comment: Comment) -> str:
    return f"{comment['username']} says: {comment['text']}"[:1000]


asyncio.run(AsyncSite(os.environ["SITE"], os.environ["TOKEN"]).answer(echo))
