"""What keeps the site from starting is one sentence that says what to do; what keeps it from its work is said as it is
to whoever asks, and never an answer that looks right."""

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.declared_settings import ROOT
from tests.support.private_postgres import PrivatePostgres, free_port, wait_until
from tests.support.servers import UNLIMITED, Server, clean_environment
from tests.support.small_disk import SmallDisk, without_roots_rights

WAIT_SECONDS = 60
READS = ("/", "/api/changes?after=0", "/api/comments", "/api/comments?after=0", "/api/stats", "/admin/login/")

pytestmark = [pytest.mark.once, pytest.mark.slow]


def run(folder: Path, *command: str, **settings: str) -> subprocess.CompletedProcess:
    """With the rights of somebody who is not root."""
    env = {**clean_environment(), "VAR_DIR": str(folder), **settings}
    arguments = [*without_roots_rights(), sys.executable, *command]
    return subprocess.run(arguments, cwd=ROOT, env=env, capture_output=True, text=True, timeout=WAIT_SECONDS)


def serve(folder: Path, **settings: str) -> subprocess.CompletedProcess:
    """As bin/serve does it when everything is installed."""
    return run(folder, "-m", "saywhat.serve", "--prepare", "--port", str(free_port()), **settings)


def is_one_sentence(done: subprocess.CompletedProcess, *words: str) -> None:
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


# Starting


@dataclass
class Place:
    """Where a site is to be started, and what is made for it meanwhile."""

    folder: Path
    migrated: Path
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def file(self) -> Path:
        return self.folder / "saywhat.sqlite3"


def migrated(place: Place) -> dict[str, str]:
    shutil.copy(place.migrated, place.file)
    return {}


def may_not_write(place: Place) -> dict[str, str]:
    migrated(place)
    (place.folder / "secret_key").write_text("x" * 50)
    place.file.chmod(0o444)
    return closed(place)


def closed(place: Place) -> dict[str, str]:
    place.folder.chmod(0o555)
    place.stack.callback(place.folder.chmod, 0o755)
    return {}


def unreadable_secret(place: Place) -> dict[str, str]:
    (place.folder / "secret_key").touch(mode=0)
    return {}


def no_database_file(place: Place) -> dict[str, str]:
    place.file.write_text("This is not a database, and long enough to be read as one. " * 20)
    return {}


def full_disk(place: Place) -> dict[str, str]:
    disk = SmallDisk(place.folder).mount()
    place.stack.callback(disk.unmount)
    (place.folder / "secret_key").write_text("x" * 50)
    disk.fill()
    return {}


def setting(**settings: str) -> Callable[[Place], dict[str, str]]:
    return lambda place: settings


CASES = {
    "a number that is none": (setting(POLL_AFTER_MS="soon"), "POLL_AFTER_MS", "Not a valid integer"),
    "a number out of range": (setting(POSTS_PER_MINUTE="0"), "POSTS_PER_MINUTE", "greater than or equal to 1"),
    "a network that is none": (setting(TRUSTED_PROXIES="everybody"), "TRUSTED_PROXIES", "CIDRs"),
    "a yes that is none": (setting(HTTPS="perhaps"), "HTTPS", "README.md"),
    "a Redis that is none": (setting(REDIS_URL="localhost"), "REDIS_URL is like redis://"),
    "a database that is none": (setting(DATABASE_URL="mongo://x"), "DATABASE_URL", "it is like postgres://"),
    "a folder that there is not": (setting(VAR_DIR="/proc/nowhere"), "/proc/nowhere", "VAR_DIR"),
    "a folder that may not be written": (closed, "Permission denied", "VAR_DIR"),
    "a secret that may not be read": (unreadable_secret, "secret_key: Permission denied"),
    "a database that may not be written": (may_not_write, "saywhat.sqlite3 may not be written", "give this user"),
    "a database without a folder": (setting(DATABASE_URL="sqlite:////nowhere/x"), "/nowhere/x cannot be opened"),
    "no database": (no_database_file, "file is not a database", "bin/manage restore"),
    "a full disk": (full_disk, "The disk is full: make room"),
    "no PostgreSQL": (
        setting(DATABASE_URL="postgres://a@127.0.0.1:9/x"),
        "127.0.0.1, port 9, does not answer",
        "start it",
    ),
}


@pytest.fixture(scope="module")
def migrated_file(make_server) -> Path:
    return make_server("sqlite").folder / "saywhat.sqlite3"


@pytest.fixture
def place(tmp_path, migrated_file) -> Iterator[Place]:
    place = Place(tmp_path / "var", migrated_file)
    place.folder.mkdir()
    with place.stack:
        yield place


@pytest.mark.parametrize("case", CASES)
def test_what_keeps_the_site_from_starting_is_one_sentence(case, place):
    make, *words = CASES[case]
    is_one_sentence(serve(place.folder, **make(place)), *words)


POSTGRESQL = {
    "a wrong password": ("guest:wrong", "postgres", "does not take the user and password"),
    "no such database": ("saywhat", "nowhere", "nowhere", "make it, or correct DATABASE_URL"),
}


@pytest.mark.parametrize("case", POSTGRESQL)
def test_what_postgresql_says_no_to_is_one_sentence(case, postgres, tmp_path):
    who, database, *words = POSTGRESQL[case]
    ask_for_a_password(postgres)
    done = serve(tmp_path, DATABASE_URL=postgres.url(database).replace("saywhat@", f"{who}@"))
    is_one_sentence(done, "PostgreSQL at 127.0.0.1, port", *words)
    assert "wrong" not in done.stderr


def ask_for_a_password(postgres: PrivatePostgres) -> None:
    """Of the guest alone."""
    postgres.execute("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'right'")
    rules = postgres.folder / "data/pg_hba.conf"
    rules.write_text("host all guest 127.0.0.1/32 scram-sha-256\n" + rules.read_text())
    postgres.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize("command", [["check_stream"], ["create_bot", "echo"]], ids=" ".join)
def test_a_command_says_it_too(command, tmp_path):
    done = run(tmp_path, "manage.py", *command)
    is_one_sentence(done, "older than this version of the site: run bin/manage migrate")


def test_a_process_by_itself_says_it_too(tmp_path):
    is_one_sentence(run(tmp_path, "-m", "saywhat.worker", "--fd", "0", "saywhat.asgi:application", HTTPS="x"), "HTTPS")


# Running


def say(site: Server, text: str) -> int:
    return site.post({"text": text, "username": "Ada"}).status


def texts(site: Server) -> list[str]:
    return [comment["text"] for comment in site.get("/api/comments?fresh=true").json()["comments"]]


def refuses_posts_and_tells_readers_what_there_is(site: Server) -> None:
    answer = site.post({"text": "into the void", "username": "Ada"})
    assert (answer.status, answer.json()["code"]) == (503, "unwritable")
    assert int(answer.headers["Retry-After"]) > 0
    page = site.post(b"text=void&username=Ada&id=", "/", content_type="application/x-www-form-urlencoded")
    assert page.status == 503
    assert {path: site.get(path).status for path in READS} == dict.fromkeys(READS, 200)
    assert texts(site) == ["before"]
    ready = site.get("/api/ready")
    assert (ready.status, ready.json()) == (200, {"status": "read_only"})


def goes_on(site: Server) -> None:
    wait_until(lambda: say(site, "after") == 201, WAIT_SECONDS, lambda: f"Nothing is stored: {site.log()}")
    assert texts(site) == ["before", "after"]
    assert site.get("/api/ready").json() == {"status": "ready"}
    assert [site.log().count(f"The database stores {what}") for what in ("nothing", "again")] == [1, 1]
    assert "does not answer" not in site.log() and "Traceback" not in site.log()
    assert site.manage("check_stream").stdout == "The stream is in order.\n"


def test_while_the_disk_is_full_readers_read_and_posters_are_told(place):
    disk = SmallDisk(place.folder).mount()
    place.stack.callback(disk.unmount)
    migrated(place)
    with Server(place.folder, **UNLIMITED) as site:
        assert say(site, "before") == 201
        disk.fill()
        refuses_posts_and_tells_readers_what_there_is(site)
        disk.make_room()
        goes_on(site)


def test_while_postgresql_may_only_be_read_readers_read_and_posters_are_told(postgres, start_server):
    site = start_server("postgresql", **UNLIMITED)
    assert say(site, "before") == 201
    try:
        only_read(postgres, "on")
        refuses_posts_and_tells_readers_what_there_is(site)
    finally:
        only_read(postgres, "off")
    goes_on(site)


def only_read(postgres: PrivatePostgres, whether: str) -> None:
    postgres.execute(f"ALTER SYSTEM SET default_transaction_read_only = {whether}")
    postgres.execute("SELECT pg_reload_conf()")
    wait_until(
        lambda: postgres.execute("SHOW default_transaction_read_only") == [(whether,)],
        WAIT_SECONDS,
        lambda: "PostgreSQL has not taken it.",
    )


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_database_that_is_not_migrated_is_told_of_and_never_taken_for_an_empty_stream(database, request, tmp_path):
    settings = {}
    if database == "postgresql":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres").create_database("not_migrated")
    with Server(tmp_path, **settings) as site:
        for path in READS[:-1]:
            assert site.get(path).status == 503, path
        assert say(site, "into the void") == 503
        ready = site.get("/api/ready")
        assert (ready.status, ready.json()["code"]) == (503, "not_migrated")
        assert "Traceback" not in site.log()


def test_without_the_redis_that_is_named_it_serves_and_says_so_once(start_server):
    site = start_server("sqlite", REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert [say(site, text) for text in ("one", "two")] == [201, 201]
    assert texts(site) == ["one", "two"]
    assert site.get("/api/ready").status == 200
    wait_until(lambda: "Redis does not answer" in site.log(), WAIT_SECONDS, lambda: "It says nothing.")
    assert site.log().count("Redis does not answer") == 1


# Open files


@contextmanager
def serving_with(files: tuple[int, int], server: Server) -> Iterator[subprocess.Popen]:
    """So many are allowed to be open, and so many at most."""
    command = [sys.executable, "-m", "saywhat.serve", "--port", str(server.port)]
    limit = ["prlimit", f"--nofile={files[0]}:{files[1]}"]
    with subprocess.Popen([*limit, *command], cwd=ROOT, env=server.env, stderr=subprocess.PIPE, text=True) as process:
        server.process = process
        yield process
        server.stop()


def test_a_process_takes_as_many_files_as_it_may_and_says_when_those_are_few_for_a_crowd(make_server):
    server = make_server("sqlite")
    with serving_with((256, 4000), server) as process:
        assert "lets a process open 4000 files" in process.stderr.readline()
        wait_until(server.listens, WAIT_SECONDS, lambda: "It does not listen.")
        assert resource.prlimit(process.pid, resource.RLIMIT_NOFILE) == (4000, 4000)


def test_of_enough_files_nothing_is_said(make_server):
    with serving_with((256, 12_000), make_server("sqlite")) as process:
        assert "Say What Want is at" in process.stderr.readline()
