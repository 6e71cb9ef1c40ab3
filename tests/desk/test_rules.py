"""The rules of the site: an administrator changes them, and they hold from the next comment on."""

import pytest

from comments.models import Comment, Record, State, StreamClock
from comments.writing.rules import RULES
from tests.support.cast import logged_in

pytestmark = pytest.mark.django_db

PAGE, ACT = "/admin/rules/", "/admin/act/"
HELLO = {"text": "Hello", "username": "Ada"}


@pytest.fixture
def ruler(administrator):
    return logged_in(administrator)


def set_rules(browser, **rules):
    return browser.post(ACT, {"do": "rules", **rules}, follow=True)


def test_comments_wait_from_the_next_one_on_and_then_no_more(ruler, api, settings):
    statuses = [api.post(HELLO).status_code]
    assert "The rules are changed" in set_rules(ruler, HOLD_COMMENTS="1").text
    statuses.append(api.post(HELLO).status_code)
    set_rules(ruler)
    statuses.append(api.post(HELLO).status_code)
    settings.HOLD_COMMENTS = True
    set_rules(ruler, HOLD_COMMENTS="0")
    statuses.append(api.post(HELLO).status_code)
    assert statuses == [201, 202, 201, 201]


def test_slow_mode(ruler, api, settings):
    settings.POSTS_PER_MINUTE = settings.POSTS_PER_BURST = 10
    set_rules(ruler, POSTS_PER_MINUTE="2")
    answers = [api.post(HELLO) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[0]["RateLimit-Policy"].startswith("2;w=60")
    set_rules(ruler, POSTS_PER_MINUTE="4")
    assert api.post(HELLO).status_code == 201


def test_how_many_reports_hold_a_comment(ruler, api, post):
    comment = post()
    set_rules(ruler, REPORTS_TO_HOLD="1")
    api.post({"reason": "spam"}, f"/api/comments/{comment.pk}/report")
    assert Comment.objects.get().state == State.HELD
    Comment.objects.release()
    other = post()
    set_rules(ruler, REPORTS_TO_HOLD="0")
    for number in range(5):
        api.post({"reason": "spam"}, f"/api/comments/{other.pk}/report", address=f"203.0.113.{number}")
    assert Comment.objects.get(pk=other.pk).state == State.VISIBLE


def test_the_page_has_what_holds_and_what_the_server_would_say(ruler, settings):
    settings.POSTS_PER_MINUTE = 77
    set_rules(ruler, HOLD_COMMENTS="1", REPORTS_TO_HOLD="0")
    page = ruler.get(PAGE).text
    assert '<option value="1" selected>yes</option>' in page
    assert 'name="REPORTS_TO_HOLD" value="0"' in page
    assert 'name="POSTS_PER_MINUTE" value="" min="1" max="1000" placeholder="77"' in page


def test_who_changed_which_rule_stands_in_the_record(ruler):
    set_rules(ruler, HOLD_COMMENTS="1", POSTS_PER_MINUTE="3")
    set_rules(ruler)
    notes = Record.objects.order_by("at").values_list("who", "verb", "note", "comment_id", "before")
    assert list(notes) == [
        ("ad", "rules", "HOLD_COMMENTS 1, POSTS_PER_MINUTE 3", "", ""),
        ("ad", "rules", "as the settings say", "", ""),
    ]
    assert "Rules changed" in ruler.get("/admin/record/").text


@pytest.mark.parametrize(
    "rules",
    [
        {"HOLD_COMMENTS": "2"},
        {"POSTS_PER_MINUTE": "0"},
        {"REPORTS_TO_HOLD": "-1"},
        {"POSTS_PER_MINUTE": "1e3"},
        {"REPORTS_TO_HOLD": "٣"},
        {"POSTS_PER_MINUTE": "9" * 5000},
        {"HOLD_COMMENTS": "yes"},
    ],
    ids=lambda rules: str(rules)[:40],
)
def test_what_makes_no_sense_changes_nothing(rules, ruler):
    assert "no number that makes sense" in set_rules(ruler, **rules).text
    assert StreamClock.now().rules == {}


def test_no_other_setting_can_be_reached(ruler):
    set_rules(ruler, DEBUG="1", SECRET_KEY="1", HOLD_COMMENTS="1")
    assert StreamClock.now().rules.keys() <= RULES.keys()
