"""`around` and `at`: a place in the stream with what stands on both sides of it."""

import pytest

from comments.models import Comment

LENGTH = 9


@pytest.fixture
def stream(post):
    return [post(f"number {n}", domain="ab"[n % 2] + ".example") for n in range(LENGTH)]


def told(api, query: str):
    answer = api.get(f"/api/comments?{query}").json()
    numbers = [int(comment["text"].removeprefix("number ")) for comment in answer["comments"]]
    return numbers, answer["hasMore"], answer["hasNewer"]


@pytest.mark.parametrize("limit", range(1, LENGTH + 2))
@pytest.mark.parametrize("place", range(LENGTH))
def test_a_comment_stands_amid_its_neighbours_or_as_near_as_the_ends_allow(api, stream, place, limit):
    numbers, has_more, has_newer = told(api, f"around={stream[place].id}&limit={limit}")
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert place in numbers
    assert len(numbers) == min(limit, LENGTH)
    newer = numbers[-1] - place
    assert newer == limit // 2 or not has_newer or not has_more
    assert (has_more, has_newer) == (numbers[0] > 0, numbers[-1] < LENGTH - 1)


def test_a_moment_is_where_a_comment_would_stand(api, stream):
    at = stream[4].timestamp
    assert told(api, f"at={at}&limit=4") == ([3, 4, 5, 6], True, True)
    assert told(api, f"at={stream[0].timestamp - 1}&limit=3") == ([0, 1, 2], False, True)
    assert told(api, f"at={2**53 - 1}&limit=3") == ([6, 7, 8], True, False)
    assert told(api, f"at={at}&limit=0") == ([], True, True)


def test_filters_choose_the_neighbours_and_order_arranges_them(api, stream):
    assert told(api, f"around={stream[4].id}&limit=3&domain=a.example")[0] == [2, 4, 6]
    assert told(api, f"around={stream[4].id}&limit=3&order=desc")[0] == [5, 4, 3]
    assert api.get(f"/api/comments?around={stream[4].id}&domain=b.example").status_code == 404


def test_what_is_hidden_has_no_surroundings_and_is_in_none(api, stream):
    Comment.objects.filter(pk=stream[4].pk).hide()
    for id in (stream[4].id, "missing", "%00", "a%20b"):
        response = api.get(f"/api/comments?around={id}")
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert told(api, f"around={stream[5].id}&limit=3")[0] == [3, 5, 6]


@pytest.mark.parametrize("other", ["after=1", "before=1", "offset=1", "search=x", "at=1"])
def test_a_place_is_said_once(api, stream, other):
    response = api.get(f"/api/comments?around={stream[4].id}&{other}")
    assert (response.status_code, response.json()["code"]) == (422, "invalid_around")


def test_a_moment_is_a_number(api):
    assert api.get("/api/comments?at=yesterday").json()["code"] == "invalid_at"
    assert api.get("/api/comments?at=1&after=1").json()["code"] == "invalid_at"
