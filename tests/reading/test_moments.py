"""One read is one moment: whatever a reader is told is how the stream was at some time, and not halves of two times.

Each read of the product is held before each of its statements while a change is made in between, and each change
before each of its own while everything is read. Real sessions, on SQLite and on PostgreSQL. What a read may say is
what it says when nothing is under way: before the change, or after it.
"""

import ast
import json
import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments.api import reads
from comments.bots import queue
from comments.callers.bots import Bot
from comments.history import exporting, importing
from comments.models import Comment, State
from comments.reading import bounds, table
from comments.reading import tail as tail_module
from comments.reading.tail import tail
from comments.stream.clock import BEGIN_READING, StreamClock
from comments.text.cleaning import Draft
from comments.wire.params import ChangesParams, ListParams
from comments.writing import posting
from tests.support import needs
from tests.support.cast import SameThread
from tests.support.declared_settings import ROOT
from tests.support.sessions import Session

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

COMMENTS = ROOT / "comments"


@dataclass
class Scene:
    """A small stream with something in every state, and where its readers stand."""

    bot: Bot
    desk: Client
    bot_token: str
    ids: dict[str, str] = field(default_factory=dict)
    cursor: int = 0
    timestamp: int = 0
    number: int = 0

    def set(self) -> None:
        """Two comments that all readers know, and news of every kind for them."""
        known = post("known", self.bot)
        self.cursor, self.timestamp = known.version, known.timestamp
        tail.fresh().result()
        for name in ("first", "second", "third"):
            self.ids[name] = post(name, self.bot).id
        self.ids["hidden"] = post("hidden", self.bot).id
        self.only("hidden").hide()
        self.ids["held"] = post("held").id

    def only(self, *names: str):
        return Comment.objects.filter(pk__in=[self.ids[name] for name in names])

    def line(self) -> dict:
        self.number += 1
        return {"id": f"old-{self.number}", "timestamp": self.number, "username": "Old", "text": "history"}


def post(text: str, bot: Bot | None = None) -> Comment:
    """What visitors post is held in this stream; bots' comments are not."""
    return posting.post(Draft(text=text, username="Ada"), ip_address("203.0.113.5"), bot).comment


@pytest.fixture
def scene(no_limits, desk, bot_and_token, monkeypatch, settings):
    settings.HOLD_COMMENTS = True
    monkeypatch.setattr(tail, "executor", SameThread())  # the reading session's own
    StreamClock.objects.get_or_create(pk=1)
    bot, token = bot_and_token
    desk.get("/admin/")  # that somebody is there is noted now, and not again for minutes
    return Scene(bot, desk, token)


@pytest.fixture
def session():
    session = Session()
    session.start()
    session.wait()
    yield session
    session.tasks.put(None)
    session.join(30)


# What is read, and what that says when nothing is under way


@dataclass(frozen=True)
class Reading:
    """`read` is the product's door; `told` is what it says, from the table, while nobody writes."""

    read: Callable[[Scene], object]
    told: Callable[[Scene], object]


def get(path: str, client: Client | None = None, **headers: str) -> bytes:
    response = (client or Client()).get(path, headers=headers)
    assert response.status_code == 200, (path, response.status_code)
    return response.content


def parsed(body: bytes) -> object:
    return json.loads(body)


def of_list(query: str = "limit=50") -> Reading:
    return Reading(
        lambda scene: parsed(get(f"/api/comments?{query}&fresh=true")),
        lambda scene: parsed(reads.from_table(ListParams.of(query)).body),
    )


def of_changes(cursor: Callable[[Scene], int], limit: int = 200) -> Reading:
    def params(scene: Scene) -> str:
        return f"after={cursor(scene)}&limit={limit}"

    return Reading(
        lambda scene: parsed(get(f"/api/changes?{params(scene)}")),
        lambda scene: parsed(reads.from_table(ChangesParams.of(params(scene))).body),
    )


def of_poll() -> Reading:
    return Reading(
        lambda scene: parsed(get(f"/api/comments?after={scene.timestamp}&fresh=true")),
        lambda scene: parsed(reads.from_table(ListParams.of(f"after={scene.timestamp}")).body),
    )


def shown_on_page(html: bytes) -> tuple:
    text = html.decode()
    return re.findall(r'id="comment-([^"]+)"', text), re.search(r'data-cursor="(\d+)"', text)[1]


def desk_list(scene: Scene) -> tuple:
    text = get("/admin/", scene.desk).decode()
    rows = re.findall(r'data-id="([^"]+)" data-version="(\d+)"', text.partition('id="rows"')[2])
    return rows, re.search(r'name="seen" value="(\d+)"', text)[1]


def page_of_table() -> tuple:
    page = table.newest(50)
    return [comment.id for comment in page.comments], str(page.cursor)


def counted_with_clock() -> list:
    clock = StreamClock.now()
    return [clock.visible_total, clock.timestamp, clock.version]


READINGS = {
    "list from the tail": of_list(),
    "list from the table": of_list("limit=50&search=t"),
    "list around a moment": of_list("limit=50&at=9007199254740991"),
    "list that is scrolled back": of_list(f"limit=2&before={2**53 - 1}"),
    "list with nothing in it": of_list("search=nothing-like-this"),
    "list for bots": Reading(
        lambda scene: parsed(get("/api/comments?limit=50", authorization=f"Bearer {scene.bot_token}")),
        lambda scene: parsed(reads.from_table(ListParams.of("limit=50"), for_bots=True).body),
    ),
    "poll of the first version": of_poll(),
    "changes from the tail": of_changes(lambda scene: scene.cursor),
    "changes from the table": of_changes(lambda scene: 1),
    "changes from the table, page by page": of_changes(lambda scene: 1, limit=2),
    "stats": Reading(
        lambda scene: list(parsed(get("/api/stats")).values()),
        lambda scene: counted_with_clock(),
    ),
    "page": Reading(lambda scene: shown_on_page(get("/")), lambda scene: page_of_table()),
    "older page": Reading(lambda scene: shown_on_page(get(f"/?before={2**53 - 1}")), lambda scene: page_of_table()),
    "desk": Reading(lambda scene: desk_list(scene), lambda scene: desk_list(scene)),
}
COLD = "list from a process that has just started"
READINGS[COLD] = READINGS["list from the tail"]


# What is changed in between


def note(scene: Scene, *names: str) -> None:
    for name in names:
        queue.note(scene.ids[name], {"processed": True}, "", scene.bot)


def hide_and_restore(scene: Scene) -> None:
    scene.only("first", "third").hide()
    scene.only("first", "third").restore()


CHANGES = {
    "a post": lambda scene: post("between", scene.bot),
    "a post that is held": lambda scene: post("between"),
    "a bot's note": lambda scene: note(scene, "third"),
    "a bot's notes of all": lambda scene: note(scene, "first", "second", "third"),
    "a hide": lambda scene: scene.only("second").hide(),
    "a restore": lambda scene: scene.only("hidden").restore(),
    "a hide and a restore": hide_and_restore,
    "a release": lambda scene: scene.only("held").release(),
    "an erasure": lambda scene: scene.only("first", "held").erase(),
    "an import": lambda scene: importing.store([(1, importing.LineReader().comment(scene.line()))]),
    "a post, its note and its hide": lambda scene: post_note_and_hide(scene),
}


def post_note_and_hide(scene: Scene) -> None:
    comment = post("between", scene.bot)
    queue.note(comment.pk, {"processed": True}, "", scene.bot)
    Comment.objects.filter(pk=comment.pk).hide()


# Holding


def held_after(session: Session, work: Callable[[], object], statements: int) -> tuple[list, bool]:
    """Let a session do so much of its work: the list that its result will be in, and whether there is more to do."""
    result = []
    session.begin(lambda: result.append(work()))
    for _ in range(statements):
        if not session.is_busy:
            return result, False
        session.step()
        session.wait()
    return result, session.is_busy


def finish(session: Session) -> None:
    while session.is_busy:
        session.step()
        session.wait()


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", READINGS)
def test_R06_R09_a_read_that_is_held_anywhere_tells_of_one_moment(scene, session, name, change):
    assert tell_of_one_moment(scene, session, name, change) == []


def tell_of_one_moment(scene: Scene, session: Session, name: str, change: str) -> list:
    """The answers that the stream was never like, with the number of statements after which the read was held."""
    reading_, wrong = READINGS[name], []
    for statements in range(100):
        scene.set()
        if name == COLD:
            tail.forget()
        before = reading_.told(scene)
        result, is_held = held_after(session, lambda: reading_.read(scene), statements)
        CHANGES[change](scene)
        after = reading_.told(scene)
        finish(session)
        if result[0] not in (before, after):
            wrong.append((statements, result[0]))
        if not is_held:
            return wrong
    raise AssertionError("a read of a hundred statements")


@pytest.mark.parametrize("name", ["list from the tail", "changes from the tail", "list from the table", COLD, "page"])
def test_a_read_in_two_halves_is_caught(scene, session, name, monkeypatch):
    @contextmanager
    def two_halves():
        yield StreamClock.now()

    for module in (tail_module, bounds):
        monkeypatch.setattr(module, "one_moment", two_halves)
    assert any(tell_of_one_moment(scene, session, name, change) for change in CHANGES)


@pytest.mark.parametrize("change", CHANGES)
def test_while_a_change_is_held_anywhere_every_read_tells_of_the_time_before_it(scene, session, change):
    for statements in range(1000):
        scene.set()
        readings = dict(list(READINGS.items())[statements % needs.EACH :: needs.EACH])  # before each statement others
        quiet = {name: reading_.told(scene) for name, reading_ in readings.items()}
        begun = StreamClock.now().version
        _, is_held = held_after(session, lambda: CHANGES[change](scene), statements)
        if StreamClock.now().version == begun:  # one of several transactions may have been committed
            for name, reading_ in readings.items():
                assert reading_.read(scene) == quiet[name], (name, statements)
        finish(session)
        for name, reading_ in readings.items():
            assert reading_.read(scene) == reading_.told(scene), (name, statements)
        if not is_held:
            return


def test_R10_a_comment_that_a_bot_notes_while_it_is_read_is_not_lost_to_the_old_poll(scene, session):
    """The hole that there was: a tail that reads the clock and the rows in two halves goes on without it, and when it
    comes back with its old timestamp, readers have passed it."""
    for statements in range(6):
        scene.set()
        result, _ = held_after(session, lambda: READINGS["poll of the first version"].read(scene), statements)
        note(scene, "first")
        post("between", scene.bot)
        finish(session)
        passed = result[0][-1]["timestamp"] if result[0] else scene.timestamp
        rest = parsed(get(f"/api/comments?after={passed}&fresh=true"))
        got = [comment["id"] for comment in result[0] + rest]
        assert got == list(Comment.objects.visible().after(scene.timestamp).oldest(100).values_list("pk", flat=True))


@pytest.mark.parametrize("change", CHANGES)
def test_an_export_has_every_comment_once_whatever_happens_meanwhile(scene, session, change, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 20)
    for statements in range(100):
        scene.set()
        there = set(Comment.objects.values_list("pk", flat=True))
        result, is_held = held_after(session, lambda: [line["id"] for line in exporting.lines()], statements)
        CHANGES[change](scene)
        finish(session)
        assert len(result[0]) == len(set(result[0])), statements
        assert there <= set(result[0]), statements
        if not is_held:
            return


# Reading takes nobody's lock


def test_no_read_waits_for_a_writer_or_keeps_one_waiting(scene, session):
    """On SQLite an open write transaction has the lock of the whole database."""
    scene.set()
    _, is_held = held_after(session, lambda: post("between", scene.bot), 3)
    assert is_held
    for reading_ in READINGS.values():
        reading_.read(scene)
    finish(session)
    for name in READINGS:
        tail.forget()
        _, is_held = held_after(session, lambda name=name: READINGS[name].read(scene), 2)
        post("between", scene.bot)
        finish(session)


# Nobody reads in two halves


def test_every_read_of_rows_and_clock_stands_in_one_read_transaction(scene):
    """Guards what is read tomorrow, too: a door of the site that asks for comments twice, or for them and the clock,
    outside of `one_moment`."""
    for name, reading_ in READINGS.items():
        scene.set()
        with CaptureQueriesContext(connection) as queries:
            reading_.read(scene)
        assert loose([query["sql"] for query in queries]) <= 1, (name, [query["sql"] for query in queries])


def loose(statements: list[str]) -> int:
    """How many reads of the stream's tables stand outside of a read transaction, but for one look at the clock that
    decides whether there is anything to be read."""
    count, inside = 0, False
    for sql in statements:
        if sql == BEGIN_READING[connection.vendor]:
            inside = True
            count = 0  # the look that led here
        elif sql == "COMMIT":
            inside = False
        elif not inside and re.search(r'"comments_(streamclock|comment)"', sql):
            count += 1
    return count


def test_the_clock_is_read_on_its_own_where_it_alone_is_told_and_nowhere_else():
    """A look at the clock beside a look at the rows is how a read becomes two halves."""
    callers = {
        f"{path.name}: {function.name}"
        for path in COMMENTS.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef) and "StreamClock.now()" in ast.unparse(function)
    }
    assert callers == {
        "clock.py: one_moment",
        "tail.py: _follow",
        "operations.py: stats",
        "choice.py: bound_of",  # no page can have shown what is later
        "epoch.py: next",  # what has to be above it afterwards
        "speaking.py: form",  # what stands above the stream
        "ruling.py: rules",  # what was changed of the rules
        "making.py: save",  # where a webhook that is made begins
        "message.py: _restarted",  # where one begins that has to load afresh
    }


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_read_that_fails_leaves_no_open_transaction(scene, error):
    from comments.stream.clock import one_moment

    with pytest.raises(error), one_moment():
        raise error
    scene.set()
    with one_moment() as clock:
        assert clock.version == StreamClock.now().version


def test_a_comment_is_in_the_state_it_was_left_in(scene):
    """The scene is what its docstring says, or the enumeration above would try nothing."""
    scene.set()
    states = {name: Comment.objects.get(pk=id).state for name, id in scene.ids.items()}
    assert states == dict.fromkeys(("first", "second", "third"), State.VISIBLE) | {
        "hidden": State.HIDDEN,
        "held": State.HELD,
    }
