"""Who is a bot: whoever shows a token, or calls from a network that the operator trusts."""

import secrets
from hashlib import sha256
from typing import Self

from django.conf import settings
from django.db import models

from comments.errors import Refused

from .addresses import Address, is_in


class Bot(models.Model):
    """A program that may post as AI, read `context` and `botParams`, and post without the visitors' limits."""

    name = models.CharField(max_length=64, unique=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    is_active = models.BooleanField(default=True, help_text="off: its token is refused")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def create(cls, name: str) -> tuple[Self, str]:
        """The bot and its token, which is shown this once: only its hash is kept."""
        token = secrets.token_urlsafe(32)
        return cls.objects.create(name=name, token_hash=hash_of(token)), token


def identify(authorization: str, address: Address) -> Bot | None:
    """The bot that calls so, or None for a visitor. A wrong token is refused (401), never taken for a visitor."""
    if authorization:
        return _by_token(authorization)
    if is_in(address, settings.TRUSTED_BOT_NETWORKS):
        return Bot(name="trusted network")
    return None


def hash_of(token: str) -> str:
    # A token has 256 random bits, so a plain hash cannot be searched and needs no salt.
    return sha256(token.encode()).hexdigest()


def _by_token(authorization: str) -> Bot:
    scheme, _, token = authorization.partition(" ")
    bot = Bot.objects.filter(token_hash=hash_of(token.strip()), is_active=True).first()
    if scheme.lower() != "bearer" or bot is None:
        raise Refused(401, "invalid_token", "This bot token is not known here.")
    return bot
