"""The ASGI application: the fast lane, static files, then Django."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saywhat.settings")

import django
from asgiref.sync import sync_to_async
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.handlers.asgi import ASGIHandler

django.setup(set_prefix=False)

# These need Django to be set up.
from django.conf import settings  # noqa: E402
from django.urls import path  # noqa: E402

from comments.admission import Admission  # noqa: E402
from comments.consumers import changes_socket  # noqa: E402
from comments.fastlane import FastLane  # noqa: E402
from comments.hints import hints  # noqa: E402
from saywhat.static import with_static_files  # noqa: E402


class OneThreadHandler(ASGIHandler):
    """Django with a request in one thread from its first middleware to its last.

    All of ours are synchronous. Were each adapted for itself, a request would go back and forth between its thread and
    the event loop, which is slow; and when the server is told to stop, the thread would wait for a loop that is gone,
    and keep the process from ending.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request):
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


def at_root(application):
    """Ignore the root path: daphne takes it from a request header, and with it anyone could reach
    /admin/ under a path that no proxy rule guards."""

    async def at_root(scope, receive, send):
        await application({**scope, "root_path": ""}, receive, send)

    return at_root


def listening(application):
    """Hear of the other processes' commits from the first request on."""

    async def listening(scope, receive, send):
        hints.attach()
        await application(scope, receive, send)

    return listening


application = ProtocolTypeRouter(
    {
        "http": at_root(with_static_files(Admission(OneThreadHandler()))),
        "websocket": URLRouter([path("ws/changes", changes_socket)]),
    }
)
if settings.FAST_LANE:
    application = FastLane(application)
if hints:
    application = listening(application)
