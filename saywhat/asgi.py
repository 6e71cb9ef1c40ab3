"""The ASGI application: static files, then Django."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saywhat.settings")

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from saywhat.static import with_static_files  # noqa: E402 — needs Django's settings


def at_root(application):
    """Ignore the root path: daphne takes it from a request header, and with it anyone could reach
    /admin/ under a path that no proxy rule guards."""

    async def at_root(scope, receive, send):
        await application({**scope, "root_path": ""}, receive, send)

    return at_root


application = ProtocolTypeRouter({"http": at_root(with_static_files(django_application))})
