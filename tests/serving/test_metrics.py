"""What /metrics tells: over all processes, to whom it may, and nothing that a visitor has chosen."""

import json
import os
import re
import signal

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from websockets.sync.client import connect

from tests.serving.test_restarts import comes_up, start
from tests.serving.test_several_workers import end, started_workers
from tests.support.declared_settings import ROOT
from tests.support.private_postgres import wait_until
from tests.support.servers import Server

ODD = "odd-thing-of-a-visitor"
DEPLOY = ROOT / "deploy"

pytestmark = [pytest.mark.once, pytest.mark.slow]


@pytest.fixture
def measured(make_server):
    """A site of two processes; another network than 127.0.0.1 may not read what it measures."""
    server = make_server("sqlite", METRICS_NETWORKS="127.0.0.1/32", POSTS_PER_BURST="3")
    yield comes_up(start(server))
    end(server)


def told(server: Server) -> dict[str, float]:
    """Each sample's value by its name and labels; those of histograms by bucket too."""
    families = text_string_to_metric_families(server.get("/metrics").text)
    samples = [sample for family in families for sample in family.samples]
    return {f"{sample.name}{sorted(sample.labels.items())}": sample.value for sample in samples}


def value(server: Server, name: str, **labels: str) -> float:
    return told(server).get(f"{name}{sorted(labels.items())}", 0)


def test_it_tells_of_all_processes_what_was_done_and_names_nothing_of_the_visitors(measured):
    for number in range(5):
        measured.post({"text": f"{ODD} {number}", "username": "Odd"}, address="127.0.3.1")
    for path in (f"/{ODD}", f"/api/{ODD}", f"/api/comments?search={ODD}", f"/api/comments?domain={ODD}", "/"):
        measured.get(path, address="127.0.3.1", user_agent=ODD)
    measured.request("ODDMETHOD", f"/api/comments/{ODD}")
    for _ in range(40):
        measured.get("/api/changes?after=0")
    posts = {name: count for name, count in told(measured).items() if name.startswith("saywhat_posts_total")}
    assert value(measured, "saywhat_posts_total", outcome="stored") == 3, posts
    assert value(measured, "saywhat_posts_total", outcome="rate_limited") == 2
    assert value(measured, "saywhat_request_seconds_count", operation="changes", status="200") == 40
    assert value(measured, "saywhat_request_seconds_count", operation="post list", status="201") == 3
    assert 0 < value(measured, "saywhat_tail_read_seconds_count") <= value(measured, "saywhat_tail_questions_total")
    assert abs(value(measured, "saywhat_database_clock_ahead_seconds")) < 60
    text = measured.get("/metrics").text
    assert ODD not in text and "ODDMETHOD" not in text and "127.0.3.1" not in text


def test_whoever_waits_is_counted_as_long_as_it_does_also_when_its_process_dies(measured):
    with connect(f"ws://127.0.0.1:{measured.port}/ws/changes?after=0") as socket:
        socket.recv(timeout=30)
        assert value(measured, "saywhat_sockets") == 1
        for worker in started_workers(measured):
            os.kill(worker, signal.SIGKILL)
    wait_until(lambda: measured.listens() and is_up(measured), 60, lambda: "It does not come back.")
    wait_until(lambda: value(measured, "saywhat_sockets") == 0, 30, lambda: "A dead process has a socket.")


def is_up(server: Server) -> bool:
    try:
        return server.get("/metrics").status == 200
    except OSError:
        return False


def test_it_is_nobodys_business_unless_it_is_said(server):
    assert server.get("/metrics").status == 404


def test_another_network_is_not_told(measured):
    assert measured.get("/metrics", address="127.0.3.2").status == 404


def test_every_expression_of_the_dashboard_and_the_alerts_is_about_what_is_told(measured):
    measured.post({"text": "Hello", "username": "Ada"})
    measured.get("/api/changes?after=0")
    families = text_string_to_metric_families(measured.get("/metrics").text)
    names = {sample.name for family in families for sample in family.samples}
    declared = set(re.findall(r'"(saywhat_\w+)"', (ROOT / "comments/meters.py").read_text()))
    suffixes = ("", "_total", "_count", "_sum", "_bucket")
    known = names | {name + suffix for name in declared for suffix in suffixes}
    panels = json.loads((DEPLOY / "grafana.json").read_text())["panels"]
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"][0]["rules"]
    expressions = [target["expr"] for panel in panels for target in panel["targets"]]
    expressions += [rule["expr"] for rule in rules]
    assert len(expressions) > 10
    for expression in expressions:
        used = set(re.findall(r"saywhat_\w+", expression))
        assert used and used <= known, expression
