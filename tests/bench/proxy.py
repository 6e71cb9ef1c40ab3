"""What a town asks of nginx before the site: very many polls.

nginx shares all cores with what loads it. Who asks while the answer of a new second is fetched waits, and nginx looks
each half second whether it came: of 64 who ask again at once all would wait half of the time, so there are more.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import cores, load
from tests.bench.cases import both, case
from tests.bench.servers import Bench, cpu_ms, head
from tests.support import needs
from tests.support.private_nginx import PrivateNginx
from tests.support.private_postgres import free_port
from tests.support.servers import Server

VISITORS = Path(__file__).with_name("visitors.lua")
POLLERS = 1000


@case("nginx", "idle polls through nginx", "the same without", "requests/s", {})
def through_nginx(bench: Bench):
    with proxied(bench) as (site, proxy):
        path = f"/api/changes?after={head(site)}"
        yield (
            lambda: polls(bench, proxy.url + path),
            lambda: load.gets(site.url + path, bench.seconds, bench.crowd(POLLERS)),
        )


@case("nginx", "idle polls through nginx", "a constant of nginx's", "requests/s", {})
def beside_the_least(bench: Bench):
    port = free_port()
    constant = f'server {{ listen 127.0.0.1:{port}; access_log off; location / {{ return 200 "{{}}"; }} }}'
    with proxied(bench, more=constant) as (site, proxy):
        path = f"/api/changes?after={head(site)}"
        yield lambda: polls(bench, proxy.url + path), lambda: polls(bench, f"http://127.0.0.1:{port}{path}")


@case("nginx", "idle polls through nginx", "", "requests/s", both(80_000))
def so_many_through_nginx(bench: Bench):
    with proxied(bench) as (site, proxy):
        path = f"/api/changes?after={head(site)}"
        yield lambda: polls(bench, proxy.url + path), None


@case("nginx", "idle polls that a second of nginx's processors answers", "", "requests", {})
def by_its_own_time(bench: Bench):
    with proxied(bench) as (site, proxy):
        path = f"/api/changes?after={head(site)}"

        def for_each_second() -> float:
            before = cpu_ms(proxy)
            answered = polls(bench, proxy.url + path) * round(bench.seconds)
            return answered * 1000 / (cpu_ms(proxy) - before)

        yield for_each_second, None


@case("nginx", "what reaches the site of them, for one cursor", "", "requests/s", both(2), at_most=True)
def reads_of_the_origin(bench: Bench):
    with proxied(bench) as (site, proxy):
        path = f"/api/changes?after={head(site)}"

        def reads() -> float:
            before, began = answered(site), time.perf_counter()
            polls(bench, proxy.url + path)
            return (answered(site) - before) / (time.perf_counter() - began)

        yield reads, None


@contextmanager
def proxied(
    bench: Bench, stream: int | Path = 100_000, more: str = "", **settings: str
) -> Iterator[tuple[Server, PrivateNginx]]:
    """nginx limits by address, so each request says another one, as behind another proxy."""
    program = needs.nginx() or needs.without("nginx")
    visitors = "set_real_ip_from 127.0.0.1; real_ip_header X-Visitor;"
    with bench.site(stream, METRICS_NETWORKS="127.0.0.1/32", **settings) as site:
        proxy = PrivateNginx(program, [site], visitors + more)
        try:
            with cores.on(cores.ALL):
                yield site, proxy.start()
        finally:
            proxy.remove()


def polls(bench: Bench, url: str) -> float:
    with cores.on(cores.ALL):
        return load.requests_per_second(url, bench.seconds, bench.crowd(POLLERS), "-s", str(VISITORS))


def answered(site: Server) -> float:
    told = site.get("/metrics").text
    found = re.search(r'saywhat_request_seconds_count\{operation="changes",status="200"\} (\S+)', told)
    return float(found[1]) if found else 0.0
