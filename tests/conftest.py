"""What every test may ask for. Settings come from here, never from the developer's environment.

`pytest` runs on SQLite, `pytest --postgres` on a private PostgreSQL server, each test that could tell them apart.
"""

import itertools
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tests.support import needs
from tests.support.declared_settings import declared_settings
from tests.support.filled import filled_once
from tests.support.private_postgres import PrivatePostgres
from tests.support.private_redis import PrivateRedis
from tests.support.servers import UNLIMITED, Server
from tests.support.shared_site import SharedSite

pytest_plugins = ["tests.support.cast"]

# How long an example takes says how busy the machine is.
hypothesis_settings.register_profile("whatever the machine", deadline=None)
hypothesis_settings.load_profile("whatever the machine")

MOST_CONNECTIONS = 60
POSTGRES = pytest.StashKey[PrivatePostgres]()


def pytest_addoption(parser):
    parser.addoption("--postgres", action="store_true", help="run on a private PostgreSQL server instead of SQLite")


def pytest_configure(config):
    """Set the environment before Django reads it; pytest-django finds the settings after this."""
    if has_workers(config):
        return  # which do this each for itself, and must not inherit what is set here
    take_interrupts()
    for name in declared_settings():
        os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="saywhat-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ["VAR_DIR"] = str(folder)
    if config.getoption("postgres"):
        os.environ["DATABASE_URL"] = private_postgres(config).url("postgres")
    config.option.reuse_db = True  # the test database needs no removing: its folder or its server goes as a whole
    os.environ["DJANGO_SETTINGS_MODULE"] = "saywhat.settings"
    from django.conf import settings

    assert settings.DATABASES  # read now: pytest-django, which comes next, looks whether they have been


def take_interrupts() -> None:
    """A shell that starts a script in the background lets it ignore Ctrl-C, and so would every server that a test
    starts and then stops as a terminal does: a program inherits what is ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def has_workers(config) -> bool:
    """Whether this process only hands out the tests, as pytest-xdist's first process does."""
    return bool(getattr(config.option, "numprocesses", None)) and not hasattr(config, "workerinput")


def private_postgres(config) -> PrivatePostgres:
    """The one server of this run, started when first asked for."""
    if POSTGRES not in config.stash:
        programs = needs.postgres_programs()
        if programs is None:
            raise pytest.UsageError(f"PostgreSQL is not installed: {needs.INSTALLING['PostgreSQL']}")
        server = PrivatePostgres(programs)
        config.add_cleanup(server.stop)
        config.stash[POSTGRES] = server.start()
    return config.stash[POSTGRES]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Fast tests first; and each pass runs what it alone can show."""
    items.sort(key=lambda item: bool(item.get_closest_marker("slow") or item.get_closest_marker("browser")))
    if not config.getoption("postgres"):
        for item in items:
            if item.get_closest_marker("postgres"):
                item.add_marker(pytest.mark.skip(reason="makes sense on PostgreSQL only: run pytest --postgres"))
        return
    done_on_sqlite = [item for item in items if runs_in_first_pass_only(item)]
    config.hook.pytest_deselected(items=done_on_sqlite)
    items[:] = [item for item in items if item not in done_on_sqlite]


def runs_in_first_pass_only(item) -> bool:
    marks = {mark.name for mark in item.iter_markers()}
    fixtures = set(item.fixturenames)
    has_to_do_with_it = marks & {"django_db", "postgres"} or fixtures & {"db", "transactional_db", "make_server"}
    return bool(marks & {"browser", "once"}) or "on_any_database" in fixtures or not has_to_do_with_it


# In-process tests: Django's test client


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    """SQLite in a file, so that threads have connections of their own, as in production; and PostgreSQL with more of
    them than there: tests begin event loops by the dozen, and a thread that ends with its loop gives none back."""
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(os.environ["VAR_DIR"]) / "test.sqlite3")
    else:
        options = connection.settings_dict["OPTIONS"]
        options["pool"] = options["pool"] | {"max_size": MOST_CONNECTIONS}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    from django.test import TransactionTestCase

    from tests.support.emptying import empty_all_tables

    TransactionTestCase._fixture_teardown = empty_all_tables


# Tests of the whole: real processes on real sockets


@pytest.fixture(scope="session")
def postgres(pytestconfig) -> PrivatePostgres:
    """A private PostgreSQL server; its databases are the test's own business."""
    if needs.postgres_programs() is None:
        needs.without("PostgreSQL")
    return private_postgres(pytestconfig)


@pytest.fixture
def redis():
    """A private Redis server, running and empty."""
    program = needs.redis_server()
    if program is None:
        needs.without("Redis")
    server = PrivateRedis(program)
    yield server.start()
    server.remove()


@pytest.fixture(scope="session")
def make_server(request, tmp_path_factory, pytestconfig):
    """Makes a Server, not yet started, with a migrated and empty database: `with make_server() as server: …`

    On the database of this run, unless `database` says "sqlite" or "postgresql". The rest are its settings.
    `kind` is a kind of Server.
    """
    numbers = itertools.count(1)
    migrated = {}

    def make_server(database: str = "", kind: type[Server] = Server, **settings: str) -> Server:
        database = database or ("postgresql" if pytestconfig.getoption("postgres") else "sqlite")
        if database not in migrated:
            migrated[database] = MIGRATED[database](request, tmp_path_factory.getbasetemp())
        copy = migrated[database]
        folder = tmp_path_factory.mktemp("server")
        return kind(folder, **copy(folder, f"server_{next(numbers)}"), **settings)

    return make_server


def migrated_sqlite(request, base: Path):
    """Migrate once; then a copy is all that a new server needs."""
    folder = filled_once(base, "migrated", lambda folder: Server(folder).manage("migrate", "-v0"))

    def copy(to: Path, name: str) -> dict[str, str]:
        shutil.copy(folder / "saywhat.sqlite3", to)
        return {}

    return copy


def migrated_postgres(request, base: Path):
    postgres = request.getfixturevalue("postgres")
    Server(base, DATABASE_URL=postgres.create_database("migrated")).manage("migrate", "-v0")

    def copy(to: Path, name: str) -> dict[str, str]:
        return {"DATABASE_URL": postgres.create_database(name, template="migrated")}

    return copy


@pytest.fixture(scope="module")
def own_postgres():
    """A PostgreSQL server of one file's tests: they may stop it (`go_away`) and start it again (`come_back`)."""
    programs = needs.postgres_programs()
    if programs is None:
        needs.without("PostgreSQL")
    server = PrivatePostgres(programs)
    yield server.start()
    server.stop()


MIGRATED = {"sqlite": migrated_sqlite, "postgresql": migrated_postgres}


@pytest.fixture
def start_server(make_server):
    """Starts servers, as many as the test asks for, and stops them after it: `start_server(HOLD_COMMENTS="true")`."""
    started = []

    def start_server(database: str = "", **settings: str) -> Server:
        started.append(make_server(database, **settings))
        return started[-1].start()

    yield start_server
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def site_in_turn(make_server):
    """A server without limits that tests share, one after the other."""
    with make_server(kind=SharedSite, **UNLIMITED) as site:
        yield site


@pytest.fixture
def new_site(site_in_turn) -> SharedSite:
    """The same, and nothing has happened there yet."""
    return site_in_turn.begins_anew()


@pytest.fixture
def server(start_server) -> Server:
    """One server with the settings that a self-hoster gets who sets none."""
    return start_server()


@pytest.fixture(params=["sqlite", "postgresql"])
def on_any_database(request, start_server):
    """`start_server`, once for each database: for what only real processes can show."""

    def start(**settings: str) -> Server:
        return start_server(request.param, **settings)

    start.database = request.param
    return start
