"""Search: from the index as from a plain look at every text, on both databases."""

import importlib
from contextlib import contextmanager
from ipaddress import ip_address
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments.folding import folded
from comments.history import importing
from comments.models import Comment, State, Words
from comments.reading import search, table
from comments.stream.clock import one_moment
from comments.stream.words import grams, grams_of_term, tokens
from comments.text.cleaning import Draft
from comments.wire.params import ListParams
from comments.writing import posting

search_migration = importlib.import_module("comments.migrations.0003_search")

pytestmark = pytest.mark.django_db

# Letters that fold, that compose, that are words by themselves, that no locale takes for letters; and what means
# something to LIKE, to SQL and to FTS5.
LETTERS = (
    "aAbB ßſfﬁİıIéE\u0301ÅК\u212aПпΣσς日本語かなカｶﾞ한\u1112\u1161👍🏽❤️\U0001f468\u200d\u3000%_\\'\"*()-:^+{}.\n\t0"
)
TEXTS = st.text(LETTERS, min_size=1, max_size=12).filter(lambda text: not text.isspace())
TERMS = st.text(LETTERS, min_size=1, max_size=5)
ACTS = st.sampled_from(["hide", "restore", "release", "erase", "hold", "post", "post", "import"])


@pytest.fixture
def small_steps(monkeypatch):
    """As in a stream that is a thousand times longer: the first look sees little of it, and each look at the index."""
    monkeypatch.setattr(search, "WINDOW", 3)
    monkeypatch.setattr(search, "FIRST_CHUNK", 2)


@contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Stream:
    def __init__(self, settings):
        self.settings = settings
        self.number = 0

    def do(self, act: str, text: str, chosen: int) -> None:
        self.number += 1
        if act == "import":
            line = {"id": f"old-{self.number}", "timestamp": chosen, "username": text[:4], "text": text}
            if text.strip() and text[:4].strip():
                importing.store([(1, importing.LineReader().comment(line))])
        elif act in ("post", "hold"):
            self.settings.HOLD_COMMENTS = act == "hold"
            draft = Draft(text=text, username="aß日"[chosen % 3] * 3, domain="ab"[chosen % 2], message_type="")
            posting.post(draft, ip_address("203.0.113.1"))
        elif ids := list(Comment.objects.order_by("version").values_list("pk", flat=True)):
            getattr(Comment.objects.filter(pk=ids[chosen % len(ids)]), act)()


def found_page_by_page(term: str, **filters: str) -> list[str]:
    """As a visitor scrolls back through what was found."""
    params = ListParams.of("&".join(f"{name}={quote(value)}" for name, value in {"search": term, **filters}.items()))
    ids, before, has_more = [], None, True
    while has_more:
        page = table.newest(2, before, 0, params.as_q(), [params.search])
        assert len(page.comments) == 2 or not page.has_more
        ids += [comment.id for comment in reversed(page.comments)]
        before, has_more = page.comments and page.comments[0].timestamp, page.has_more
    return ids


def looked_at(term: str, rows, name_too: bool = False) -> list[str]:
    def has_term(comment: Comment) -> bool:
        return folded(term) in folded(comment.text) or (name_too and folded(term) in comment.username_key)

    return [comment.id for comment in rows if comment.state != State.ERASED and has_term(comment)]


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(st.tuples(ACTS, TEXTS, st.integers(0, 40)), min_size=16, max_size=30), data=st.data())
def test_a_search_finds_what_a_look_at_every_text_finds(no_limits, settings, small_steps, acts, data):
    with rolled_back():
        stream = Stream(settings)
        for act in acts:
            with suppressed_refusals():
                stream.do(*act)
        texts = sorted(Comment.objects.exclude(text="").values_list("text", flat=True)) or ["a"]
        for _ in range(6):
            text = data.draw(st.sampled_from(texts))
            start = data.draw(st.integers(0, len(text) - 1))
            part = text[start : start + data.draw(st.integers(1, 5))]
            check(data.draw(st.sampled_from([part, part.upper(), data.draw(TERMS)])))


@contextmanager
def suppressed_refusals():
    from comments.errors import Refused

    try:
        yield
    except Refused:
        pass  # some texts may not be posted


def check(term: str) -> None:
    visible = Comment.objects.visible().order_by("-timestamp")
    assert found_page_by_page(term) == looked_at(term, visible)
    assert found_page_by_page(term, domain="a") == looked_at(term, visible.filter(domain="a"))
    assert found_page_by_page(term, type="human", uss="aaa") == looked_at(term, visible.filter(username_key="aaa"))
    oldest = table.after(5, 3, containing=[term])
    assert [comment.id for comment in oldest] == looked_at(term, visible.after(5).reverse())[:3]
    everything = looked_at(term, Comment.objects.order_by("-timestamp"), name_too=True)
    assert sorted(search.anywhere(Comment.objects.all(), term, 1000)) == sorted(everything)


def test_moderators_find_what_was_never_shown_first_and_then_the_newest(post, held):
    ids = [post(f"number {n}", "Ada").id for n in range(3)]
    waiting = held("number 3").id
    Comment.objects.filter(pk=ids[1]).hide()
    assert search.anywhere(Comment.objects.all(), "NUMBER", 3) == [waiting, ids[2], ids[1]]
    assert search.anywhere(Comment.objects.filter(state=State.HIDDEN), "ada", 3) == [ids[1]]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Привет, мир", "ПРИВЕТ"),
        ("Café", "CAFE\u0301"),
        ("STRASSE", "straße"),
        ("ｗｉｄｅ", "WIDE"),
        ("ΟΔΟΣ", "οδος"),
        ("東京タワー", "京"),
        ("東京タワー", "京ﾀ"),
        ("👩‍👩‍👧 here", "👧"),
        ("!?!", "?!"),
        ("100%", "0%"),
    ],
)
def test_case_width_and_composition_make_no_difference(post, api, small_steps, text, term):
    comment = post(text)
    for number in range(4):
        post(f"later {number}")
    found = api.get(f"/api/comments?search={quote(term)}").json()
    assert [(found["id"], found["text"]) for found in found["comments"]] == [(comment.id, comment.text)]


@pytest.mark.parametrize("term", ["%", "_", "a%b", "a_b", '"', "'", "x*", "NOT x", "a AND b", "\\", "grams:x", "x\ty"])
def test_every_character_is_itself(post, api, small_steps, term):
    with_it = post(f"before {term} after").id
    for text in ("a-b axb ab", "NO T x", "a OR b", "x y grams"):
        post(text)
    found = api.get(f"/api/comments?search={quote(term)}").json()
    assert [comment["id"] for comment in found["comments"]] == [with_it]


def test_hidden_words_are_not_found_and_erased_ones_are_nowhere(post, api, small_steps):
    comment = post("unspeakable")
    for _ in range(4):
        post()
    Comment.objects.filter(pk=comment.pk).hide()
    assert api.get("/api/comments?search=unspeakable").json()["comments"] == []
    assert search.anywhere(Comment.objects.all(), "unspeakable", 1) == [comment.id]
    assert in_index("unspeakable") == [comment.timestamp]
    assert in_index("elbakaeps") == []
    Comment.objects.filter(pk=comment.pk).erase()
    assert search.anywhere(Comment.objects.all(), "unspeakable", 1) == []
    assert in_index("unspeakable") == []
    assert not Words.objects.filter(words__contains="speak").exists()


def in_index(term: str) -> list[int]:
    """The places that the index alone has for a term."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            matching = " ".join(tokens(grams_of_term(term)))
            cursor.execute("SELECT rowid FROM comments_grams WHERE comments_grams MATCH %s", [matching])
        else:
            cursor.execute(
                "SELECT place FROM comments_words WHERE comments_grams(words) @> %s::bigint[]",
                [list(grams_of_term(term))],
            )
        return sorted(place for [place] in cursor.fetchall())


@pytest.mark.postgres
@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(words=st.text(LETTERS + "\U0010ffff\ue000⺀⹿", max_size=30))
def test_both_databases_have_the_same_grams(words):
    with connection.cursor() as cursor:
        cursor.execute("SELECT comments_grams(%s)", [words])
        assert set(cursor.fetchone()[0]) == grams(words)


@pytest.mark.django_db(transaction=True)
def test_what_is_stored_already_is_found_once_there_is_a_search(post, held):
    shown, waiting, gone = post("Stored Already"), held("already waiting"), post("already gone")
    Comment.objects.filter(pk=gone.pk).erase()
    [(app, before)] = search_migration.Migration.dependencies
    try:
        call_command("migrate", app, before, verbosity=0)
        assert "comments_words" not in connection.introspection.table_names()
    finally:
        call_command("migrate", verbosity=0)
    assert search.anywhere(Comment.objects.all(), "already", 5) == [waiting.id, shown.id]
    assert in_index("already") == [Words.objects.get(comment_id=waiting.id).place, shown.timestamp]


@pytest.mark.parametrize("length", [1, 2, 3, 4, 7, 30])
def test_a_comment_is_found_wherever_it_stands(post, small_steps, length):
    ids = [post(f"number {n}!").id for n in range(length)]
    for n, id in enumerate(ids):
        assert [comment.id for comment in table.newest(1, containing=[f"er {n}!"]).comments] == [id]
        assert [comment.id for comment in table.after(0, 1, containing=[f"er {n}!"])] == [id]


@pytest.mark.skipif("config.getoption('postgres')", reason="about SQLite")
def test_what_the_index_has_is_looked_up_by_its_ids_in_a_database_that_has_never_counted_its_rows(post, small_steps):
    """It would take the index of what is visible, and walk through the whole stream."""
    for number in range(8):
        post(f"number {number}")
    with CaptureQueriesContext(connection) as queries, one_moment():
        assert len(search.in_text(Comment.objects.visible(), ["number"], 5)) == 5
    looked_up = [query["sql"] for query in queries if " IN (" in query["sql"]]
    assert looked_up
    for statement in looked_up:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            plan = [step[3] for step in cursor.fetchall() if "comments_comment" in step[3] or "U0" in step[3]]
        assert all("sqlite_autoindex_comments_comment_1 (id=?)" in step for step in plan), plan
