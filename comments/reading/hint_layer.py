"""Channels' layer on Redis, with a client that gives up on a Redis that hangs, and never on one that has no news."""

import asyncio
from typing import Any

from channels_redis.core import RedisChannelLayer
from redis.asyncio.connection import ConnectionPool, parse_url
from redis.maint_notifications import MaintNotificationsConfig

ANSWER_SECONDS = 5.0  # a Redis that takes longer is as good as gone


class HintLayer(RedisChannelLayer):
    """Of one Redis, by its URL: `HintLayer(hosts=[url])`."""

    def create_pool(self, index: int) -> ConnectionPool:
        # The layer's read waits so long for news. The client's own limit is no longer, and one in the URL may be less.
        options: dict[str, Any] = dict(parse_url(self.hosts[index]["address"]))
        options["socket_connect_timeout"] = ANSWER_SECONDS
        options["socket_timeout"] = self.brpop_timeout + ANSWER_SECONDS
        # As long as they are on, it does not see that Redis has closed an idle connection, and the next hint is lost.
        options["maint_notifications_config"] = MaintNotificationsConfig(enabled=False)
        return ConnectionPool(**options)

    async def _brpop_with_clean(self, index: int, channel: str, timeout: float) -> bytes | None:
        """One read of those that the layer goes on with until there is a message."""
        if not goes_on():
            raise asyncio.CancelledError
        return await super()._brpop_with_clean(index, channel, timeout)

    async def _clean_receive_backup(self, index: int, channel: str) -> None:
        """Goes on after a message was received, so that nobody awaits it: asyncio would log that it failed."""
        try:
            await super()._clean_receive_backup(index, channel)
        except Exception:  # the next read fails for the same reason, and that is said
            pass


def goes_on() -> bool:
    """Whether nobody has cancelled this task. Before Python 3.12 the client's `wait_for` may swallow it, and a server
    that waits for all of its tasks would never end."""
    task = asyncio.current_task()
    return task is not None and not task.cancelling()
