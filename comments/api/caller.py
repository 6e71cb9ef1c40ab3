"""Who makes a request of Django's: `comments.callers` for what stands in it."""

from django.http import HttpRequest

from comments.callers import addresses, bots
from comments.callers.addresses import Address
from comments.callers.bots import Bot
from comments.errors import Refused


def address_of(request: HttpRequest) -> Address:
    return addresses.client_address(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def bot_of(request: HttpRequest) -> Bot | None:
    """None for a visitor. Raises Refused (401) for a wrong token."""
    return bots.identify(request.headers.get("Authorization", ""), address_of(request))


def required_bot_of(request: HttpRequest, scope: str) -> Bot:
    """Raises Refused: 401 for whoever is no bot, 403 for a bot that may not do this."""
    if bot := bot_of(request):
        bot.require(scope)
        return bot
    raise Refused(401, "bot_token_required", "Only bots may do this: send Authorization: Bearer and a bot's token.")
