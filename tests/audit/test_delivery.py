"""The promise: each reader sees every comment exactly once, in one order. With real processes, on both databases."""

import itertools

import pytest

from tests.support.servers import UNLIMITED
from tests.support.workers import Worker

pytestmark = pytest.mark.slow

POSTERS = 8
POSTS_EACH = 20
MODERATED = 30
LIMITS = (1, 7, 200)


@pytest.fixture
def two_servers(on_any_database):
    """Two server processes over one database."""
    first = on_any_database(**UNLIMITED)
    with first.twin() as second:
        yield first, second


def test_every_poller_gets_every_acknowledged_comment_exactly_once_in_one_order(two_servers):
    servers = itertools.cycle(two_servers)
    env = two_servers[0].env
    Worker(env, "post", two_servers[0].url, "127.0.0.1", "moderated", MODERATED).result()

    limits = itertools.cycle(LIMITS)
    feeds = [Worker(env, "poll_changes", next(servers).url, next(limits)) for _ in range(4)]
    polls = [Worker(env, "poll_comments", next(servers).url, next(limits)) for _ in range(4)]
    moderators = [Worker(env, "moderate", seed) for seed in range(2)]
    posters = [
        Worker(env, "post", next(servers).url, f"127.0.1.{number + 1}", f"poster-{number}", POSTS_EACH)
        for number in range(POSTERS)
    ]
    acknowledged = set(itertools.chain.from_iterable(poster.result() for poster in posters))
    assert len(acknowledged) == POSTERS * POSTS_EACH
    assert all(moderator.result() > 0 for moderator in moderators)
    feeds = [feed.result() for feed in feeds]
    polls = [poll.result() for poll in polls]

    stream = two_servers[0].get("/api/comments?limit=1000&fresh=true").json()["comments"]
    order = [comment["id"] for comment in stream if comment["username"] != "moderated"]
    assert set(order) == acknowledged
    for feed in feeds:
        assert [change["id"] for change in feed if change["id"] in acknowledged] == order
        assert [change["version"] for change in feed] == sorted({change["version"] for change in feed})
        assert folded(feed) == stream
    for poll in polls:
        assert [comment["id"] for comment in poll if comment["id"] in acknowledged] == order
        assert len({comment["id"] for comment in poll}) == len(poll)
        assert [comment["timestamp"] for comment in poll] == sorted(comment["timestamp"] for comment in poll)


def folded(changes: list[dict]) -> list[dict]:
    """What a reader shows who has applied the changes: upsert by id, drop what was removed."""
    shown = {}
    for change in changes:
        if change.get("removed"):
            shown.pop(change["id"], None)
        else:
            shown[change["id"]] = {name: value for name, value in change.items() if name != "version"}
    return sorted(shown.values(), key=lambda comment: comment["timestamp"])


def test_R53_two_processes_at_once_let_through_exactly_as_many_posts_as_one(on_any_database):
    first = on_any_database(POSTS_PER_BURST="10")
    with first.twin() as second:
        hammers = [Worker(first.env, "hammer", server.url, "127.0.2.1", 20) for server in (first, second)]
        statuses = [status for hammer in hammers for status in hammer.result()]
    assert sorted(statuses) == [201] * 10 + [429] * 30


def test_R06_two_hundred_posts_at_once_are_all_in_the_list_the_poll_and_the_count(on_any_database):
    server = on_any_database(**UNLIMITED)
    posters = [Worker(server.env, "post", server.url, f"127.0.3.{n + 1}", f"poster-{n}", 20) for n in range(10)]
    ids = {id for poster in posters for id in poster.result()}
    assert len(ids) == 200
    assert {comment["id"] for comment in server.get("/api/comments?limit=500").json()["comments"]} == ids
    assert {comment["id"] for comment in server.get("/api/comments?after=0&limit=500&fresh=true").json()} == ids
    assert server.get("/api/comments").json()["total"] == 200
    assert server.get("/api/stats").json()["totalMessages"] == 200


def test_R74_what_was_acknowledged_survives_kill_9(on_any_database):
    server = on_any_database(**UNLIMITED)
    worker = Worker(server.env, "post", server.url, "127.0.0.1", "Ada", 20)
    ids = worker.result()
    server.kill()
    server.start()
    assert [comment["id"] for comment in server.get("/api/comments").json()["comments"]] == ids
