"""The moderators' desk: what they see, what their verbs do to every reader, and what they may not do."""

import re
import time

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from comments.desk import admin
from comments.desk import filters as admin_filters
from comments.history.importing import LineReader, store
from comments.models import Ban, Bot, Comment, Record, State
from comments.stream import queryset
from comments.stream.clock import StreamClock
from tests.support.cast import PASSWORD, logged_in

pytestmark = pytest.mark.django_db

LIST = "/admin/comments/comment/"
DAY_MS = 24 * 60 * 60 * 1000


def names_listed(desk: Client, query: str = "") -> list[str]:
    page = desk.get(LIST + query)
    assert page.status_code == 200, (query, page.headers)
    return re.findall(r'<bdi class="name[^"]*">(.*?)</bdi>', page.text)


def act(desk: Client, verb: str, *comments: Comment, query: str = "", **more: str):
    """Choose comments in the list and press Go; `confirmed="yes"` is the answer to "Erase for good?"."""
    ids = [comment.pk for comment in comments]
    return desk.post(LIST + query, {"action": verb, "_selected_action": ids, "index": "0", **more}, follow=True)


def imported(*ages_ms: int) -> None:
    """Comments named by their age."""
    now = time.time_ns() // 1_000_000
    lines = [{"timestamp": now - age, "username": str(age), "text": "old"} for age in ages_ms]
    reader = LineReader()
    assert not store([(number, reader.comment(line)) for number, line in enumerate(lines)]).refused


# Seeing


def test_a_moderator_logs_in_with_name_and_password(moderator):
    browser = Client()
    assert browser.get(LIST).status_code == 302
    page = browser.post("/admin/login/?next=" + LIST, {"username": "mo", "password": PASSWORD}, follow=True)
    assert page.redirect_chain == [(LIST, 302)]
    assert page.status_code == 200


def test_the_list_shows_the_newest_comments_with_what_a_moderator_needs(desk, post):
    post("first", "Ada", domain="news")
    post("second", "Bob", color="#ff0000")
    page = desk.get(LIST).text
    assert page.index("second") < page.index("first")
    for shown in (
        "Ada",
        "Bob",
        "news",
        "default",
        "Visible",
        "0\xa0minutes ago",
        'class="name hue-0"',
        "state-visible",
    ):
        assert shown in page


def test_what_visitors_write_is_only_text_to_the_admin(desk, post):
    post("<script>alert(1)</script> {{ 7|add:7 }}", "<b>Ada</b>")
    for page in (desk.get(LIST).text, act(desk, "erase", Comment.objects.get()).text):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7|add:7 }}" in page
        assert "<b>Ada" not in page


def test_a_comment_in_any_state_is_listed(desk, post, held):
    held("waiting")
    for text in ("to hide", "to erase"):
        post(text)
    Comment.objects.filter(text="to hide").hide()
    Comment.objects.filter(text="to erase").erase()
    page = desk.get(LIST).text
    for shown in ("waiting", "not shown yet", "Held", "to hide", "Hidden", "(erased)", "Erased"):
        assert shown in page


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("apple", ["Ada"]),
        ("APPLE", ["Ada"]),
        ("ada", ["Ada"]),
        ("日本", ["日本"]),
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
    assert names_listed(desk, f"?q={search}") == found


def test_R59_a_search_that_no_database_takes_finds_nothing(desk, post):
    post()
    assert desk.get(LIST, {"q": "a\0b"}).status_code in (200, 302)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state__exact=visible", {"plain", "bot"}),
        ("?state__exact=held", {"held"}),
        ("?state__exact=hidden", {"hidden"}),
        ("?state__exact=erased", {""}),
        ("?message_type__exact=AI", {"bot"}),
        ("?message_type__exact=human&state__exact=visible", {"plain"}),
        ("?domain=news", {"plain"}),
        ("?domain=nowhere", set()),
        ("?domain=news&state__exact=hidden", set()),
        ("?q=Hello&state__exact=hidden", {"hidden"}),
    ],
)
def test_filters_can_be_combined(query, found, desk, post, held, bot):
    post(username="plain", domain="news")
    post(username="bot", bot=bot, message_type="AI")
    held(username="held")
    for name in ("hidden", "erased"):
        post(username=name)
    Comment.objects.filter(username="hidden").hide()
    Comment.objects.filter(username="erased").erase()
    assert set(names_listed(desk, query)) == found


@pytest.mark.parametrize(("age", "days"), [("hour", 1 / 24), ("day", 1), ("week", 7), ("month", 30), ("year", 365)])
def test_the_date_filter_counts_back_from_now(age, days, desk):
    inside, outside = int(days * DAY_MS * 0.99), int(days * DAY_MS * 1.01)
    imported(inside, outside)
    assert names_listed(desk, f"?age={age}") == [str(inside)]
    assert names_listed(desk, "?age=century") == names_listed(desk) == [str(inside), str(outside)]


def test_the_domain_filter_offers_the_domains_there_are(desk, post, monkeypatch):
    for domain in ("news", "a.example", "news", "b.example"):
        post(domain=domain)
    assert admin_filters.domains() == ["a.example", "b.example", "news"]
    monkeypatch.setattr(admin_filters, "MAX_DOMAINS", 2)
    assert admin_filters.domains() == ["a.example", "b.example"]


@pytest.mark.parametrize(
    "query",
    ["?o=1", "?o=-3.2", "?p=2", "?p=999999", "?p=-1", "?all=", "?age=", "?nonsense=1", "?e=1", "?o=" + "9" * 30],
)
def test_no_address_of_the_list_breaks_it(query, desk, post):
    post()
    assert desk.get(LIST + query, follow=True).status_code == 200


# What the list costs


def queries_of(desk: Client, query: str = "") -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert desk.get(LIST + query).status_code == 200
    return [entry["sql"] for entry in captured if "comments_comment" in entry["sql"]]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?state__exact=visible",
        "?q=Hello",
        "?domain=d1",
        "?age=day",
        "?o=2",
        "?p=1",
        "?message_type__exact=AI",
    ],
)
def test_R14_the_list_never_counts_or_walks_the_whole_table(query, desk, post, bot, monkeypatch):
    monkeypatch.setattr(admin.CommentAdmin, "list_per_page", 5)
    for number in range(12):
        post(domain=f"d{number % 2}", bot=bot, message_type="AI")
    queries = queries_of(desk, query)
    assert queries
    for sql in queries:
        assert "DISTINCT" not in sql
        assert re.search(r"\bLIMIT \d+", sql), sql
    for sql in queries:
        if "COUNT(" in sql:
            assert f"LIMIT {admin.MAX_COUNTED}" in sql
            assert sql.index("LIMIT") < sql.rindex(")"), "the limit has to be inside of what is counted"


def test_the_number_of_queries_does_not_grow_with_the_comments(desk, post):
    post()
    few = len(queries_of(desk))
    for _ in range(30):
        post()
    assert len(queries_of(desk)) == few


def test_the_count_ends_where_no_moderator_pages(desk, post, monkeypatch):
    monkeypatch.setattr(admin, "MAX_COUNTED", 7)
    for _ in range(12):
        post()
    assert "7 comments" in desk.get(LIST).text


# The verbs


def changes_after(cursor: int, changes) -> dict[str, dict]:
    return {change["id"]: change for change in changes(cursor)["changes"]}


def logged() -> list[tuple[str, str]]:
    return sorted(Record.objects.values_list("comment_id", "verb"))


def test_hiding_reaches_every_reader_with_the_next_poll(desk, post, changes):
    gone, kept = post("gone"), post("kept")
    cursor = changes(0)["cursor"]
    page = act(desk, "hide", gone)
    assert "Hidden: 1" in page.text
    version = Comment.objects.get(pk=gone.pk).version
    assert changes_after(cursor, changes) == {gone.pk: {"id": gone.pk, "version": version, "removed": True}}
    assert list(Comment.objects.visible()) == [kept]
    assert logged() == [(gone.pk, "hide")]


def test_restoring_reaches_every_reader_with_the_next_poll(desk, post, changes):
    comment = post("back again")
    act(desk, "hide", comment)
    cursor = changes(0)["cursor"]
    assert "Restored: 1" in act(desk, "restore", comment).text
    change = changes_after(cursor, changes)[comment.pk]
    assert (change["text"], change["timestamp"]) == ("back again", comment.timestamp)
    assert logged() == [(comment.pk, "hide"), (comment.pk, "restore")]


def test_releasing_what_was_held_reaches_every_reader_as_the_newest(desk, post, held, changes, api):
    waiting = held("waiting")
    newest = post("newest")
    cursor = changes(0)["cursor"]
    assert "Released: 1" in act(desk, "release", waiting).text
    change = changes_after(cursor, changes)[waiting.pk]
    assert change["text"] == "waiting"
    assert change["timestamp"] > newest.timestamp
    polled = api.get(f"/api/comments?after={newest.timestamp}").json()
    assert [comment["id"] for comment in polled] == [waiting.pk]
    assert logged() == [(waiting.pk, "release")]


def test_erasing_asks_first_and_then_reaches_every_reader(desk, post, changes):
    comment, kept = post("the secret", "Mallory", misc="the secret", context=["the secret"]), post("kept")
    cursor = changes(0)["cursor"]
    question = act(desk, "erase", comment)
    assert "Erase for good?" in question.text
    assert "the secret" in question.text
    assert "kept" not in question.text
    assert changes(cursor)["changes"] == []
    assert (Comment.objects.get(pk=comment.pk).text, logged()) == ("the secret", [])

    answer = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', question.text))
    page = desk.post(LIST, answer | {"confirmed": "Erase for good"}, follow=True)
    assert "Erased: 1" in page.text
    assert changes_after(cursor, changes)[comment.pk]["removed"] is True
    assert "secret" not in repr(Comment.objects.filter(pk=comment.pk).values().get())
    assert Comment.objects.get(pk=kept.pk).text == "kept"
    assert logged() == [(comment.pk, "erase")]


@pytest.mark.parametrize("verb", ["hide", "restore", "release", "erase"])
def test_R62_the_log_says_who_did_what_to_which_comment_without_its_words(verb, desk, moderator, post, held):
    for comment in (post("the secret", "Mallory"), held("the secret", "Mallory")):
        if verb == "restore":
            act(desk, "hide", comment)
        act(desk, verb, comment, confirmed="yes")
    assert Record.objects.filter(who=moderator.username).count() == Record.objects.count() >= 1
    dump = repr(list(Record.objects.values()))
    assert "secret" not in dump
    assert "Mallory" not in dump


def test_what_a_verb_does_not_change_is_neither_news_nor_logged(desk, post, changes):
    comment = post()
    act(desk, "hide", comment)
    cursor = changes(0)["cursor"]
    assert "Hidden: 0" in act(desk, "hide", comment).text
    assert "Released: 0" in act(desk, "release", comment).text
    assert changes(cursor)["changes"] == []
    assert logged() == [(comment.pk, "hide")]


def test_all_that_match_a_filter_are_hidden_each_with_a_version_of_its_own(desk, post, changes, monkeypatch):
    """Pitfall 35: an admin's bulk action must not go around the verbs."""
    monkeypatch.setattr(admin.CommentAdmin, "list_per_page", 3)
    monkeypatch.setattr(queryset, "BATCH", 4)
    spam = [post(str(number), "Mallory", domain="spam") for number in range(10)]
    kept = post("kept")
    cursor = changes(0)["cursor"]
    page = act(desk, "hide", spam[-1], query="?domain=spam", select_across="1")
    assert "Hidden: 10" in page.text
    told = changes(cursor)["changes"]
    assert [change["id"] for change in told] == [comment.pk for comment in spam]
    assert len({change["version"] for change in told}) == 10
    assert all(change["removed"] for change in told)
    assert list(Comment.objects.visible()) == [kept]
    assert StreamClock.now().visible_total == 1
    assert logged() == sorted((comment.pk, "hide") for comment in spam)


def test_all_that_match_are_erased_after_the_question(desk, post, monkeypatch):
    monkeypatch.setattr(admin.CommentAdmin, "list_per_page", 3)
    for number in range(12):
        post(f"spam {number}", "Mallory", domain="spam")
    kept = post("kept")
    question = act(
        desk, "erase", Comment.objects.filter(domain="spam").first(), query="?domain=spam", select_across="1"
    )
    assert "12 comments will be erased" in question.text
    assert Comment.objects.visible().count() == 13
    answer = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', question.text))
    page = desk.post(LIST + "?domain=spam", answer | {"confirmed": "Erase for good"}, follow=True)
    assert "Erased: 12" in page.text
    assert list(Comment.objects.visible()) == [kept]


def test_an_action_without_a_choice_changes_nothing(desk, post, changes):
    post()
    cursor = changes(0)["cursor"]
    assert act(desk, "hide").status_code == 200
    assert changes(cursor)["changes"] == []


@pytest.mark.parametrize("verb", ["hide", "erase"])
def test_an_action_needs_the_token_of_the_form(verb, moderator, post):
    """Another site cannot make a moderator's browser moderate."""
    comment = post()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(moderator)
    assert act(browser, verb, comment, confirmed="yes").status_code == 403
    assert Comment.objects.get().state == State.VISIBLE


# Who may do what


@pytest.fixture
def everything(post, operator, moderator):
    """One of each thing that an admin could touch."""
    bot, _ = Bot.create("echo")
    post()
    act(logged_in(moderator), "hide", Comment.objects.get())
    return {
        "comments.comment": Comment.objects.get(),
        "comments.ban": Ban.objects.create(author_key="0" * 32),
        "comments.bot": bot,
        "auth.user": operator,
        "auth.group": Group.objects.get(),
        "comments.record": Record.objects.get(),
    }


PAGES = {"changelist": False, "add": False, "change": True, "delete": True, "history": True}
ALLOWED = {
    ("comments.comment", "changelist"): 200,
    ("comments.comment", "change"): 200,  # to look at; it has no field to fill in
    ("comments.comment", "history"): 200,
    ("comments.record", "changelist"): 200,
    ("comments.record", "change"): 200,
    ("comments.record", "history"): 200,
}


def test_a_moderator_may_see_comments_and_nothing_else(desk, everything):
    answers = {}
    for name, thing in everything.items():
        for page, is_about_one in PAGES.items():
            url = reverse(f"admin:{name.replace('.', '_')}_{page}", args=[thing.pk] if is_about_one else [])
            answers[name, page] = desk.get(url).status_code
    assert answers == dict.fromkeys(answers, 403) | ALLOWED


def test_a_moderator_cannot_change_anything_by_posting(desk, everything):
    before = {name: type(thing).objects.filter(pk=thing.pk).values().get() for name, thing in everything.items()}
    counts = {name: type(thing).objects.count() for name, thing in everything.items()}
    for name, thing in everything.items():
        fields = dict.fromkeys(before[name], "1") | {"post": "yes", "_save": "Save", "is_superuser": "on"}
        for page in ("add", "change", "delete"):
            url = reverse(f"admin:{name.replace('.', '_')}_{page}", args=[thing.pk] if page != "add" else [])
            assert desk.post(url, fields).status_code == 403, (name, page)
        url = reverse(f"admin:{name.replace('.', '_')}_changelist")
        desk.post(url, {"action": "delete_selected", "_selected_action": [thing.pk], "post": "yes"})
    assert {
        name: type(thing).objects.filter(pk=thing.pk).values().get() for name, thing in everything.items()
    } == before
    assert {name: type(thing).objects.count() for name, thing in everything.items()} == counts


def test_every_page_of_the_admin_is_closed_to_visitors(everything):
    visitor = Client()
    for url in admin_urls(everything):
        answer = visitor.get(url)
        if url.startswith(("/admin/login/", "/admin/jsi18n/", "/admin/logout/")):
            continue
        assert answer.status_code == 302, url
        assert answer["Location"].startswith("/admin/login/?next="), url


def test_an_account_without_the_group_may_do_nothing(everything, fast_passwords):
    nobody = logged_in(User.objects.create_user("nobody", password=PASSWORD, is_staff=True))
    assert nobody.get(LIST).status_code == 403
    assert act(nobody, "restore", everything["comments.comment"]).status_code == 403
    assert Comment.objects.get().state == State.HIDDEN


def test_who_may_only_look_has_no_verbs(post, fast_passwords):
    from django.contrib.auth.models import Permission

    watcher = User.objects.create_user("watcher", password=PASSWORD, is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_comment"))
    comment = post()
    browser = logged_in(watcher)
    assert 'name="action"' not in browser.get(LIST).text
    act(browser, "hide", comment)
    act(browser, "erase", comment, confirmed="yes")
    assert Comment.objects.get().state == State.VISIBLE


def test_nobody_edits_adds_or_deletes_a_comment_in_the_admin(operator, post):
    comment, desk = post(), logged_in(operator)
    assert desk.get(LIST + "add/").status_code == 403
    assert desk.get(f"{LIST}{comment.pk}/delete/").status_code == 403
    assert desk.post(f"{LIST}{comment.pk}/change/", {"text": "forged"}).status_code == 403
    assert "delete_selected" not in desk.get(LIST).text
    act(desk, "delete_selected", comment, post="yes")
    assert Comment.objects.get().text == comment.text


def test_the_operator_sees_and_stops_bots_without_their_tokens(operator, bot, bot_token, api):
    desk = logged_in(operator)
    authorization = f"Bearer {bot_token}"
    assert "echo" in desk.get("/admin/comments/bot/").text
    page = desk.get(f"/admin/comments/bot/{bot.pk}/change/").text
    assert bot.token_hash not in page
    assert bot_token not in page
    assert desk.get("/admin/comments/bot/add/").status_code == 403
    assert api.get("/api/comments", authorization=authorization).status_code == 200
    assert (
        desk.post(f"/admin/comments/bot/{bot.pk}/change/", {"name": "echo"}).status_code == 302
    )  # is_active unticked
    assert api.get("/api/comments", authorization=authorization).status_code == 401


def test_the_operator_bans_by_the_key_of_a_comment_and_lifts_the_ban(operator, post, api):
    author_key = post().author_key
    desk = logged_in(operator)
    assert author_key in desk.get(f"{LIST}{Comment.objects.get().pk}/change/").text
    desk.post("/admin/comments/ban/add/", {"author_key": author_key, "reason": "spam", "until_0": "", "until_1": ""})
    assert api.post({"text": "again", "username": "Ada"}).json()["code"] == "banned"
    assert author_key in desk.get("/admin/comments/ban/").text
    desk.post(f"/admin/comments/ban/{Ban.objects.get().pk}/delete/", {"post": "yes"})
    assert api.post({"text": "again", "username": "Ada"}).status_code == 201


def admin_urls(everything: dict) -> list[str]:
    """Every address that the admin has, as its own list of routes tells it."""
    patterns = next(pattern for pattern in get_resolver().url_patterns if str(pattern.pattern) == "admin/")
    urls = []
    for pattern in patterns.url_patterns:
        nested = getattr(pattern, "url_patterns", None)
        for route in [str(inner.pattern) for inner in nested] if nested else [""]:
            urls.append("/admin/" + re.sub(r"<[^>]+>", "1", str(pattern.pattern) + route))
    return [url for url in urls if "?P" not in url and "(" not in url]
