"""The keys that stand for authors. They are made with a secret that is stored here, besides AUTHOR_KEY_SECRET, which
is not; and the one that is stored is another one every AUTHOR_KEY_DAYS.

So what was posted under a secret that is gone belongs to nobody any more, not even for whoever has the database and
AUTHOR_KEY_SECRET. A secret stays as long as keys of it do: those of comments for AUTHOR_KEY_DAYS more, that of a ban
until it is over. An author has a key under each of them, and limits and bans look for all.

All of it happens under the clock's lock, and the clock says when the secrets have last changed. So processes agree,
and ask the table for them only then.
"""

import secrets
from collections.abc import Iterable
from itertools import pairwise

from django.conf import settings
from django.db import models

from comments.callers.addresses import Address, author_key
from comments.stream.clock import DAY_US, StreamClock, on_set_back, writing

NUMBERS = 16**4  # a key begins with its secret's number, so that a ban says which one it needs
KEY_LENGTH = 32


class AuthorSecret(models.Model):
    number = models.IntegerField(primary_key=True)
    secret = models.CharField(max_length=64)
    since = models.BigIntegerField(help_text="µs since 1970")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"secret {self.number}"

    @property
    def tag(self) -> str:
        return f"{self.number % NUMBERS:04x}"

    def key_of(self, address: Address) -> str:
        return (self.tag + author_key(address, self.secret))[:KEY_LENGTH]


class Known:
    """The secrets of this process, newest first, and as of which change."""

    now: tuple[int, tuple[AuthorSecret, ...]] = (0, ())


def keys_of(address: Address, clock: StreamClock) -> list[str]:
    """The keys of an author, that of today first. Inside of `writing()`; 1 query, if the secrets have changed."""
    return [secret.key_of(address) for secret in _secrets(clock)]


def rotate_secrets(needed: Iterable[str], now: int) -> None:
    """A new secret if the newest has had its time, and none that nothing needs. `needed` are keys that have to hold
    on, whatever their age; `now` is in µs since 1970."""
    if not settings.AUTHOR_KEY_DAYS or not _is_due(now, tags := {key[:4] for key in needed}):
        return
    with writing() as clock:
        if useless := _useless(now, tags):
            AuthorSecret.objects.filter(number__in=useless).delete()
        if _has_had_its_time(AuthorSecret.objects.order_by("-number").first(), now):
            _add(now)
        _rotated(clock)


def _secrets(clock: StreamClock) -> tuple[AuthorSecret, ...]:
    if not clock.rotated:  # the first author of all
        _add(clock.wall)
        _rotated(clock)
        Known.now = (0, ())  # an attempt that was taken back may have had the same time
    if Known.now[0] != clock.rotated:
        Known.now = clock.rotated, tuple(AuthorSecret.objects.order_by("-number"))
    return Known.now[1]


def _rotated(clock: StreamClock) -> None:
    """No reader's news, so it takes no version."""
    clock.rotated = max(clock.rotated + 1, clock.wall)


def _add(since: int) -> None:
    last = AuthorSecret.objects.aggregate(last=models.Max("number"))["last"] or 0
    AuthorSecret.objects.create(number=last + 1, secret=secrets.token_urlsafe(32), since=since)


def _is_due(now: int, tags: set[str]) -> bool:
    newest = AuthorSecret.objects.order_by("-number").first()
    return newest is not None and (_has_had_its_time(newest, now) or bool(_useless(now, tags)))


def _has_had_its_time(secret: AuthorSecret | None, now: int) -> bool:
    return secret is not None and secret.since <= now - settings.AUTHOR_KEY_DAYS * DAY_US


def _useless(now: int, tags: set[str]) -> list[int]:
    """Those whose successor is old enough that all comments of theirs are, too."""
    found = pairwise(AuthorSecret.objects.order_by("number"))
    return [old.number for old, next in found if _has_had_its_time(next, now) and old.tag not in tags]


def _have_their_time(clock: StreamClock) -> None:
    """A secret of a clock that was ahead would stay for as much longer."""
    AuthorSecret.objects.filter(since__gt=clock.wall).update(since=clock.wall)


on_set_back.append(_have_their_time)
