"""The cast of the in-process tests: a visitor, a banned one, a bot, a moderator, the operator, and how each acts.

Whole servers are in conftest.py. Django is imported inside: this file is read before the settings are.
"""

from datetime import timedelta
from io import StringIO
from ipaddress import ip_address

import pytest

VISITOR = "203.0.113.1"  # addresses set apart for documentation: nobody's
BANNED_VISITOR = "203.0.113.66"
PASSWORD = "a long enough phrase"


class Api:
    """Requests as programs make them. `address` is the peer's; headers are named as in `authorization="Bearer …"`."""

    def __init__(self):
        from django.test import Client

        self.client = Client()

    def get(self, path: str, address: str = VISITOR, **headers: str):
        return self.client.get(path, REMOTE_ADDR=address, headers=headers)

    def post(self, data, path: str = "/api/comments", address: str = VISITOR, **headers: str):
        """`data` is sent as JSON, unless it is text or bytes already."""
        return self.client.post(path, data, "application/json", REMOTE_ADDR=address, headers=headers)

    def patch(self, path: str, data, address: str = VISITOR, **headers: str):
        return self.client.patch(path, data, "application/json", REMOTE_ADDR=address, headers=headers)


@pytest.fixture
def api(db) -> Api:
    return Api()


@pytest.fixture
def no_limits(settings) -> None:
    """As many posts as a test likes."""
    settings.POSTS_PER_MINUTE = settings.POSTS_PER_BURST = 1_000_000


@pytest.fixture
def post(db, no_limits):
    """Posts through the write door, without limits; returns the stored comment: `post("Hi", "Ada", domain="news")`."""
    from comments.text.cleaning import Draft
    from comments.writing import posting

    def post(text="Hello", username="Ada", address=VISITOR, bot=None, **draft):
        return posting.post(Draft(text=text, username=username, **draft), ip_address(address), bot).comment

    return post


@pytest.fixture
def from_the_table(monkeypatch) -> None:
    """Nothing is answered from memory, which has to be the same."""
    monkeypatch.setattr("comments.api.reads.from_tail", lambda *question: None)


@pytest.fixture
def held(post, settings):
    """Posts a comment that waits for a moderator."""

    def held(text="Hello", username="Ada", **draft):
        settings.HOLD_COMMENTS = True
        comment = post(text, username, **draft)
        settings.HOLD_COMMENTS = False
        return comment

    return held


@pytest.fixture
def changes(api):
    """What a reader at a cursor gets next from /api/changes: `changes(cursor)["changes"]`."""

    def changes(cursor: int = 0, **params):
        query = "".join(f"&{name}={value}" for name, value in params.items())
        response = api.get(f"/api/changes?after={cursor}{query}")
        assert response.status_code == 200, response.content
        return response.json()

    return changes


def author_key(address: str) -> str:
    """The key under which this address posts now."""
    from comments.stream.clock import writing
    from comments.writing.authors import keys_of

    with writing() as clock:
        return keys_of(ip_address(address), clock)[0]


def everything_stored() -> str:
    """All of the database, as whoever steals it has it."""
    from django.db import connection

    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            if table == "comments_grams":
                continue  # says only where a gram occurs; what it consists of is among the tables
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += cursor.fetchall()
    return repr(rows)


@pytest.fixture
def banned_visitor(db) -> str:
    """An address from which nobody may post."""
    from comments.models import Ban

    Ban.objects.create(author_key=author_key(BANNED_VISITOR), reason="spam")
    return BANNED_VISITOR


@pytest.fixture
def make_bot(db):
    """Makes a bot and a token for it: `bot, token = make_bot("echo", scopes=["post"])`. As many posts as it likes."""
    from comments.bots import accounts

    def make_bot(name: str, **fields):
        bot = accounts.create(name, **{"posts_per_minute": 1_000_000, **fields})
        return bot, bot.new_token()

    return make_bot


@pytest.fixture
def bot_and_token(make_bot):
    return make_bot("echo")


@pytest.fixture
def bot(bot_and_token):
    return bot_and_token[0]


@pytest.fixture
def bot_token(bot_and_token) -> str:
    return bot_and_token[1]


@pytest.fixture
def fast_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def hire(db, fast_passwords, monkeypatch):
    """Makes accounts by the command that makes moderators: `hire("ad", "--administrator")`."""
    from django.contrib.auth.models import User
    from django.core.management import call_command

    def hire(name: str, *options: str) -> User:
        monkeypatch.setattr("sys.stdin", StringIO(f"{PASSWORD}\n"))
        call_command("create_moderator", name, *options, stdout=StringIO())
        return User.objects.get(username=name)

    return hire


@pytest.fixture
def moderator(hire):
    return hire("mo")


@pytest.fixture
def administrator(hire):
    return hire("ad", "--administrator")


@pytest.fixture
def operator(db, fast_passwords):
    """Who runs the site: a superuser."""
    from django.contrib.auth.models import User

    return User.objects.create_superuser("op", password=PASSWORD)


@pytest.fixture
def desk(moderator):
    """The moderator's browser, logged in."""
    return logged_in(moderator)


def logged_in(user):
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def time_passes(monkeypatch):
    """Moves the database's wall clock on, or back: `time_passes(seconds=5)`."""
    from comments.stream.clock import WallClock

    passed = timedelta()

    def later(as_vendor):
        def wall(self, compiler, connection, **context):
            expression, params = as_vendor(self, compiler, connection)
            return f"({expression} + {passed // timedelta(microseconds=1)})", params

        return wall

    for name in ("as_sqlite", "as_postgresql"):
        monkeypatch.setattr(WallClock, name, later(getattr(WallClock, name)))

    def time_passes(**how_long: float) -> None:
        nonlocal passed
        passed += timedelta(**how_long)

    return time_passes


class SameThread:
    """Runs what it is given at once: the tail then reads inside the test's own transaction."""

    def submit(self, work, *args) -> None:
        work(*args)


@pytest.fixture(autouse=True)
def tail_of_this_test(request, monkeypatch):
    """An empty tail for each test. Where a test really commits, it reads in its own thread, as in production."""
    mark = request.node.get_closest_marker("django_db")
    if mark is None and "db" not in request.fixturenames:
        return
    from comments.callers import bots
    from comments.reading.tail import tail

    tail.forget()
    bots.noted.clear()
    if not (mark and mark.kwargs.get("transaction")):
        monkeypatch.setattr(tail, "executor", SameThread())
        monkeypatch.setattr(bots, "noting", SameThread())
