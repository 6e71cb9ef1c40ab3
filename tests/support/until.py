"""Waiting in an event loop for what another task of it brings about."""

import asyncio
from collections.abc import Callable

PATIENCE_SECONDS = 20  # with busy cores


async def until(condition: Callable[[], object]) -> None:
    """Returns as soon as it holds. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.005)
