"""Who is a bot: whoever shows a token, or calls from a network that the operator trusts."""

import secrets
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Self

from django.conf import settings
from django.db import Error, connection, models
from django.db.models import Q
from django.utils import timezone

from comments.errors import Refused

from .addresses import Address, is_in, keyed_hash

# What a token may do, if its bot may.
READ_CONTEXT, POST, CLAIM, MODERATE = SCOPES = ("read:context", "post", "claim", "moderate")
USUAL_SCOPES = [READ_CONTEXT, POST, CLAIM]
POSTS_PER_MINUTE, ACTS_PER_MINUTE = 60, 10  # if nothing else is said
SEEN_EVERY = timedelta(minutes=1)  # often enough for people to see that it is alive, and no write for each request
LONG_AGO = datetime.min.replace(tzinfo=UTC)

noting: Executor = ThreadPoolExecutor(1, "seen")
noted: dict[tuple[int, datetime], datetime] = {}  # when each bot was noted by this process


class Bot(models.Model):
    """A program with an account: what it posts is `AI`, and carries its name and colour."""

    name = models.CharField(max_length=64, unique=True, help_text="what it posts carries it")
    color = models.CharField(max_length=30, blank=True, help_text="empty: chosen by the name")
    operator = models.CharField(
        "run by", max_length=200, blank=True, help_text="a name, and how to reach them; everybody can read it"
    )
    purpose = models.CharField("what for", max_length=300, blank=True, help_text="everybody can read it")
    scopes = models.JSONField(default=list)
    posts_per_minute = models.PositiveIntegerField(default=POSTS_PER_MINUTE, help_text="a sixth of them in 5 seconds")
    acts_per_minute = models.PositiveIntegerField(
        default=ACTS_PER_MINUTE, help_text="how many comments it may moderate"
    )
    is_active = models.BooleanField("on", default=True, help_text="off: its tokens are refused")
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True, editable=False, help_text="to the minute")
    acts = models.JSONField(
        default=list, editable=False, help_text="when it has moderated in the last minute, µs since 1970"
    )

    def __str__(self) -> str:
        return self.name

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Raises Refused (403)."""
        if not self.may(scope):
            raise Refused(403, "scope_required", f'This bot may not do this: it lacks the scope "{scope}".')

    @property
    def has_account(self) -> bool:
        return self.pk is not None

    @property
    def key(self) -> str:
        """Its author key: the same from wherever it calls, so that it can go on elsewhere."""
        return keyed_hash(f"bot {self.pk}")

    def new_token(self, label: str = "", days: int | None = None) -> str:
        """A token more, which is shown this once: only its hash is kept."""
        token = secrets.token_hex(32)  # begins with no dash: an argument of a command would be taken for an option
        expires_at = timezone.now() + timedelta(days=days) if days else None
        Token.objects.create(bot=self, label=label, hash=hash_of(token), expires_at=expires_at)
        return token


class TokenQuerySet(models.QuerySet["Token"]):
    def valid(self) -> Self:
        """Those that are neither revoked nor expired, of bots that are on."""
        in_time = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(in_time, revoked_at=None, bot__is_active=True)


class Token(models.Model):
    """One of a bot's. A bot has several for a while when they are exchanged, or when it runs in several places."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=40, blank=True, help_text="where it is used")
    hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"a token of {self.bot}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


def identify(authorization: str, address: Address) -> Bot | None:
    """The bot that calls so, or None for a visitor. A wrong token is refused (401), never taken for a visitor."""
    if authorization:
        return _seen(_by_token(authorization))
    if is_in(address, settings.TRUSTED_BOT_NETWORKS):
        return Bot(name="trusted network", scopes=USUAL_SCOPES)
    return None


def hash_of(token: str) -> str:
    # A token has 256 random bits, so a plain hash cannot be searched and needs no salt.
    return sha256(token.encode()).hexdigest()


def _by_token(authorization: str) -> Bot:
    scheme, _, token = authorization.partition(" ")
    found = next(iter(Token.objects.valid().select_related("bot").filter(hash=hash_of(token.strip()))), None)
    if scheme.lower() != "bearer" or found is None:
        raise Refused(401, "invalid_token", "This bot token is not known here, or not any more.")
    return found.bot


def _seen(bot: Bot) -> Bot:
    """Noted once in a minute, and beside the request: a read waits for no writer."""
    now, who = timezone.now(), (bot.pk, bot.created_at)
    if not timedelta() <= now - noted.get(who, LONG_AGO) < SEEN_EVERY:  # the clock may have been ahead
        noted[who] = now
        noting.submit(_note_seen, bot.pk, now)
    return bot


def _note_seen(pk: int, now: datetime) -> None:
    try:
        Bot.objects.filter(pk=pk).update(seen_at=now)
    except Error:
        pass  # said again a minute later
    finally:
        if not connection.in_atomic_block:
            connection.close()
