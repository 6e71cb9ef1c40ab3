"""Searches: what one costs in a long stream, and what many of them cost everybody else."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from tests.bench import load
from tests.bench.cases import CASES, Case, both, percentile
from tests.bench.databases import copy_of, on_postgresql
from tests.bench.servers import Bench, head
from tests.support.declared_settings import ROOT
from tests.support.servers import UNLIMITED, Server

TERMS = {"frequent": "nothing", "rare": "7777: ", "absent": "zebra crossing"}
TIMES = 40
VISITORS = 200
TO_BEGIN_SECONDS = 1

Site = Callable[[Bench], AbstractContextManager[Server]]


@contextmanager
def on_sqlite(bench: Bench) -> Iterator[Server]:
    with copy_of(length(bench)) as folder, bench.site(folder, **UNLIMITED) as site:
        yield site


@contextmanager
def on_postgres(bench: Bench) -> Iterator[Server]:
    url = on_postgresql(length(bench))
    with TemporaryDirectory() as folder, bench.site(Path(folder), DATABASE_URL=url, **UNLIMITED) as site:
        yield site


def length(bench: Bench) -> int:
    return 1_000_000 if bench.part == 1 else 10_000


def one_search(bench: Bench, on: Site):
    with on(bench) as site:
        yield lambda: max(percentile(times_of(site, term), 95) for term in TERMS.values()), None


def times_of(site: Server, term: str) -> list[float]:
    return [timed(lambda: ok(site.get(f"/api/comments?search={quote(term)}").status == 200)) for _ in range(TIMES)]


def posts_among_searches(bench: Bench, on: Site):
    with on(bench) as site:
        yield among_searches(bench, site, lambda: p95_of_posts(site, bench.seconds))


def polls_among_searches(bench: Bench, on: Site):
    with on(bench) as site:
        url = f"{site.url}/api/changes?after={head(site)}"
        yield among_searches(bench, site, lambda: load.gets(url, bench.seconds))


def among_searches(bench: Bench, site: Server, measure: Callable[[], float]) -> tuple[Callable[[], float], ...]:
    """The measure while visitors search, and in quiet."""

    def amid() -> float:
        with searching(site, bench.crowd(VISITORS)):
            return measure()

    return amid, measure


def p95_of_posts(site: Server, seconds: float) -> float:
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        times.append(timed(lambda: ok(site.post({"text": "Hello", "username": "Ada"}).status == 201)))
    return percentile(times, 95)


@contextmanager
def searching(site: Server, visitors: int) -> Iterator[None]:
    """So many visitors search, each again as soon as it is answered."""
    crowd = subprocess.Popen([sys.executable, "-m", "tests.bench.visitors", str(site.port), str(visitors)], cwd=ROOT)
    try:
        time.sleep(TO_BEGIN_SECONDS)
        yield
        ok(crowd.poll() is None)
    finally:
        crowd.terminate()
        crowd.wait()


def timed(act) -> float:
    """In milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def ok(answer: bool) -> None:
    if not answer:
        raise RuntimeError("an answer that should not be")


def case(name: str, title: str, baseline: str, unit: str, demand: float, at_most: bool, pair) -> None:
    for kind, database, on in (name, "SQLite", on_sqlite), (f"{name}-postgresql", "PostgreSQL", on_postgres):
        measured = contextmanager(lambda bench, on=on: pair(bench, on))
        CASES.append(Case(kind, f"{title}, {database}", baseline, unit, measured, both(demand), at_most))


case("search", "one search, 1,000,000 comments, p95 of its worst term", "", "ms", 50, True, one_search)
QUIET = "the same in quiet"
case("search", "POST while 200 visitors search, p95", QUIET, "ms", 4, True, posts_among_searches)
case("search", "idle polls while 200 visitors search", QUIET, "requests/s", 0.8, False, polls_among_searches)
