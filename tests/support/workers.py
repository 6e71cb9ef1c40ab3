"""Posters, moderators and pollers as processes of their own: `python -m tests.support.workers KIND …`.

Each prints one JSON value when it is done. Pollers and moderators work until their standard input is closed.
"""

import http.client
import itertools
import json
import os
import random
import select
import subprocess
import sys
from urllib.parse import urlsplit

from tests.support.declared_settings import ROOT

PAUSE_SECONDS = 0.02


class Worker:
    """A running worker, as the test holds it."""

    def __init__(self, env: dict[str, str], *arguments: str | int):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.workers", *map(str, arguments)],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def result(self, timeout: float = 120):
        """Let it finish, and return what it printed."""
        printed, _ = self.process.communicate(timeout=timeout)
        assert self.process.returncode == 0, f"a worker ended with {self.process.returncode}"
        return json.loads(printed)


def told_to_stop(within_seconds: float = PAUSE_SECONDS) -> bool:
    return bool(select.select([sys.stdin], [], [], within_seconds)[0])


class Site:
    """One keep-alive connection, from an address of its own."""

    def __init__(self, url: str, address: str = "127.0.0.1"):
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60, source_address=(address, 0))

    def ask(self, method: str, path: str, data: dict | None = None) -> tuple[int, object]:
        body = None if data is None else json.dumps(data)
        self.connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())


def post(url: str, address: str, name: str, count: str) -> list[str]:
    """Post `count` comments; the ids of those that were acknowledged."""
    site = Site(url, address)
    acknowledged = []
    for number in range(int(count)):
        status, comment = site.ask("POST", "/api/comments", {"text": f"{name} {number}", "username": name})
        assert status == 201, comment
        acknowledged.append(comment["id"])
    return acknowledged


def hammer(url: str, address: str, count: str) -> list[int]:
    """Post as fast as it goes from one address; the statuses."""
    site = Site(url, address)
    return [site.ask("POST", "/api/comments", {"text": str(n), "username": "flood"})[0] for n in range(int(count))]


def poll_changes(url: str, limit: str) -> list[dict]:
    """Follow /api/changes from the beginning; every change in the order in which it came."""
    site, cursor, seen = Site(url), 0, []
    while True:
        stop = told_to_stop()
        status, answer = site.ask("GET", f"/api/changes?after={cursor}&limit={limit}")
        assert status == 200, answer
        seen += answer["changes"]
        cursor = answer["cursor"]
        if stop and not answer["hasMore"]:
            return seen


def poll_comments(url: str, limit: str) -> list[dict]:
    """Follow /api/comments?after= as the first version's bots did."""
    site, after, seen = Site(url), 0, []
    while True:
        stop = told_to_stop()
        status, comments = site.ask("GET", f"/api/comments?after={after}&limit={limit}&fresh=true")
        assert status == 200, comments
        seen += comments
        after = comments[-1]["timestamp"] if comments else after
        if stop and not comments:
            return seen


def long_poll(url: str, after: str) -> dict:
    """One long poll."""
    status, answer = Site(url).ask("GET", f"/api/changes?after={after}&wait=30")
    assert status == 200, answer
    return answer


def moderate(seed: str) -> int:
    """Hide and restore overlapping sets of what `moderated` wrote; how many changes that were. All end visible but
    every third, which ends hidden."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saywhat.settings")
    import django

    django.setup()
    from comments.models import Comment

    theirs = Comment.objects.filter(username="moderated")
    ids = sorted(theirs.values_list("pk", flat=True))
    dice = random.Random(seed)
    changes = 0
    for _ in itertools.count():
        some = theirs.filter(pk__in=dice.sample(ids, len(ids) // 2))
        changes += len(some.hide()) + len(some.restore())
        if told_to_stop(0):
            return (
                changes + len(theirs.filter(pk__in=ids[::3]).hide()) + len(theirs.exclude(pk__in=ids[::3]).restore())
            )


if __name__ == "__main__":
    kinds = {
        function.__name__: function for function in (post, hammer, poll_changes, poll_comments, long_poll, moderate)
    }
    print(json.dumps(kinds[sys.argv[1]](*sys.argv[2:])))
