"""The ASGI application: the fast lane, static files, then Django."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saywhat.settings")

import django
from channels.routing import ProtocolTypeRouter, URLRouter

django.setup(set_prefix=False)

# These need Django to be set up.
from django.conf import settings  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from comments.api.consumers import changes_socket, no_socket  # noqa: E402
from comments.api.fastlane import FastLane  # noqa: E402
from comments.api.states import StatesLane, states_socket  # noqa: E402
from comments.api.worklane import WorkLane  # noqa: E402
from saywhat import phrases  # noqa: E402
from saywhat.calling import calling  # noqa: E402
from saywhat.daily import daily  # noqa: E402
from saywhat.handler import ThreadedHandler  # noqa: E402
from saywhat.metrics import measured  # noqa: E402
from saywhat.static import with_static_files  # noqa: E402


def at_root(application):
    """Ignore the root path: daphne takes it from a request header, and with it anyone could reach
    /admin/ under a path that no proxy rule guards."""

    async def at_root(scope, receive, send):
        await application({**scope, "root_path": ""}, receive, send)

    return at_root


def listening(application):
    """Hear of the other processes' commits from the first request on."""
    from comments.reading.hints import hints  # only where it is needed: a client of Redis takes a fifth of the start

    async def listening(scope, receive, send):
        hints.attach()
        await application(scope, receive, send)

    return listening


application = ProtocolTypeRouter(
    {
        "http": at_root(with_static_files(daily(calling(ThreadedHandler())))),
        "websocket": URLRouter(
            [
                path("ws/changes", changes_socket),
                path("ws/bots/moderation", states_socket),
                re_path("", no_socket),
            ]
        ),
    }
)
application = StatesLane(WorkLane(application))
if settings.FAST_LANE:
    application = FastLane(application)
if settings.REDIS_URL:
    application = listening(application)
if settings.METRICS_NETWORKS:
    application = measured(application)

phrases.teach()

# The collector stops all readers while it looks through everything that is alive, and thousands of sockets are much.
# What is loaded by now stays for ever; and what lives for one message only shall be gone before it looks.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 10, 2)
