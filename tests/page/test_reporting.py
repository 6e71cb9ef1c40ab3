"""Reporting a comment without a script: the form, and who may not send it. P32, P34."""

import re
from urllib.parse import urlencode

import pytest
from django.db import OperationalError
from django.test import Client

from comments.models import Comment, Report, State
from comments.writing import reports
from tests.support.cast import VISITOR

pytestmark = pytest.mark.django_db
OWN_FORM = {"sec-fetch-site": "same-origin"}
FORM = "application/x-www-form-urlencoded"


def address_of(comment) -> str:
    return f"/c/{comment.pk}/report"


def send(comment, headers=OWN_FORM, content_type=FORM, address=VISITOR, **fields):
    return Client().post(
        address_of(comment), urlencode({"note": ""} | fields), content_type, headers=headers, REMOTE_ADDR=address
    )


def test_each_comment_of_the_page_leads_to_its_form_P34(post):
    comment = post("some <b>words</b>", "Mallory")
    [address] = re.findall(r'href="(/c/[^"/]+/report)"', Client().get("/").text.split("<dialog")[0])
    page = Client().get(address)
    assert page.status_code == 200
    assert "some &lt;b&gt;words&lt;/b&gt;" in page.text
    assert f'action="{address_of(comment)}"' in page.text


def test_what_the_form_sends_is_a_report_P32(post):
    comment = post()
    names = set(re.findall(r'name="([a-z]+)"', Client().get(address_of(comment)).text.split("<main")[1]))
    assert names == {"reason", "note"}
    response = send(comment, reason="spam", note="the third today")
    assert (response.status_code, "Thank you" in response.text) == (202, True)
    report = Report.objects.get()
    assert (report.comment_id, report.reason, report.note) == (comment.pk, "spam", "the third today")


def test_a_reason_is_not_needed_P32(post):
    assert send(post()).status_code == 202
    assert Report.objects.get().reason == "other"


def test_who_sends_it_twice_has_reported_once_and_is_told_the_same_P32(post):
    comment = post()
    assert send(comment, reason="spam").text == send(comment, reason="abuse").text
    assert Report.objects.count() == 1
    assert send(comment, address="203.0.113.2").status_code == 202
    assert Report.objects.count() == 2


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
    ids=str,
)
def test_another_sites_form_reports_nothing(headers, post):
    assert send(post(), headers, reason="spam").status_code == 403
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"reason": "boring"}, 422), ({"note": "x" * 301}, 422), ({"note": "\0"}, 422), ({"note": "x" * 20_000}, 413)],
    ids=["no reason", "long", "NUL", "large"],
)
def test_what_makes_no_sense_is_refused_with_the_form_again(fields, status, post):
    response = send(post("its words"), **{"reason": "spam"} | fields)
    assert response.status_code == status
    assert "its words" in response.text
    assert re.search(r'role="alert">[A-Z]', response.text)
    assert not Report.objects.exists()


def test_what_was_written_stands_in_the_form_again(post):
    comment = post()
    assert 'value="a &quot;note&quot;"' in send(comment, reason="boring", note='a "note"').text


def test_it_speaks_the_visitors_language_and_stays_in_it(post):
    comment = post()
    page = Client().get(f"{address_of(comment)}?lang=de").text
    assert "Was ist damit?" in page
    body = urlencode({"reason": "spam", "note": ""})
    [address] = re.findall(r'action="(/c/[^"]+)"', page)
    thanks = Client().post(address, body, FORM, headers=OWN_FORM, REMOTE_ADDR=VISITOR)
    assert "Die Moderatoren werden es sehen." in thanks.text
    assert 'href="/?lang=de"' in thanks.text


def test_a_body_that_is_no_form_is_refused(post):
    assert send(post(), content_type="text/plain").status_code == 415


def test_whoever_reports_too_fast_is_told_when_to_go_on(post):
    comments = [post(f"comment {number}") for number in range(reports.PER_MINUTE + 1)]
    *_, last = [send(comment, reason="spam") for comment in comments]
    assert (last.status_code, last["Retry-After"]) == (429, "60")


@pytest.mark.parametrize("state", [State.HIDDEN, State.HELD, State.ERASED])
def test_of_a_comment_that_is_not_visible_nothing_is_said(state, post):
    comment = post("the secret", "whisperer")
    rows = Comment.objects.filter(pk=comment.pk)
    {State.HIDDEN: rows.hide, State.HELD: rows.hold, State.ERASED: rows.erase}[state]()
    for response in (Client().get(address_of(comment)), send(comment, reason="spam")):
        assert response.status_code == 404
        assert "secret" not in response.text
        assert "whisperer" not in response.text
    assert not Report.objects.exists()


@pytest.mark.parametrize("id", ["nobody", "%00", "x" * 500, "a%2Fb", "%F0%9F%98%80"])
def test_an_id_of_nothing_is_404(id):
    assert Client().get(f"/c/{id}/report").status_code == 404


def test_the_form_reads_and_sets_no_cookie_and_a_database_that_is_away_is_503_R15(post, monkeypatch):
    comment = post()
    for response in (Client().get(address_of(comment), headers={"cookie": "sessionid=x"}), send(comment)):
        assert response.cookies == {}
        assert "Cookie" not in response.get("Vary", "")
        assert response["Cache-Control"] == "no-cache"

    def away(*args):
        raise OperationalError("secret detail")

    monkeypatch.setattr(reports, "report", away)
    response = send(comment, reason="spam")
    assert response.status_code == 503
    assert "secret" not in response.text
