"""Which process tells a hook: whoever holds it, for a few seconds at a time, so that one that dies holds nobody up.

The holder's word counts only while it holds: one that slept cannot move the cursor of a hook that another has taken.
Then two may have told the same, which is why messages have ids.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from comments.stream.clock import StreamClock, on_set_back, wall_now

from . import message
from .hook import Delivery, Hook, HookQuerySet
from .message import Message

SECOND_US = 1_000_000
HELD_US = 3 * SECOND_US  # and kept each second
FIRST_PAUSE_US = 5 * SECOND_US
LONGEST_PAUSE_US = 3600 * SECOND_US
MOST_FAILURES = 20  # one after the other: about half a day
KEPT_DELIVERIES = 100  # of each hook
GONE = "410"


@dataclass(frozen=True)
class Outcome:
    what: str  # a status, or what was in the way
    is_done: bool
    took_ms: int


def take_due(me: str) -> list[int]:
    """Those that may have something to be told, and are mine now. 1 query if there are none."""
    due = list(Hook.objects.due().values_list("pk", flat=True))
    if not due:
        return []
    wall = wall_now()
    return [pk for pk in due if _free(pk, wall).update(holder=me, held_until=wall + HELD_US)]


def keep(pks: Collection[int], me: str) -> None:
    """Those of them that are mine stay so for longer."""
    wall = wall_now()
    Hook.objects.filter(pk__in=pks, holder=me, held_until__gt=wall).update(held_until=wall + HELD_US)


def next_message(pk: int, me: str) -> tuple[Hook, Message] | None:
    """None if there is nothing to tell, or if it is not mine any more; then it is let go."""
    hook = _mine(pk, me).select_related("bot").first()
    if hook is None:
        return None
    before = hook.cursor
    found = message.next_of(hook) if _may_go_on(hook) else None
    if hook.cursor != before:
        _mine(pk, me).update(cursor=hook.cursor)
    if found:
        return hook, found
    _let_go(hook, me)
    return None


def note(pk: int, me: str, told: Message, outcome: Outcome) -> bool:
    """What became of a call. Whether to go on with this hook."""
    with transaction.atomic():
        hook = _mine(pk, me).first()
        if hook is None:
            return False
        _log(hook, told, outcome)
        if outcome.is_done:
            return bool(_mine(pk, me).update(cursor=told.cursor, failures=0))
        _put_off(hook, outcome)
        return False


def _call_in_time(clock: StreamClock) -> None:
    """Nothing is held or put off for longer than this, so what seems to be was by a wall clock that was ahead."""
    Hook.objects.filter(held_until__gt=clock.wall + HELD_US).update(held_until=clock.wall)
    put_off = Hook.objects.filter(retry_at__gt=clock.wall)
    late = [hook.pk for hook in put_off if hook.retry_at > clock.wall + _pause_after(hook.failures)]
    Hook.objects.filter(pk__in=late).update(retry_at=clock.wall)


on_set_back.append(_call_in_time)


def _free(pk: int, wall: int) -> HookQuerySet:
    return Hook.objects.running().filter(pk=pk, held_until__lte=wall)


def _mine(pk: int, me: str) -> HookQuerySet:
    return Hook.objects.filter(pk=pk, holder=me, held_until__gt=wall_now())


def _may_go_on(hook: Hook) -> bool:
    return hook.is_active and hook.bot.is_active and hook.may_be_told


def _let_go(hook: Hook, me: str) -> None:
    """One whose bot may not have this feed any more is off."""
    is_active = hook.is_active and hook.may_be_told
    Hook.objects.filter(pk=hook.pk, holder=me).update(holder="", held_until=0, is_active=is_active)


def _put_off(hook: Hook, outcome: Outcome) -> None:
    """For longer each time; and after so many times for good, until a person switches it on again."""
    is_dead = outcome.what == GONE or hook.failures + 1 >= MOST_FAILURES
    pause = _pause_after(hook.failures + 1)
    Hook.objects.filter(pk=hook.pk).update(
        failures=F("failures") + 1, retry_at=wall_now() + pause, holder="", held_until=0, is_active=not is_dead
    )


def _pause_after(failures: int) -> int:
    """After so many in a row, in µs."""
    return min(FIRST_PAUSE_US << min(max(0, failures - 1), 20), LONGEST_PAUSE_US)


def _log(hook: Hook, told: Message, outcome: Outcome) -> None:
    Delivery.objects.create(
        hook=hook,
        message_id=told.id,
        at=wall_now(),
        attempt=hook.failures + 1,
        outcome=outcome.what,
        is_done=outcome.is_done,
        took_ms=outcome.took_ms,
    )
    kept = hook.deliveries.order_by("-at", "-pk").values_list("pk", flat=True)[KEPT_DELIVERIES:][:KEPT_DELIVERIES]
    if outlived := list(kept):
        Delivery.objects.filter(pk__in=outlived).delete()
