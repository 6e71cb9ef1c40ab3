"""What the processes tell Prometheus at /metrics, together, and only to METRICS_NETWORKS."""

import asyncio
import os
import time

from django.conf import settings
from django.db import Error, connection
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from comments import meters
from comments.api.fastlane import joined
from comments.callers.addresses import client_address, is_in
from comments.stream.clock import StreamClock, wall_now
from comments.stream.comment import Comment
from comments.stream.queryset import State

PATH = "/metrics"
OTHER = "other"
POOL_SECONDS = 5.0
OPERATIONS = {
    "/": "page",
    "/moderation": "page",
    "/api/comments": "list",
    "/api/changes": "changes",
    "/api/comments/health": "health",
    "/api/ready": "health",
    "/api/stats": "stats",
    "/api/moderation": "stats",
}
BEGINNINGS = {"/static/": "static", "/bots/": "page", "/admin/": "admin", "/api/comments/": "comment"}
METHODS = {"GET": "", "HEAD": "", "POST": "post ", "PATCH": "patch ", "OPTIONS": "options "}


def measured(application):
    """The ASGI application, each of whose answers is counted and timed."""

    tasks = []

    async def measured(scope, receive, send):
        if not tasks:
            tasks.append(asyncio.get_running_loop().create_task(follow_pool()))
        if scope["type"] != "http":
            return await application(scope, receive, send)
        if scope["path"] == PATH and is_allowed(scope):
            return await tell(send)
        began, operation, status = time.perf_counter(), operation_of(scope), 0

        async def counted_send(message):
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await application(scope, receive, counted_send)
        finally:
            meters.requests.labels(operation, status).observe(time.perf_counter() - began)

    return measured


def operation_of(scope: dict) -> str:
    """One of a few words. A visitor chooses path and method, so nothing of either goes into it."""
    path, query = scope["path"], scope["query_string"]
    found = OPERATIONS.get(path) or next((BEGINNINGS[start] for start in BEGINNINGS if path.startswith(start)), OTHER)
    if found == "changes" and b"wait=" in query:
        found = "long poll"
    if found == "list" and b"after=" in query:
        found = "poll"
    return METHODS.get(scope["method"], "odd ") + found


def is_allowed(scope: dict) -> bool:
    peer, _ = scope.get("client") or ("", 0)
    forwarded_for = joined(scope["headers"]).get(b"x-forwarded-for", b"").decode("latin-1")
    return is_in(client_address(peer, forwarded_for), settings.METRICS_NETWORKS)


async def tell(send) -> None:
    body = await asyncio.to_thread(text)
    headers = [(b"content-type", CONTENT_TYPE_LATEST.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def text() -> bytes:
    look()
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry)


def look() -> None:
    """What is only known by asking. Of a database that does not answer, the last is told."""
    try:
        wall = wall_now()
        meters.clock_ahead.set(wall / 1e6 - time.time())
        meters.stream_ahead.set((StreamClock.now().version - wall) / 1e6)
        meters.held.set(Comment.objects.filter(state=State.HELD).count())
    except Error:
        pass
    finally:
        connection.close()


async def follow_pool() -> None:
    """Each process tells of its own connections: only PostgreSQL has a pool."""
    while connection.vendor == "postgresql":
        stats = connection.pool.get_stats()
        meters.pool.labels("size").set(stats["pool_size"])
        meters.pool.labels("free").set(stats["pool_available"])
        meters.pool.labels("waiting").set(stats["requests_waiting"])
        await asyncio.sleep(POOL_SECONDS)
