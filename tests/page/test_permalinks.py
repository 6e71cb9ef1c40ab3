"""A comment's own address, the feed, and search, all without a script."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments.errors import Refused
from comments.models import Comment
from comments.page.feed import fit
from comments.text.found import spans

ATOM = "{http://www.w3.org/2005/Atom}"


def items(response) -> list[str]:
    return re.findall(r"<li class=.*?</li>", response.content.decode().split("<template")[0], re.DOTALL)


# P31


def test_a_permalink_shows_the_comment_lit_among_what_stands_around_it_P31(api, post):
    ids = [post(f"comment {number}", "Ada <b>").id for number in range(120)]
    response = api.get(f"/c/{ids[60]}")
    assert response.status_code == 200
    [asked] = [item for item in items(response) if "comment--asked" in item]
    assert "comment 60<" in asked
    assert len(items(response)) == 50
    html = response.content.decode()
    assert "<title>Ada &lt;b&gt;: comment 60 – Say What Want</title>" in html
    assert '<meta property="og:description" content="comment 60">' in html
    images = re.findall(r'"og:image" content="([^"]*)"', html)
    assert all(image.startswith("http://testserver/static/") for image in images), "the site's own"
    assert 'data-is-older="true"' in html
    assert re.search(r'href="/\?before=[0-9]+"', html)
    assert (response["Cache-Control"], response.cookies) == ("no-cache", {})


@pytest.mark.parametrize("verb", ["hide", "erase"])
def test_a_removed_comment_says_so_and_leads_on_P31(api, post, verb):
    comment = post("a secret")
    getattr(Comment.objects.filter(pk=comment.pk), verb)()
    response = api.get(f"/c/{comment.pk}")
    assert response.status_code == 410
    assert "has been removed" in response.content.decode()
    assert "secret" not in response.content.decode()
    assert 'href="/"' in response.content.decode()


@pytest.mark.parametrize("id", ["nothing", "a%20b", "%00", "é", "x" * 100, "'--"])
def test_an_unknown_comment_is_not_here_P31(api, db, id):
    response = api.get(f"/c/{id}")
    assert response.status_code == 404
    assert "There is no comment at this address." in response.content.decode()


def test_a_comment_that_waits_for_a_moderator_is_unknown_P31(api, held):
    assert api.get(f"/c/{held('may I?').pk}").status_code == 404


def test_what_a_comment_answers_is_quoted_above_it_and_leads_there(api, post):
    first = post("the <question>", "Eve")
    hidden = post("soon gone")
    post("an answer", reply_to=first.id)
    post("another", reply_to=hidden.id)
    for number in range(60):
        post(f"between {number}")
    post("a late answer", reply_to=first.id)
    Comment.objects.filter(pk=hidden.pk).hide()
    assert f'href="/c/{first.id}" dir="auto">Eve: the &lt;question&gt;</a>' in items(api.get("/"))[-1]
    both = "".join(items(api.get(f"/c/{first.id}")))
    assert "Answer to a comment that was removed" in both
    assert "soon gone" not in both


# Search


def test_a_search_marks_what_it_found_and_leads_into_the_context_P34(api, post):
    found = post("The STRASSE <b>of</b> https://example.org/strasse", "Ada")
    post("nothing")
    [item] = items(api.get("/?search=stra%C3%9Fe"))
    assert "The <mark>STRASSE</mark> &lt;b&gt;of&lt;/b&gt;" in item
    assert 'href="https://example.org/strasse"' in item
    assert f'href="/c/{found.id}" tabindex="-1">In context</a>' in item
    assert items(api.get("/?search=%3Cb%3E"))[0].count("<mark>&lt;b&gt;</mark>") == 1
    assert items(api.get("/?search=zzz")) == []


@given(st.text(max_size=40), st.text(min_size=1, max_size=3))
def test_what_is_marked_lies_in_the_text_in_order_and_apart(text, term):
    found = spans(text, term)
    bounds = [bound for span in found for bound in span]
    assert bounds == sorted(bounds)
    assert all(start < stop for start, stop in found)


# The feed


def entries(response) -> list[ElementTree.Element]:
    return ElementTree.fromstring(response.content).findall(f"{ATOM}entry")


def test_the_feed_has_the_newest_first_filtered_as_the_page_is(api, post):
    post("hello <world>", "Ada & Eve")
    post("other")
    last = post("hello again", "Ada")
    response = api.get("/feed.atom?word=hello")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=0, s-maxage=1"
    first, second = entries(response)
    assert first.find(f"{ATOM}id").text == f"http://testserver/c/{last.id}"
    assert first.find(f"{ATOM}author/{ATOM}name").text == "Ada"
    assert second.find(f"{ATOM}title").text == "Ada & Eve: hello <world>"
    assert second.find(f"{ATOM}summary").text == "<p>hello &lt;world&gt;</p>"
    assert api.get("/").content.decode().count('href="/feed.atom"') == 1


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(text=st.text(min_size=1, max_size=60))
def test_the_feed_is_xml_whatever_was_said(api, post, text):
    try:
        post(text, "Ada")
    except Refused:
        return
    assert entries(api.get("/feed.atom"))[0].find(f"{ATOM}author/{ATOM}name").text == "Ada"


@given(st.text())
def test_history_that_xml_cannot_carry_is_shown_as_unknown(text):
    without_surrogates = fit(text).replace("<", "").replace("&", "")
    assert ElementTree.fromstring(f"<a>{without_surrogates}</a>") is not None
