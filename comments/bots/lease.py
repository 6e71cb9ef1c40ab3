"""Who has taken which work, until when. One row for each comment that was ever claimed."""

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q

from comments.stream.clock import StreamClock, WallClock, on_set_back

MAX_SECONDS = 3600


class LeaseQuerySet(models.QuerySet["Lease"]):
    def running(self) -> "LeaseQuerySet":
        return self.filter(done_at=None, until__gt=WallClock())

    def exhausted(self) -> "LeaseQuerySet":
        """Dead letters: tried as often as may be, and nobody is at it any more."""
        return self.filter(done_at=None, until__lte=WallClock(), attempts__gte=settings.BOT_ATTEMPTS)

    def in_the_way(self) -> "LeaseQuerySet":
        """Of the comment of an outer query: what keeps it from being offered."""
        taken = Q(until__gt=WallClock()) | Q(attempts__gte=settings.BOT_ATTEMPTS)
        return self.filter(taken, comment_id=OuterRef("pk"))


class Lease(models.Model):
    """All times are the database's. What has been answered keeps its row, so that the answer can be told again."""

    comment_id = models.CharField(primary_key=True, max_length=64)
    holder = models.CharField(max_length=64, help_text="the name of the bot")
    hash = models.CharField(max_length=64, blank=True, help_text="of the fencing token; empty: given back")
    attempts = models.PositiveIntegerField(default=0)
    claimed_at = models.BigIntegerField(default=0, help_text="µs since 1970")
    until = models.BigIntegerField(default=0, help_text="µs since 1970; before that it is offered to nobody")
    reason = models.CharField(max_length=300, blank=True, help_text="why it was given back")
    done_at = models.BigIntegerField(null=True, help_text="µs since 1970")
    reply_id = models.CharField(max_length=64, blank=True)
    waited_ms = models.BigIntegerField(null=True, help_text="from the question to its answer")

    objects = LeaseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["done_at"], name="lease_done"),
            models.Index(fields=["until"], condition=Q(done_at=None), name="lease_open"),
        ]

    def __str__(self) -> str:
        return f"a lease of {self.comment_id}"


def _end_in_time(clock: StreamClock) -> None:
    """No lease lasts longer than MAX_SECONDS, so one that seems to was taken while the clock was ahead. Who held it
    cannot answer any more, and the work is offered again."""
    impossible = Lease.objects.filter(done_at=None, until__gt=clock.wall + MAX_SECONDS * 1_000_000)
    for late in (impossible, Lease.objects.filter(done_at=None, claimed_at__gt=clock.wall)):
        late.update(until=clock.wall, claimed_at=clock.wall)


on_set_back.append(_end_in_time)
