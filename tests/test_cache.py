"""The cached path, which may be slow and never wrong."""

import random

import pytest
from django.core.cache import cache

from comments.clock import StreamClock

pytestmark = pytest.mark.django_db

LIST = "/api/comments?limit=500"


def test_a_warm_answer_costs_one_look_at_the_clock(api, post, django_assert_num_queries):
    post()
    first = api.get(LIST).json()
    with django_assert_num_queries(1):
        assert api.get(LIST).json() == first


def test_R05_a_cold_cache_still_shows_the_newest_500(api, post):
    ids = [post(f"number {n}").id for n in range(520)]
    cache.clear()
    assert [comment["id"] for comment in api.get(LIST).json()["comments"]] == ids[-500:]


@pytest.mark.parametrize("garbage", [None, b"", b"[]", "{}", ("digest", b"{}"), ["a", "b", "c"], 5, ("a", "b")])
def test_R05_garbage_in_the_cache_is_not_shown(api, post, garbage):
    post("the newest")
    warm = api.get(LIST).json()
    for key in list(cache._cache):
        cache.set(key.split(":", 2)[2], garbage)
    assert api.get(LIST).json() == warm


def test_R08_entries_that_expire_at_random_during_writes_lose_nothing(api, post):
    dice, ids = random.Random(8), []
    for n in range(60):
        ids.append(post(f"number {n}").id)
        if dice.random() < 0.5:
            cache.clear()
        assert [comment["id"] for comment in api.get(LIST).json()["comments"]] == ids


def test_answers_to_different_questions_are_kept_apart(api, post):
    post("one", domain="a.example")
    post("two", domain="b.example")
    for domain, texts in (("a.example", ["one"]), ("b.example", ["two"]), ("all", ["one", "two"])):
        for _ in range(2):
            comments = api.get(f"/api/comments?domain={domain}").json()["comments"]
            assert [comment["text"] for comment in comments] == texts


def test_nothing_is_kept_for_the_fresh_path(api, post):
    post()
    api.get(f"{LIST}&fresh=true")
    assert not cache._cache


def test_every_write_moves_the_clock_that_names_the_answers(post):
    before = StreamClock.now().version
    post()
    assert StreamClock.now().version > before
