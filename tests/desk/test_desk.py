"""The moderators' desk: what they see, what they do to every reader, and what they may not do."""

import re

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from comments.desk import acting, choice, listing, lookup, roles
from comments.models import Ban, Comment, Record, State
from comments.stream import queryset
from comments.stream.clock import StreamClock
from comments.stream.record import Act
from tests.support.cast import BANNED_VISITOR, PASSWORD, logged_in

pytestmark = pytest.mark.django_db

DESK = "/admin/"
ACT = "/admin/act/"


def names_listed(desk: Client, query: str = "") -> list[str]:
    page = desk.get(DESK + query)
    assert page.status_code == 200, (query, page.headers)
    listed = page.text.partition('id="rows"')[2]
    return re.findall(r'<bdi class="row__name[^"]*">(.*?)</bdi>', listed)


def act(desk: Client, pressed: str, *comments: Comment, **more):
    """Press a button: `act(desk, "hide:chosen", one, other)`, or `act(desk, "hide:one", comment)`."""
    if comments and not pressed.endswith((":chosen", ":all")):
        pressed = f"{pressed}:{comments[0].pk}"
    fields = {"do": pressed, "chosen": [comment.pk for comment in comments], "seen": StreamClock.now().version}
    return desk.post(ACT, fields | more, follow=True)


def said(page) -> str:
    return " ".join(re.findall(r'<p class="said__now" role="status">(.*?)</p>', page.text, re.DOTALL))


def confirmed(desk: Client, question, **more):
    """The answer "yes" to a question, as its form sends it."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', question.text)
    form: dict = {"confirmed": "yes"}
    for name, value in fields:
        form.setdefault(name, []).append(value) if name == "chosen" else form.update({name: value})
    return desk.post(ACT, form | more, follow=True)


# Seeing


def test_a_moderator_logs_in_with_name_and_password(moderator):
    browser = Client()
    assert browser.get(DESK).status_code == 302
    page = browser.post("/admin/login/?next=" + DESK, {"username": "mo", "password": PASSWORD}, follow=True)
    assert page.redirect_chain == [(DESK, 302)]
    assert "The stream" in page.text


def test_the_desk_shows_the_newest_first_with_what_a_moderator_needs(desk, post):
    post("first", "Ada", domain="news")
    post("second", "Bob", color="#ff0000")
    page = desk.get(DESK).text
    assert page.index("second") < page.index("first")
    for shown in ("Ada", "Bob", "news", "default", "row__name hue-0", "row--visible", "hide:one:", "hide:author:"):
        assert shown in page


def test_an_author_has_a_mark_that_stays_and_is_not_the_key(desk, post):
    comments = [post("a"), post("b"), post("c", address="203.0.113.9")]
    pages = desk.get(DESK).text + desk.get(f"/admin/comment/{comments[0].pk}/").text
    act(desk, "ban:one", comments[0], ban="1h")
    pages += desk.get("/admin/bans/").text
    marks = re.findall(r'row__mark"[^>]*>(\w+)<', desk.get(DESK).text)
    assert marks[1] == marks[2] != marks[0]
    assert {len(mark) for mark in marks} == {5}
    assert not any(comment.author_key in pages for comment in comments)


def test_what_visitors_write_is_only_text_to_the_desk(desk, post):
    comment = post("<script>alert(1)</script> {{ 7|add:7 }}", "<b>Ada</b>")
    act(desk, "ban:one", comment, ban="1h")
    for page in (
        desk.get(DESK),
        act(desk, "erase:one", comment),
        desk.get(f"/admin/comment/{comment.pk}/"),
        desk.get("/admin/bans/"),
    ):
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7|add:7 }}" in page.text
        assert "<b>Ada" not in page.text


def test_a_comment_in_any_state_is_shown(desk, post, held):
    held("waiting")
    for text in ("to hide", "to erase"):
        post(text)
    Comment.objects.filter(text="to hide").hide()
    Comment.objects.filter(text="to erase").erase()
    page = desk.get(DESK).text
    for shown in ("waiting", "1 held", "to hide", "Hidden", "(erased)", "Erased"):
        assert shown in page


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("apple", ["Ada"]),
        ("APPLE", ["Ada"]),
        ("ada", ["Ada"]),
        ("日本", ["日本"]),
        ("привет", ["Ольга"]),
        ("ÜBERFALL", ["Ольга"]),
        ("école", ["Ольга"]),
        ("ｆｕｌｌ", ["Ольга"]),
        ("apple pie", ["Ada"]),
        ("pear%", []),
        ("_", []),
        ("'; DROP TABLE", []),
        ("nothing of it", []),
    ],
)
def test_search_finds_words_in_texts_and_names(search, found, desk, post):
    post("an apple pie", "Ada")
    post("a pear", "日本")
    post("ПРИВЕТ überfall ÉCOLE full", "Ольга")
    assert names_listed(desk, f"?q={search}") == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=visible", {"plain", "echo"}),
        ("?state=held", {"held"}),
        ("?state=hidden", {"hidden", "refused"}),
        ("?state=erased", {""}),
        ("?domain=news", {"plain"}),
        ("?domain=nowhere", set()),
        ("?domain=news&state=hidden", set()),
        ("?q=Hello&state=hidden", {"hidden", "refused"}),
    ],
)
def test_filters_can_be_combined(query, found, desk, post, held, bot):
    post(username="plain", domain="news")
    post(bot=bot)
    held(username="held")
    held(username="refused")
    for name in ("hidden", "erased"):
        post(username=name)
    Comment.objects.filter(username__in=["hidden", "refused"]).hide()
    Comment.objects.filter(username="erased").erase()
    assert set(names_listed(desk, query)) == found


def test_all_of_an_author_are_found_by_one_of_them(desk, post):
    one = post("a", "one")
    post("b", "another name"), post("c", "somebody", address=BANNED_VISITOR)
    assert names_listed(desk, f"?author={one.pk}") == ["another name", "one"]
    assert names_listed(desk, "?author=nobody") == []


@pytest.mark.parametrize("query", ["", "?state=hidden", "?q=Hello"])
def test_paging_reaches_each_comment_once(query, desk, post, held, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 3)
    names = [f"n{number}" for number in range(8)]
    for name in names:
        (held if name in ("n2", "n5") and "hidden" in query else post)("Hello", name)
    if "hidden" in query:
        Comment.objects.all().hide()
    reached, address = [], DESK + query
    while address:
        page = desk.get(address)
        reached += names_listed(desk, address.removeprefix(DESK))
        older = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = DESK + older[1].replace("&amp;", "&") if older else ""
    assert sorted(reached) == names


@pytest.mark.parametrize(
    "query",
    ["?before=x", "?before=-1", "?before=" + "9" * 30, "?state=nonsense", "?q=a%00b", "?author=%27", "?nonsense=1"],
)
def test_no_address_of_the_desk_breaks_it(query, desk, post):
    post()
    assert desk.get(DESK + query).status_code == 200


@pytest.mark.parametrize("address", ["/admin/comments/comment/", "/admin/comments/comment/?q=Hello"])
def test_the_old_address_of_the_list_leads_to_the_desk(address, desk, post):
    post()
    assert "Hello" in desk.get(address, follow=True).text


def test_a_comment_s_page_has_the_conversation_around_it_its_record_and_its_fields(desk, post):
    comments = [post(f"line {number}", domain="a") for number in range(20)]
    post("elsewhere", domain="b")
    Comment.objects.filter(pk=comments[10].pk).hide(Act("anna", "abuse", "again"))
    page = desk.get(f"/admin/comment/{comments[10].pk}/").text
    around = re.findall(r'row__text" dir="auto">(line \d+)<', page)
    assert around == [f"line {number}" for number in range(5, 16)]
    for shown in ("Hidden", "by anna", "abuse", "again", comments[10].color, "As it is stored"):
        assert shown in page
    assert desk.get("/admin/comment/nothing/").status_code == 404


# What the desk costs


def queries_of(desk: Client, query: str = "") -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert desk.get(DESK + query).status_code == 200
    return [entry["sql"] for entry in captured if "comments_comment" in entry["sql"]]


@pytest.mark.parametrize("query", ["", "?state=visible", "?domain=d1"])
def test_R14_the_desk_never_counts_or_walks_the_whole_table(query, desk, post, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 5)
    for number in range(12):
        post(domain=f"d{number % 2}")
    for sql in queries_of(desk, query):
        assert "DISTINCT" not in sql
        assert re.search(r"\bLIMIT \d+", sql) or "'held'" in sql or "version" in sql, sql


def test_the_number_of_queries_does_not_grow_with_the_comments(desk, post):
    post()
    queries_of(desk)  # the tail has read the news then
    few = len(queries_of(desk))
    for _ in range(30):
        post()
    queries_of(desk)
    assert len(queries_of(desk)) == few


def test_news_are_read_from_the_table_only_if_there_are_any(desk, post):
    post()
    cursor = StreamClock.now().version
    with CaptureQueriesContext(connection) as captured:
        assert desk.get(f"/admin/news/?after={cursor}").status_code == 204
    assert [
        entry["sql"] for entry in captured if 'FROM "comments_comment"' in entry["sql"] and "LIMIT" not in entry["sql"]
    ] == []


def test_news_tell_of_what_is_held_and_hidden_too(desk, post, held):
    post("seen")
    cursor = StreamClock.now().version
    held("held now")
    Comment.objects.filter(text="seen").hide()
    page = desk.get(f"/admin/news/?after={cursor}")
    assert page.status_code == 200
    assert "held now" in page.text and "seen" in page.text and "Hidden" in page.text
    assert f'data-cursor="{StreamClock.now().version}"' in page.text


@pytest.mark.parametrize("after", ["", "x", "9007199254740991"])
def test_a_cursor_that_is_none_makes_the_page_open_anew(after, desk, post):
    post()
    assert desk.get(f"/admin/news/?after={after}").status_code == 410


@pytest.mark.parametrize("error", [OperationalError("away"), InterfaceError("closed")])
def test_a_desk_that_asks_while_the_database_is_away_is_told_so_and_the_log_once(
    error, desk, post, monkeypatch, caplog
):
    def fails(*args):
        raise error

    cursor = post().version
    monkeypatch.setattr("comments.desk.pages.tail.fresh", fails)
    statuses = [desk.get(f"/admin/news/?after={cursor}").status_code for _ in range(3)]
    assert statuses == [503] * 3
    assert len(caplog.records) <= 1


# The record


def test_the_record_has_what_was_decided_at_once_in_one_line_and_is_searched(desk, post):
    comments = [post(str(number)) for number in range(3)]
    Comment.objects.hide(Act("anna", "spam", "in one go"))
    act(desk, "restore:one", comments[0], reason="other")
    page = desk.get("/admin/record/").text
    assert re.search(r"Hidden: 3</strong> by <bdi>anna", page)
    assert page.index("Restored") < page.index("Hidden: 3")
    for q, found in {
        "anna": ["Hidden: 3"],
        "SPAM": ["Hidden: 3"],
        "one go": ["Hidden: 3"],
        "mo": ["Restored"],
        comments[0].pk: ["Restored", "Hidden"],
        "nobody": [],
    }.items():
        assert re.findall("<strong>(.*?)</strong>", desk.get("/admin/record/", {"q": q}).text) == found, q


def test_the_record_is_paged_without_a_gap(desk, post, monkeypatch):
    monkeypatch.setattr(lookup, "PAGE", 3)
    comments = [post(str(number)).pk for number in range(8)]
    for id in comments:
        Comment.objects.filter(pk=id).hide(Act("anna"))
    reached, address = [], "/admin/record/"
    while address:
        page = desk.get(address).text
        reached += re.findall(r'record__id" href="[^"]+">([^<]+)<', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = "/admin/record/" + older[1].replace("&amp;", "&") if older else ""
    assert reached == comments[::-1]


# Acting


def changes_after(cursor: int, changes) -> dict[str, dict]:
    return {change["id"]: change for change in changes(cursor)["changes"]}


def logged() -> list[tuple[str, str]]:
    return sorted(Record.objects.values_list("comment_id", "verb"))


def test_hiding_reaches_every_reader_with_the_next_poll(desk, post, changes):
    gone, kept = post("gone"), post("kept")
    cursor = changes(0)["cursor"]
    assert "Hidden: 1." in said(act(desk, "hide:one", gone))
    version = Comment.objects.get(pk=gone.pk).version
    assert changes_after(cursor, changes) == {gone.pk: {"id": gone.pk, "version": version, "removed": True}}
    assert list(Comment.objects.visible()) == [kept]
    assert logged() == [(gone.pk, "hide")]


def test_restoring_and_releasing_reach_every_reader(desk, post, held, changes):
    comment, waiting = post("back again"), held("waiting")
    act(desk, "hide:one", comment)
    cursor = changes(0)["cursor"]
    assert "Restored: 1." in said(act(desk, "restore:one", comment))
    assert "Shown: 1." in said(act(desk, "release:one", waiting))
    told = changes_after(cursor, changes)
    assert (told[comment.pk]["text"], told[comment.pk]["timestamp"]) == ("back again", comment.timestamp)
    assert told[waiting.pk]["timestamp"] > comment.timestamp


def test_erasing_asks_first_and_then_reaches_every_reader(desk, post, changes):
    comment, kept = post("the secret", "Mallory", misc="the secret", context=["the secret"]), post("kept")
    cursor = changes(0)["cursor"]
    question = act(desk, "erase:one", comment)
    assert "Erase for good?" in question.text
    assert "the secret" in question.text
    assert "kept" not in question.text
    assert changes(cursor)["changes"] == []
    assert (Comment.objects.get(pk=comment.pk).text, logged()) == ("the secret", [])
    assert "Erased: 1." in said(confirmed(desk, question))
    assert changes_after(cursor, changes)[comment.pk]["removed"] is True
    assert "secret" not in repr(Comment.objects.filter(pk=comment.pk).values().get())
    assert Comment.objects.get(pk=kept.pk).text == "kept"


@pytest.mark.parametrize("verb", ["hide", "restore", "release", "erase"])
def test_R62_the_record_says_who_did_what_to_which_comment_without_its_words(verb, desk, moderator, post, held):
    for comment in (post("the secret", "Mallory"), held("the secret", "Mallory")):
        if verb == "restore":
            act(desk, "hide:one", comment)
        act(desk, f"{verb}:one", comment, confirmed="yes")
    assert Record.objects.filter(who=moderator.username).count() == Record.objects.count() >= 1
    dump = repr(list(Record.objects.values()))
    assert "secret" not in dump
    assert "Mallory" not in dump


def test_a_reason_and_a_note_stand_in_the_record_in_one_line(desk, post):
    act(desk, "hide:one", post(), reason="abuse", note="a\nforged line \x1b[31m")
    assert Record.objects.values_list("reason", "note").get() == ("abuse", "a forged line [31m")
    assert "abuse" in desk.get("/admin/record/?q=forged").text


def test_what_is_not_changed_is_neither_news_nor_recorded_and_it_is_said_who_was_faster(desk, post, changes):
    comment = post()
    Comment.objects.hide(Act("anna"))
    cursor = changes(0)["cursor"]
    told = said(act(desk, "hide:one", comment))
    assert "Hidden: 0." in told and "already hidden by anna" in told
    assert changes(cursor)["changes"] == []
    assert Record.objects.count() == 1


@pytest.mark.parametrize("filters", [{"domain": "spam"}, {"q": "SPAM"}], ids=["filter", "search"])
@pytest.mark.parametrize("verb", ["hide", "erase"])
def test_what_arrives_or_changes_meanwhile_never_widens_what_is_done(verb, filters, desk, post, monkeypatch):
    """A visitor posts, and colleagues hide and restore, between every two steps."""
    monkeypatch.setattr(choice, "AT_ONCE", 2)
    numbers = iter(range(100))

    def meanwhile() -> None:
        post(f"spam, later {next(numbers)}", domain="spam")
        Comment.objects.filter(text="spam, hidden before").restore()
        Comment.objects.filter(text="spam, hidden meanwhile").hide(Act("anna"))

    shown = [post(f"spam {number}", domain="spam") for number in range(5)]
    post("spam, hidden before", domain="spam"), post("spam, hidden meanwhile", domain="spam")
    Comment.objects.filter(text="spam, hidden before").hide()
    for room in (queryset, choice):
        monkeypatch.setattr(room, "BATCH", 2)
        monkeypatch.setattr(room, "let_others_write", meanwhile)
    seen = StreamClock.now().version
    meanwhile()
    question = act(desk, f"{verb}:all", state="visible", seen=seen, **filters)
    stated = 5
    assert f"<strong>{stated}</strong>" in question.text
    meanwhile()
    told = said(confirmed(desk, question))
    assert f": {stated}." in told
    changed = Record.objects.filter(who="mo").values_list("comment_id", flat=True)
    assert sorted(changed) == sorted(comment.pk for comment in shown)


@pytest.mark.parametrize("filters", [{"domain": "spam"}, {"q": "SPAM"}], ids=["filter", "search"])
def test_what_a_colleague_has_decided_meanwhile_is_left_alone(filters, desk, post, monkeypatch):
    monkeypatch.setattr(choice, "AT_ONCE", 2)
    last = [post(f"spam {number}", domain="spam") for number in range(5)][-1]

    def meanwhile() -> None:
        Comment.objects.filter(pk=last.pk).hide(Act("anna"))
        Comment.objects.filter(pk=last.pk).restore(Act("anna"))

    for room in (queryset, choice):
        monkeypatch.setattr(room, "BATCH", 2)
        monkeypatch.setattr(room, "let_others_write", meanwhile)
    told = said(confirmed(desk, act(desk, "hide:all", **filters)))
    assert "Hidden: 4. 1 of the 5 had been changed meanwhile by anna" in told
    assert list(Comment.objects.visible()) == [last]


def test_a_bound_from_the_future_is_none(desk, post):
    post("shown")
    question = act(desk, "erase:all", q="shown", seen=9007199254740991)
    post("shown, later")
    assert "Erased: 1." in said(confirmed(desk, question))
    assert [comment.text for comment in Comment.objects.visible()] == ["shown, later"]


def test_more_than_a_hundred_are_asked_about_first(desk, post, monkeypatch):
    monkeypatch.setattr(choice, "AT_ONCE", 3)
    comments = [post(str(number)) for number in range(4)]
    question = act(desk, "hide:author", comments[0], since="all", ban="1d")
    assert "<strong>4</strong> comments will be hidden, and the author banned" in question.text
    assert Comment.objects.visible().count() == 4
    assert not Ban.objects.exists()
    told = said(confirmed(desk, question))
    assert "Hidden: 4." in told and "is banned until" in told


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "delete:one:x"},
        {"do": "hide:everything"},
        {"do": "hide:all"},
        {"do": "hide"},
        {"do": ""},
        {},
        {"do": "hide:one:'"},
        {"do": "hide:author:x", "since": "y"},
        {"do": "hide:author:x", "seen": "y"},
        {"do": "hide:author:x", "ban": "y"},
        {"do": "hide:chosen"},
        {"do": "hide:chosen", "chosen": [str(number) for number in range(101)]},
        {"do": "ban:one:nobody", "ban": "1h"},
        {"do": "ban:one:nobody"},
        {"do": "ban:all", "ban": "1h", "q": "Hello"},
        {"do": "ban:chosen", "ban": "1h", "chosen": ["a", "b"]},
        {"do": "lift:one:x"},
        {"do": "undo:one:x"},
    ],
    ids=str,
)
def test_what_makes_no_sense_changes_nothing_and_says_so(fields, desk, post, changes):
    post()
    before = StreamClock.now().version
    page = desk.post(ACT, {"seen": before} | fields, follow=True)
    assert page.status_code == 200
    assert re.search("Nothing was done|Undone: 0|over already", said(page))
    assert StreamClock.now().version == before or "lift" in fields.get("do", "")
    assert Comment.objects.visible().count() == 1


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/admin/../", "/", "javascript:1"])
def test_an_action_leads_back_to_the_desk_and_nowhere_else(back, desk, post):
    comment = post()
    answer = desk.post(ACT, {"do": f"hide:one:{comment.pk}", "back": back})
    assert answer.status_code == 303
    assert answer["Location"].startswith("/admin/")


# Undo


@pytest.mark.parametrize("state", [State.VISIBLE, State.HELD])
def test_undo_brings_back_what_was_hidden_as_it_was(state, desk, post, held):
    comment = held() if state == State.HELD else post()
    act(desk, "hide:one", comment)
    undo = re.search(r'value="(undo:one:\w+)"', desk.get(DESK).text)[1]
    assert "Undone: 1." in said(act(desk, undo))
    again = Comment.objects.get()
    assert (again.state, again.timestamp) == (state, comment.timestamp)
    assert "undo:one:" not in desk.get(DESK).text


@pytest.mark.parametrize(("verb", "before"), [("restore", State.HIDDEN), ("release", State.HELD)])
def test_undo_takes_back_what_was_shown(verb, before, desk, post, held):
    comment = held() if before == State.HELD else post()
    if before == State.HIDDEN:
        Comment.objects.hide()
    act(desk, f"{verb}:one", comment)
    act(desk, re.search(r'value="(undo:one:\w+)"', desk.get(DESK).text)[1])
    assert Comment.objects.get().state == before


def test_undo_lifts_the_ban_of_the_same_act_and_leaves_what_a_colleague_has_changed(desk, post, api):
    comments = [post(str(number)) for number in range(3)]
    act(desk, "hide:author", comments[0], since="all", ban="1d")
    assert api.post({"text": "x", "username": "y"}).status_code == 403
    Comment.objects.filter(pk=comments[0].pk).erase(Act("anna"))
    told = said(act(desk, re.search(r'value="(undo:one:\w+)"', desk.get(DESK).text)[1]))
    assert "Undone: 2." in told and "1 had been changed meanwhile" in told and "The ban is lifted." in told
    assert api.post({"text": "x", "username": "y"}).status_code == 201


def test_undo_ends_after_ten_minutes_and_is_one_s_own(desk, post, operator, monkeypatch):
    act(desk, "hide:one", post())
    undo = re.search(r'value="(undo:one:\w+)"', desk.get(DESK).text)[1]
    assert "Undone: 0." in said(act(logged_in(operator), undo))
    monkeypatch.setattr(acting, "UNDO_SECONDS", 0)
    assert "undo:one:" not in desk.get(DESK).text
    assert "Undone: 0." in said(act(desk, undo))
    assert Comment.objects.get().state == State.HIDDEN


def test_erasing_cannot_be_undone(desk, post):
    confirmed(desk, act(desk, "erase:one", post()))
    assert "undo:one:" not in desk.get(DESK).text


# Bans


def test_a_moderator_bans_from_a_row_and_the_list_says_whose_words_they_were_for(desk, post, api):
    comment = post("spam, spam", "Mallory")
    assert "is banned until" in said(act(desk, "ban:one", comment, ban="1h", reason="spam"))
    answer = api.post({"text": "again", "username": "Ada"}).json()
    assert (answer["code"], "spam" in answer["error"]) == ("banned", True)
    page = desk.get("/admin/bans/").text
    for shown in ("spam, spam", "Mallory", "by mo"):
        assert shown in page
    lift = re.search(r'value="(lift:one:\d+)"', page)[1]
    assert "The ban is lifted." in said(act(desk, lift))
    assert api.post({"text": "again", "username": "Ada"}).status_code == 201


def test_only_an_administrator_bans_for_good(desk, operator, post, api):
    comment = post()
    assert 'value="good"' not in desk.get(DESK).text
    assert "only an administrator" in said(act(desk, "ban:one", comment, ban="good"))
    assert not Ban.objects.exists()
    assert "is banned for good" in said(act(logged_in(operator), "ban:one", comment, ban="good"))


def test_since_narrows_what_is_hidden_of_an_author(desk, post):
    from tests.browser.conftest import history  # noqa: F401

    old = post("old")
    comment = post("new")
    super(queryset.CommentQuerySet, Comment.objects.filter(pk=old.pk)).update(timestamp=1_000)
    act(desk, "hide:author", comment, since="1h")
    assert [row.text for row in Comment.objects.visible()] == ["old"]


# Who may do what


@pytest.mark.parametrize("pressed", ["hide:one", "erase:one", "ban:one"])
def test_an_action_needs_the_token_of_the_form(pressed, moderator, post):
    """Another site cannot make a moderator's browser moderate."""
    comment = post()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(moderator)
    fields = {"do": f"{pressed}:{comment.pk}", "confirmed": "yes", "ban": "1h"}
    for origin in ({}, {"origin": "https://evil.example"}):
        answer = browser.post(ACT, fields, headers=origin)
        assert answer.status_code == 403
        assert comment.pk not in answer.text  # what came from elsewhere cannot be sent again
    assert Comment.objects.get().state == State.VISIBLE
    assert not Ban.objects.exists()


def test_nobody_can_put_an_action_into_the_address_of_the_page_after_the_sign_in(desk, post):
    comment = post()
    page = desk.get("/admin/again/", {"act": f"hide:one:{comment.pk}"})
    assert comment.pk not in page.text
    assert "Please do it again" in page.text


@pytest.fixture
def everything(post, operator, moderator):
    """One of each thing that an admin could touch."""
    post()
    act(logged_in(moderator), "hide:one", Comment.objects.get())
    return {
        "auth.user": operator,
        "auth.group": Group.objects.get(name=roles.MODERATORS),
    }


PAGES = {"changelist": False, "add": False, "change": True, "delete": True, "history": True}


def test_a_moderator_may_see_the_desk_and_no_list_of_django_s_own(desk, everything):
    answers = {}
    for name, thing in everything.items():
        for page, is_about_one in PAGES.items():
            url = reverse(f"admin:{name.replace('.', '_')}_{page}", args=[thing.pk] if is_about_one else [])
            answers[name, page] = desk.get(url).status_code
    as_if_there_was_none = {("auth.user", "history"): 302}
    assert answers == dict.fromkeys(answers, 403) | as_if_there_was_none


def test_the_admin_has_no_way_to_change_the_record_or_a_comment_also_for_the_operator(everything):
    desk = logged_in(everything["auth.user"])
    for address in admin_urls():
        if re.search(r"record|comments/comment", address):
            desk.post(address, {"who": "anna", "note": "forged", "post": "yes", "_save": "Save"})
    assert Record.objects.values_list("who", "note").get() == ("mo", "")
    assert [address for address in admin_urls() if "comments/record" in address] == []
    assert Comment.objects.get().state == State.HIDDEN


def test_a_moderator_cannot_change_anything_by_posting(desk, everything):
    before = {name: type(thing).objects.filter(pk=thing.pk).values().get() for name, thing in everything.items()}
    for name, thing in everything.items():
        fields = dict.fromkeys(before[name], "1") | {"post": "yes", "_save": "Save", "is_superuser": "on"}
        for page in ("add", "change", "delete"):
            url = reverse(f"admin:{name.replace('.', '_')}_{page}", args=[thing.pk] if page != "add" else [])
            assert desk.post(url, fields).status_code == 403, (name, page)
    after = {name: type(thing).objects.filter(pk=thing.pk).values().get() for name, thing in everything.items()}
    assert after == before


def test_every_page_of_the_admin_is_closed_to_visitors(everything):
    visitor = Client()
    for url in admin_urls():
        answer = visitor.get(url)
        if url.startswith(("/admin/login/", "/admin/jsi18n/", "/admin/logout/")):
            continue
        assert answer.status_code == 302, url
        assert answer["Location"].startswith("/admin/login/?next="), url


def test_an_account_without_the_group_may_do_nothing(everything, fast_passwords):
    nobody = logged_in(User.objects.create_user("nobody", password=PASSWORD, is_staff=True))
    comment = Comment.objects.get()
    for address in ("/admin/bans/", "/admin/news/?after=1", f"/admin/comment/{comment.pk}/"):
        assert nobody.get(address).status_code == 403
    assert "Hello" not in nobody.get(DESK).text
    assert act(nobody, "restore:one", comment).status_code == 403
    assert Comment.objects.get().state == State.HIDDEN


def test_who_may_only_look_has_no_buttons(post, fast_passwords):
    watcher = User.objects.create_user("watcher", password=PASSWORD, is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_comment"))
    comment = post()
    browser = logged_in(watcher)
    assert 'name="do"' not in browser.get(DESK).text + browser.get(f"/admin/comment/{comment.pk}/").text
    for pressed in ("hide:one", "erase:one", "ban:one"):
        assert act(browser, pressed, comment, confirmed="yes", ban="1h").status_code == 403
    assert Comment.objects.get().state == State.VISIBLE


def admin_urls() -> list[str]:
    """Every address that the admin has, as its own list of routes tells it."""
    patterns = next(pattern for pattern in get_resolver().url_patterns if str(pattern.pattern) == "admin/")
    urls = []
    for pattern in patterns.url_patterns:
        nested = getattr(pattern, "url_patterns", None)
        for route in [str(inner.pattern) for inner in nested] if nested else [""]:
            urls.append("/admin/" + re.sub(r"<[^>]+>", "1", str(pattern.pattern) + route))
    return [url for url in urls if "?P" not in url and "(" not in url and url != ACT]
