"""Who makes a request, of Django's or before it: `comments.callers` for what stands in it."""

from functools import lru_cache

from django.conf import settings
from django.db import Error
from django.http import HttpRequest

from comments.callers import addresses, bots
from comments.callers.addresses import Address
from comments.callers.bots import READ_CONTEXT, Bot
from comments.errors import Refused

NO_BOT = Refused(401, "bot_token_required", "Only bots may do this: send Authorization: Bearer and a bot's token.")

Asked = dict[bytes, bytes]  # the headers of a request, as ASGI has them


def address_of(request: HttpRequest) -> Address:
    return addresses.client_address(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def bot_of(request: HttpRequest) -> Bot | None:
    """None for a visitor. Raises Refused (401) for a wrong token."""
    return bots.identify(request.headers.get("Authorization", ""), address_of(request))


def required_bot_of(request: HttpRequest, scope: str) -> Bot:
    """Raises Refused: 401 for whoever is no bot, 403 for a bot that may not do this."""
    return _required(bot_of(request), scope)


def sees_context(bot: Bot | None) -> bool:
    """Whether it is told what posters attached for bots, and what bots note."""
    return bot is not None and bot.may(READ_CONTEXT)


def bot_of_scope(scope: dict) -> Bot | None:
    """The same for a connection that is no request of Django's. Asks the database."""
    headers = joined(scope["headers"])
    address = _address(peer_of(scope), headers.get(b"x-forwarded-for", b""))
    return bots.identify(headers.get(b"authorization", b"").decode("latin-1"), address)


def required_bot_of_scope(scope: dict, needed: str) -> Bot:
    """As `required_bot_of`; `needed` is the scope of the bot."""
    return _required(bot_of_scope(scope), needed)


def is_bot_with(scope: dict, needed: str) -> bool:
    """Whether it is a bot that may do this. If not, or if that cannot be known now, Django says why."""
    try:
        return bool(required_bot_of_scope(scope, needed))
    except (Refused, Error):
        return False


def may_be_a_bot(scope: dict, headers: Asked) -> bool:
    """Whether the database has to be asked: bots see more, and nobody else shall pay for it."""
    if b"authorization" in headers:
        return True
    return bool(settings.TRUSTED_BOT_NETWORKS) and is_trusted(peer_of(scope), headers.get(b"x-forwarded-for", b""))


@lru_cache(4096)
def is_trusted(peer: str, forwarded_for: bytes) -> bool:
    """Whether a request comes from a network of bots: by the address that Django finds, too."""
    return addresses.is_in(_address(peer, forwarded_for), settings.TRUSTED_BOT_NETWORKS)


def peer_of(scope: dict) -> str:
    peer, _ = scope.get("client") or ("", 0)
    return peer


def joined(headers: list[tuple[bytes, bytes]]) -> Asked:
    """A header that stands there twice is a list, as for Django."""
    asked = dict(headers)
    if len(asked) < len(headers):
        for name in asked:
            asked[name] = b",".join(value for other, value in headers if other == name)
    return asked


def _required(bot: Bot | None, scope: str) -> Bot:
    if bot is None:
        raise NO_BOT
    bot.require(scope)
    return bot


def _address(peer: str, forwarded_for: bytes) -> Address:
    return addresses.client_address(peer, forwarded_for.decode("latin-1"))
