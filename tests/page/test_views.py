"""The page without a script: reading, posting, and who may not."""

import re
from urllib.parse import urlencode

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils.html import escape

from comments.models import Comment
from comments.reading import table
from tests.support.cast import VISITOR

OWN_FORM = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def page(db):
    """GET the page: `page("?before=…")`."""
    client = Client()
    return lambda query="", **headers: client.get(f"/{query}", headers=headers)


@pytest.fixture
def send(db, no_limits):
    """Send the form as a browser does: `send(text="Hi", username="Ada")`."""
    return lambda headers=OWN_FORM, **fields: send_form(urlencode(fields), headers)


def send_form(body, headers=OWN_FORM, content_type="application/x-www-form-urlencoded"):
    return Client().post("/", body, content_type, headers=headers, REMOTE_ADDR=VISITOR)


def stream_in(response) -> str:
    """The part of the page before the script's own copy of the markup."""
    return response.content.decode().split("<template")[0]


def texts(response) -> list[str]:
    return re.findall(r'<p class="comment__text" dir="auto">(.*?)</p>', stream_in(response), re.DOTALL)


def key_in(response) -> str:
    return re.search(r'name="id" value="([^"]+)"', response.content.decode())[1]


# Reading


def test_the_page_has_the_newest_50_the_newest_last(page, post):
    for number in range(60):
        post(f"comment {number}")
    assert texts(page()) == [f"comment {number}" for number in range(10, 60)]


def test_older_comments_are_a_link_away_down_to_the_first(page, post):
    for number in range(120):
        post(f"comment {number}")
    response, seen = page(), []
    while True:
        seen = texts(response) + seen
        older = re.search(r'href="(\?before=[0-9]+)"', response.content.decode())
        if not older:
            break
        response = page(older[1])
    assert seen == [f"comment {number}" for number in range(120)]


def test_the_page_says_where_the_changes_go_on(page, post, changes):
    post("in the page")
    cursor = re.search(r'data-cursor="([0-9]+)"', page().content.decode())[1]
    assert 'data-has-more="false"' in page().content.decode()
    post("after it")
    assert [change["text"] for change in changes(int(cursor))["changes"]] == ["after it"]


def test_hidden_and_held_comments_are_not_in_the_page(page, post, held):
    Comment.objects.filter(pk=post("hidden").pk).hide()
    held("held")
    post("visible")
    assert texts(page()) == ["visible"]


@pytest.mark.parametrize("before", ["abc", "-1", "1e3", "٣", "", "1.5", str(2**70), "9" * 5000])
def test_a_before_that_is_no_timestamp_is_refused(page, before):
    assert page(f"?before={before}").status_code == 400


def test_the_page_sets_no_cookie_is_revalidated_and_varies_on_no_visitor(page):
    response = page(cookie="sessionid=x; csrftoken=y")
    assert response.cookies == {}
    assert response["Cache-Control"] == "no-cache"
    assert response["Vary"] == "Accept-Language, Accept-Encoding"


def test_the_page_has_no_inline_script_or_style_and_asks_nobody_else(page, post):
    post("https://example.org")
    html = page().content.decode()
    assert not re.search(r"<style|\sstyle=|<script>|\son[a-z]+=", html)
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", html))
    assert set(re.findall(r'(?:src|href)="(?!/|\?|#)([^"]*)"', html)) == {"https://example.org"}


def test_the_page_takes_two_queries(page, post, django_assert_num_queries):
    post("one")
    with django_assert_num_queries(2):
        page()


def test_a_database_that_does_not_answer_is_503_and_not_an_empty_page_R15(page, monkeypatch):
    def away(*args):
        raise OperationalError("secret detail")

    monkeypatch.setattr(table, "newest", away)
    response = page()
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_not_allowed(db, method):
    assert getattr(Client(), method)("/").status_code == 405


def test_an_address_without_a_page_is_a_404_without_data(db):
    response = Client().get("/no/such/page")
    assert response.status_code == 404
    assert "There is nothing at this address." in response.content.decode()
    assert "no/such" not in response.content.decode()


def test_texts_and_names_are_escaped(page, post):
    post("<script>alert('&')</script>", "<b>x</b>")
    html = page().content.decode()
    assert texts(page()) == ["&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;"]
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "<b>x" not in html


def test_consecutive_comments_of_one_author_share_a_name(page, post):
    for text, username in [("one", "Ada"), ("two", "Ada"), ("three", "Ben"), ("four", "Ada")]:
        post(text, username)
    classes = re.findall(r'<li class="([^"]+)"', stream_in(page()))
    assert ["comment--continued" in names for names in classes] == [False, True, False, False]


# Posting


def test_a_sent_form_is_stored_and_leads_to_the_page(send, page):
    response = send(text="first\r\nsecond", username="Ada")
    assert (response.status_code, response["Location"]) == (303, "/?username=Ada")
    assert texts(page()) == ["first\nsecond"]


@pytest.mark.parametrize("name", ["Ada", "Ada & Ben", '"><b>', "雪🥀", "a+b=c #1"])
def test_the_page_after_a_post_has_the_name_in_its_form(send, page, name):
    location = send(text="hello", username=name)["Location"]
    assert f'name="username" autocomplete="nickname" value="{escape(name)}"' in page(location[1:]).content.decode()


@pytest.mark.parametrize("name", ["", "%00", "%E2%80%AE", "x" * 17, "%20"])
def test_a_name_in_the_address_that_is_none_is_left_out(page, name):
    response = page(f"?username={name}")
    assert response.status_code == 200
    assert 'name="username" autocomplete="nickname" value=""' in response.content.decode()


def test_a_form_that_is_sent_twice_is_stored_once_R42(send, page):
    key = key_in(page())
    for _ in range(2):
        assert send(text="once", username="Ada", id=key).status_code == 303
    assert texts(page()) == ["once"]


def test_other_words_under_a_key_that_was_used_are_another_comment(send, page):
    key = key_in(page())
    send(text="one", username="Ada", id=key)
    assert send(text="two", username="Ada", id=key).status_code == 303
    assert texts(page()) == ["one", "two"]


def test_each_page_has_a_key_of_its_own(page):
    assert len({key_in(page()) for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": "x" * 1001, "username": "Ada"}, "longer than 1000"),
        ({"text": "", "username": "Ada"}, "visible character"),
        ({"text": "hi", "username": ""}, "visible character"),
        ({"text": "hi", "username": "seventeen letters"}, "longer than 16"),
        ({"text": "NUL \0", "username": "Ada"}, "not valid Unicode"),
    ],
)
def test_a_refused_form_comes_back_with_its_words_and_the_reason_R46(send, page, fields, sentence):
    response = send(**fields)
    assert response.status_code == 422
    html = response.content.decode()
    assert sentence in html
    assert f'value="{fields["username"]}"' in html
    assert fields["text"] in html
    assert texts(page()) == []


def test_words_in_a_returned_form_are_escaped_and_keep_their_first_empty_line(send):
    html = send(text="\n</textarea><b>" + "x" * 1000, username='"><b>').content.decode()
    assert ">\n\n&lt;/textarea&gt;&lt;b&gt;" in html
    assert 'value="&quot;&gt;&lt;b&gt;"' in html


def test_posting_too_fast_says_when_to_try_again(send, settings):
    settings.POSTS_PER_MINUTE = 1
    send(text="one", username="Ada")
    response = send(text="two", username="Ada")
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert "two" in response.content.decode()


def test_a_banned_visitor_is_told_so(db, banned_visitor):
    response = Client().post("/", {"text": "hi", "username": "Ada"}, REMOTE_ADDR=banned_visitor, headers=OWN_FORM)
    assert response.status_code == 415, "multipart is not our form"
    body = urlencode({"text": "hi", "username": "Ada"})
    response = Client().post(
        "/", body, "application/x-www-form-urlencoded", REMOTE_ADDR=banned_visitor, headers=OWN_FORM
    )
    assert response.status_code == 403
    assert "suspended" in response.content.decode()


def test_a_held_comment_is_announced_as_waiting(send, page, settings):
    settings.HOLD_COMMENTS = True
    response = send(text="may I?", username="Ada")
    assert response.status_code == 202
    assert "Waiting for a moderator." in response.content.decode()
    assert 'value="Ada"' in response.content.decode()
    assert "may I?" not in response.content.decode()
    assert texts(page()) == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "null"},
        {"origin": "http://testserver"},
    ],
)
def test_the_own_form_is_taken(send, page, headers):
    assert send(headers, text="own", username="Ada").status_code == 303
    assert texts(page()) == ["own"]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"sec-fetch-site": ""},
        {"origin": "https://evil.example"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "http://testserver:81"},
        {"origin": "null"},
        {"origin": ""},
    ],
)
def test_a_form_on_another_site_is_refused(send, page, headers):
    response = send(headers, text="foreign", username="Ada")
    assert response.status_code == 403
    assert "foreign" not in response.content.decode()
    assert texts(page()) == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "multipart/form-data; boundary=x"])
def test_only_a_form_is_taken(db, content_type):
    assert send_form("text=hi&username=Ada", content_type=content_type).status_code == 415


def test_a_form_that_is_too_large_is_413(db):
    assert send_form("text=" + "x" * 20_000).status_code == 413


def test_a_cookie_changes_nothing(send, page):
    assert send(OWN_FORM | {"cookie": "csrftoken=x; sessionid=y"}, text="hi", username="Ada").status_code == 303
    assert texts(page()) == ["hi"]


def test_every_link_of_the_page_leads_somewhere_as_crawlers_want_it(api, post, bot):
    post("by a person")
    post("by a program", bot=bot)
    shown = re.sub(r"<template.*?</template>", "", api.get("/").content.decode(), flags=re.DOTALL)
    links = re.findall(r"<a [^>]*>", shown)
    assert sum("comment__badge" in link for link in links) == 1
    assert [link for link in links if "href=" not in link] == []
