"""Moderators who hide very much at once, while others go on posting."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.bench.cases import both, case
from tests.bench.databases import copy_of
from tests.bench.searching import ok, timed
from tests.bench.servers import Bench
from tests.support.cast import PASSWORD
from tests.support.servers import UNLIMITED, Server

AUTHOR = "0001" + "0" * 28
# All that were imported are of one author now; whatever they were, they are visible.
PREPARE = f"""
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("UPDATE comments_comment SET author_key = '{AUTHOR}', state = 'visible' WHERE id LIKE 'row-%%'")
"""


class Moderator:
    """Signed in at the desk, with a browser's cookies."""

    def __init__(self, site: Server) -> None:
        self.site = site
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.send("/admin/login/", username="mo", password=PASSWORD, next="/admin/")

    def open(self, path: str) -> str:
        with self.opener.open(self.site.url + path) as page:
            return page.read().decode()

    def send(self, path: str, **fields: str) -> str:
        """A form of the desk, with the token of the page that it stands on."""
        page = self.open("/admin/")
        token, *_ = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        seen = re.findall(r'name="seen" value="(\d+)"', page)[:1]
        form = {"csrfmiddlewaretoken": token, "seen": "".join(seen), "since": "all", **fields}
        with self.opener.open(Request(self.site.url + path, urlencode(form).encode())) as answer:
            return answer.read().decode()


@case("hide", "10,000 of one author hidden: the longest wait of a poster", "", "ms", both(200), at_most=True)
def longest_wait(bench: Bench):
    with copy_of(10_000) as folder:
        server = Server(folder)
        server.manage("shell", "-v0", "-c", PREPARE)
        server.manage("create_moderator", "mo", input=f"{PASSWORD}\n")
        with bench.site(folder, AUTHOR_KEY_DAYS="0", **UNLIMITED) as site:  # they are old, and would be forgotten
            moderator = Moderator(site)
            yield lambda: longest_wait_while(site, moderator), None


def longest_wait_while(site: Server, moderator: Moderator) -> float:
    """Of those who post while all of one author is hidden; then it is all as before."""
    with posting(site) as times:
        hidden = moderator.send("/admin/act/", do="hide:author:row-0", confirmed="yes")
    ok(re.search(r"Hidden: \d{4}", hidden) is not None)
    [undo, *_] = re.findall(r'value="(undo:one:\w+)"', hidden)
    moderator.send("/admin/act/", do=undo)
    return max(times)


@contextmanager
def posting(site: Server) -> Iterator[list[float]]:
    """Somebody posts all the time; how long each took."""
    times: list[float] = []
    over = threading.Event()

    def post() -> None:
        while not over.is_set():
            times.append(timed(lambda: ok(site.post({"text": "Hello", "username": "Ada"}).status == 201)))

    poster = threading.Thread(target=post)
    poster.start()
    try:
        yield times
    finally:
        over.set()
        poster.join()
