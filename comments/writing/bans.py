"""Bans and time-outs: networks that may not post, for a time or for good. They are set by way of a comment, so that
nobody has to see or type a key."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from comments.errors import Refused
from comments.stream.clock import StreamClock, moment, on_set_back, wall_now, writing
from comments.stream.record import MAX_REASON, MAX_WHO, Act, Record, one_line

FOR_GOOD = "good"
NEVER = datetime.max.replace(tzinfo=UTC)
# How long: the choices of the desk.
LENGTHS = {
    "10m": timedelta(minutes=10),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "30d": timedelta(days=30),
    FOR_GOOD: None,
}


class BanQuerySet(models.QuerySet["Ban"]):
    def running(self, wall: int | None = None) -> "BanQuerySet":
        """At this moment in µs since 1970; now, which takes 1 query."""
        return self.filter(Q(until=None) | Q(until__gt=moment(wall or wall_now())))

    def over(self, wall: int) -> "BanQuerySet":
        return self.filter(until__lte=moment(wall))


class Ban(models.Model):
    """A network that may not post, known by its author key."""

    author_key = models.CharField(max_length=32, unique=True)
    reason = models.CharField(max_length=200, blank=True)
    until = models.DateTimeField(null=True, blank=True, help_text="empty: until it is deleted")
    created_at = models.DateTimeField(default=timezone.now)
    comment_id = models.CharField(max_length=64, blank=True, help_text="whose author it was set for")
    who = models.CharField(max_length=MAX_WHO, blank=True, help_text="who has set it")
    act = models.CharField(max_length=32, blank=True, help_text="the act in the record that it is part of")

    objects = BanQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [("ban_for_good", "Can ban for good")]

    def __str__(self) -> str:
        return f"a ban of {self.comment_id or 'a network'}"  # never the key

    def runs_at(self, wall: int) -> bool:
        return self.until is None or self.until > moment(wall)


def ban_author(comment: Any, length: str, act: Act) -> Ban:
    """Ban who wrote the comment, for one of LENGTHS. A ban that already runs for longer stays as it is. It stands in
    the record, with a tick of its own: whoever posts later finds it, and who posted before is before it."""
    with writing() as clock:
        earlier = Ban.objects.running(clock.wall).filter(author_key=comment.author_key).first()
        Record.objects.add([Record.of(act, "ban", comment.pk, comment.state, clock.next_version())])
        now, lasts = moment(clock.wall), LENGTHS[length]
        until = None if lasts is None else now + lasts
        if earlier and (earlier.until is None or (until is not None and earlier.until >= until)):
            return earlier
        named = {"comment_id": comment.pk, "who": one_line(act.who, MAX_WHO), "act": act.id}
        reason = one_line(act.reason, MAX_REASON)
        values = {"until": until, "reason": reason, "created_at": now, **named}
        return Ban.objects.update_or_create(author_key=comment.author_key, defaults=values)[0]


def lift(bans: BanQuerySet, act: Act) -> int:
    """End these bans; how many that were."""
    with writing() as clock:
        found = list(bans.running(clock.wall))
        Record.objects.add(Record.of(act, "lift", ban.comment_id, "", clock.next_version()) for ban in found)
        Ban.objects.filter(pk__in=[ban.pk for ban in found]).delete()
    return len(found)


def refuse_banned(keys: list[str], clock: StreamClock) -> None:
    """Under any of an author's keys; of several bans the longest. 1 query."""
    running = [ban for ban in Ban.objects.filter(author_key__in=keys) if ban.runs_at(clock.wall)]
    if ban := max(running, key=lambda ban: ban.until or NEVER, default=None):
        raise Refused(403, "banned", _sentence(ban), more={"until": ban.until and int(ban.until.timestamp() * 1000)})


def _begin_now(clock: StreamClock) -> None:
    """A ban that begins later than now was set by a clock that was ahead: it is as long as it was meant to be."""
    now = moment(clock.wall)
    for ban in Ban.objects.filter(created_at__gt=now):
        ban.until, ban.created_at = ban.until and ban.until - (ban.created_at - now), now
        ban.save()


on_set_back.append(_begin_now)


def _sentence(ban: Ban) -> str:
    end = f" until {ban.until:%d %B %Y, %H:%M} UTC" if ban.until else ""
    reason = f" The reason: {ban.reason}." if ban.reason else ""
    return f"A moderator has suspended posting from your network{end}.{reason}"
