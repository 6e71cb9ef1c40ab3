"""What must be true of the project as a whole: its packaging, its settings, and how it is served."""

import re
import sqlite3
import subprocess
import sys
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from saywhat.handler import AT_ONCE, COSTLY_AT_ONCE
from saywhat.settings import POSTGRESQL_OPTIONS
from saywhat.under_daphne import FLAGS
from tests.support.declared_settings import ROOT
from tests.support.servers import Server, clean_environment

REQUIREMENTS = [
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-mutation.txt",
]  # each has all of the one before
UNDER_UVICORN = "requirements-uvicorn.txt"

on_sqlite_only = pytest.mark.once  # the first pass is SQLite's


# Packaging


@pytest.mark.once
@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.once
def test_the_deployment_check_is_clean(tmp_path):
    """As soon as the site is opened to others, its settings are those that Django asks of a deployment."""
    environment = {**clean_environment(), "ALLOWED_HOSTS": "chat.example", "VAR_DIR": str(tmp_path)}
    check = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(check, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def pinned(name: str) -> dict[str, str]:
    """Each package's version in a requirements file, with what else stands there about it."""
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text())
    found = [re.match(r"([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)(.*)", entry, re.DOTALL) for entry in entries]
    assert all(found[index] or entry.startswith("#") for index, entry in enumerate(entries)), name
    return {match[1].lower(): (match[2], match[3]) for match in found if match}


def versions(name: str) -> dict[str, str]:
    return {package: version for package, (version, _) in pinned(name).items()}


@pytest.mark.once
@pytest.mark.parametrize("name", [*REQUIREMENTS, UNDER_UVICORN])
def test_everything_that_is_installed_is_pinned_with_hashes(name):
    assert [package for package, (_, rest) in pinned(name).items() if "--hash=sha256:" not in rest] == []


@pytest.mark.once
@pytest.mark.parametrize("name", [*REQUIREMENTS, UNDER_UVICORN])
def test_requirements_name_no_place_to_install_from(name):
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|file:", text)


@pytest.mark.once
def test_what_is_tested_is_what_runs():
    for smaller, larger in pairwise(map(versions, REQUIREMENTS)):
        assert smaller.items() <= larger.items()
    assert versions("requirements.txt").items() <= versions(UNDER_UVICORN).items()
    assert {"uvicorn", "uvloop", "httptools"} <= versions(UNDER_UVICORN).keys()


@pytest.mark.once
@pytest.mark.parametrize("name", REQUIREMENTS)
def test_daphne_limits_websocket_messages(name):
    """Before 4.2.2 it took messages of any size and let headers be injected (pitfall 4)."""
    version, _ = pinned(name)["daphne"]
    assert tuple(map(int, version.split("."))) >= (4, 2, 2)


@pytest.mark.once
def test_daphne_says_no_name_and_takes_no_message_of_any_size():
    """Pitfalls 4 and 9."""
    assert {"--no-server-name", "--websocket-max-message-size"} < set(FLAGS)


# The database


@on_sqlite_only
@pytest.mark.django_db
@pytest.mark.parametrize(("pragma", "value"), [("synchronous", 2), ("journal_mode", "wal")])
def test_each_commit_reaches_the_disk(pragma, value):
    """Read back from a connection, because SQLite ignores what it does not understand (pitfalls 26 and 29)."""
    with connection.cursor() as cursor:
        assert cursor.execute(f"PRAGMA {pragma}").fetchone() == (value,)


@on_sqlite_only
@pytest.mark.django_db(transaction=True)
def test_a_transaction_holds_the_write_lock_from_its_beginning():
    """Else one that has read first fails half-way, and without waiting, when another has written (pitfall 25)."""
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0)
    with transaction.atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()


def test_connections_are_kept_only_where_something_bounds_them():
    """By the few threads of saywhat/handler.py on SQLite, in a pool on PostgreSQL (pitfalls 11 and 14)."""
    options = connection.settings_dict
    if connection.vendor == "sqlite":
        assert options["CONN_MAX_AGE"] > 0
    else:
        assert options["CONN_MAX_AGE"] == 0
        assert options["OPTIONS"]["pool"]["max_size"] > AT_ONCE + COSTLY_AT_ONCE


def test_reading_takes_no_write_lock():
    """On SQLite every transaction is a writer's, so requests must not be wrapped in one (pitfall 25)."""
    assert connection.settings_dict["ATOMIC_REQUESTS"] is False


@pytest.mark.postgres
@pytest.mark.django_db
def test_connections_to_postgresql_come_from_a_pool():
    """With room for more than psycopg's four, a wait that ends before visitors give up (pitfall 11), and no pauses
    between attempts to connect that outlast what they wait for."""
    assert POSTGRESQL_OPTIONS["pool"] == {"min_size": 2, "max_size": 16, "timeout": 2, "reconnect_timeout": 2}
    assert (connection.pool.min_size, connection.pool.timeout, connection.pool.reconnect_timeout) == (2, 2, 2)


# The server


@pytest.fixture(scope="module")
def running(make_server):
    with make_server() as server:
        yield server


def test_a_root_path_from_a_header_opens_no_back_way(running: Server):
    """daphne believes anyone's Daphne-Root-Path, with which /x/admin/ would pass a proxy's rules (pitfall 3)."""
    assert running.get("/admin/login/").status == 200
    assert running.get("/x/admin/login/", daphne_root_path="/x").status == 404


@pytest.mark.parametrize("path", ["/", "/api/comments", "/nowhere", "/static/nothing.css"])
def test_the_server_does_not_say_what_it_is(running: Server, path):
    assert "Server" not in running.get(path).headers  # pitfall 9


def test_a_host_that_is_not_ours_is_refused(running: Server):
    assert running.get("/", host="evil.example").status == 400


def test_logs_hold_neither_addresses_nor_words(start_server):
    """R62"""
    server = start_server(POSTS_PER_BURST="1")
    secret = {"text": "a secret from 127.0.0.77", "username": "whisperer"}
    statuses = [server.post(secret, address="127.0.0.77").status for _ in range(2)]
    server.get("/api/comments?search=secret", address="127.0.0.77")
    server.post(b"{malformed secret", address="127.0.0.77")
    server.stop()
    assert statuses == [201, 429]
    assert not re.search(r"127\.0\.0\.77|secret|whisperer", server.log())


@pytest.mark.once
def test_a_health_check_over_http_is_answered_and_not_sent_to_https(start_server):
    """Load balancers ask inside of their network, without certificates."""
    server = start_server(HTTPS="true")
    assert server.get("/api/comments/health").json() == {"status": "ok"}
    assert server.get("/api/ready").json() == {"status": "ready"}
    for path in ("/", "/api/comments", "/api/comments/healthy", "/api/comments/health/x", "/x/api/comments/health"):
        assert server.get(path).status == 301, path
