"""What the operator is told of reading, in /metrics: questions, and news that nobody has hinted at."""

import asyncio
from concurrent.futures import Future

import pytest

from comments.reading.news import News
from comments.reading.tail import Tail
from tests.support.counted import counted


class Answering(Tail):
    """Its reads find nothing to read and are never begun: the test tells the news."""

    def fresh(self) -> Future:
        return Future()


def test_news_is_counted_that_no_hint_announced():
    async def scene():
        news = News(Answering())
        news.attach()
        before = counted("news_without_hint")
        news.hint()
        news.tail.on_news(True)
        assert counted("news_without_hint") == before
        news.tail.on_news(True)
        assert counted("news_without_hint") == before + 1

    asyncio.run(scene())


class Later:
    """An executor whose work waits until it is told to do it."""

    def __init__(self) -> None:
        self.work = []

    def submit(self, task) -> None:
        self.work.append(task)

    def do(self) -> None:
        while self.work:
            self.work.pop(0)()


@pytest.mark.django_db
def test_each_question_is_counted_once_however_many_a_read_answers(post):
    post()
    tail, before, reads = Tail(), counted("tail_questions"), Later()
    tail.executor = reads
    asked = [tail.fresh() for _ in range(3)]
    reads.do()
    assert {future.result().clock.visible_total for future in asked} == {1}
    assert counted("tail_questions") == before + 3
    tail.fresh()
    reads.do()
    assert counted("tail_questions") == before + 4
