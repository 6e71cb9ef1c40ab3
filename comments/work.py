"""What a comment asks of bots, by its `botParams`: `processed` is false while it waits for an answer, true once it has
one, and absent if it is not for bots; `priority` is 0 for the most urgent, and absent for what comes last."""

from typing import Any

MAX_PRIORITY = 1_000_000
LAST = MAX_PRIORITY + 1


def work_of(bot_params: Any) -> int | None:
    """Its place among the work: by priority. None if there is nothing to do: only an explicit `false` asks for it."""
    if not isinstance(bot_params, dict) or bot_params.get("processed") is not False:
        return None
    priority = bot_params.get("priority")
    return priority if is_priority(priority) else LAST


def is_priority(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_PRIORITY
