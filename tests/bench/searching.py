"""Searches: what one costs in a long stream, and what many of them cost everybody else."""

import http.client
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import quote

from tests.bench import load
from tests.bench.cases import both, case, percentile
from tests.bench.databases import copy_of
from tests.bench.servers import Bench, head
from tests.support.servers import UNLIMITED, Server

TERMS = {"frequent": "nothing", "rare": "7777: ", "absent": "zebra crossing"}
COSTLY = ["zebra", "~", "zq", "x"]  # absent words, and letters that no index has
TIMES = 40
VISITORS = 200


def length(bench: Bench) -> int:
    return 1_000_000 if bench.part == 1 else 10_000


@case("search", "one search, 1,000,000 comments, p95 of its worst term", "", "ms", both(50), at_most=True)
def one_search(bench: Bench):
    with bench.site(length(bench)) as site:
        yield lambda: max(percentile(times_of(site, term), 95) for term in TERMS.values()), None


def times_of(site: Server, term: str) -> list[float]:
    return [timed(lambda: ok(site.get(f"/api/comments?search={quote(term)}").status == 200)) for _ in range(TIMES)]


@case("search", "POST while 200 visitors search, p95", "the same in quiet", "ms", both(4), at_most=True)
def posts_among_searches(bench: Bench):
    with copy_of(length(bench)) as folder, bench.site(folder, **UNLIMITED) as site:

        def amid_searches() -> float:
            with searching(site, bench.crowd(VISITORS)):
                return p95_of_posts(site, bench.seconds)

        yield amid_searches, lambda: p95_of_posts(site, bench.seconds)


@case("search", "idle polls while 200 visitors search", "the same in quiet", "requests/s", both(0.8))
def polls_among_searches(bench: Bench):
    with bench.site(length(bench)) as site:
        url = f"{site.url}/api/changes?after={head(site)}"

        def amid_searches() -> float:
            with searching(site, bench.crowd(VISITORS)):
                return load.gets(url, bench.seconds)

        yield amid_searches, lambda: load.gets(url, bench.seconds)


def p95_of_posts(site: Server, seconds: float) -> float:
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        times.append(timed(lambda: ok(site.post({"text": "Hello", "username": "Ada"}).status == 201)))
    return percentile(times, 95)


@contextmanager
def searching(site: Server, visitors: int) -> Iterator[None]:
    """So many visitors search, each again as soon as it is answered. They may be told that it is too much."""
    over = threading.Event()

    def visit(number: int) -> None:
        while not over.is_set():
            try:
                status = site.get(f"/api/comments?search={quote(COSTLY[number % len(COSTLY)])}").status
            except (http.client.HTTPException, OSError):
                continue
            ok(status in (200, 503))
            over.wait(0.1 if status == 503 else 0)

    with ThreadPoolExecutor(visitors) as crowd:
        visits = [crowd.submit(visit, number) for number in range(visitors)]
        try:
            yield
        finally:
            over.set()
    for each in visits:
        each.result()


def timed(act) -> float:
    """In milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def ok(answer: bool) -> None:
    if not answer:
        raise RuntimeError("an answer that should not be")
