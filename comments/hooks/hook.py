"""Where a bot wants to be called, how far it has been told, and how the last calls went."""

import hmac
import secrets
from base64 import b64encode
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Subquery

from comments.callers.bots import CLAIM, MODERATE, READ_CONTEXT, Bot
from comments.stream.ahead import cursors
from comments.stream.clock import StreamClock, WallClock


class Feed(models.TextChoices):
    CHANGES = "changes", "each change of the stream"
    WORK = "work", "what asks bots for an answer"
    STATES = "states", "each comment with its state, held and hidden ones too"


# What a bot has to be allowed for the feed.
SCOPES = {Feed.CHANGES: "", Feed.WORK: CLAIM, Feed.STATES: MODERATE}


class HookQuerySet(models.QuerySet["Hook"]):
    def running(self) -> Self:
        return self.filter(is_active=True, bot__is_active=True)

    def due(self) -> Self:
        """Those that may have something to be told, and that nobody is at."""
        newest = Subquery(StreamClock.objects.values("version")[:1])
        return self.running().filter(cursor__lt=newest, retry_at__lte=WallClock(), held_until__lte=WallClock())


class Hook(models.Model):
    """All times are the database's, in µs since 1970."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="hooks")
    url = models.CharField("address", max_length=500)
    feed = models.CharField("tells of", max_length=7, choices=Feed.choices, default=Feed.CHANGES)
    nonce = models.CharField(max_length=32, editable=False, help_text="from which its secret is made")
    cursor = models.BigIntegerField(default=0, editable=False, help_text="a version: it has been told up to here")
    is_active = models.BooleanField("on", default=True)
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="one after the other")
    retry_at = models.BigIntegerField(default=0, editable=False)
    holder = models.CharField(max_length=32, blank=True, editable=False, help_text="the process that is at it")
    held_until = models.BigIntegerField(default=0, editable=False)

    objects = HookQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"a webhook of {self.bot}"  # not where it goes, which may have a key in it

    @property
    def secret(self) -> str:
        """What its messages are signed with. Made anew each time from a key that is not in the database, so that no
        copy of that gives it away."""
        key = hmac.digest(settings.SECRET_KEY.encode(), f"webhook {self.nonce}".encode(), "sha256")
        return f"whsec_{b64encode(key).decode()}"

    @property
    def may_be_told(self) -> bool:
        needed = SCOPES[Feed(self.feed)]
        return not needed or self.bot.may(needed)

    @property
    def sees_context(self) -> bool:
        return self.bot.may(READ_CONTEXT)

    def renew_secret(self) -> None:
        self.nonce = secrets.token_urlsafe(18)


class Delivery(models.Model):
    """One call: what became of it, and nothing of what was said."""

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=64)
    at = models.BigIntegerField()
    attempt = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20, help_text="a status, or what was in the way")
    is_done = models.BooleanField()
    took_ms = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["hook", "-at"], name="delivery_newest")]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.outcome}"


cursors.append((Hook, "cursor"))
