"""How many read now: counted, never listed."""

from types import SimpleNamespace

import pytest

from comments.reading.readers import EACH_SECONDS, FORGOTTEN_SECONDS, Readers


class Clock:
    def __init__(self):
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at

    def goes_on(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def news():
    return SimpleNamespace(listeners=0)


@pytest.fixture
def readers(news, clock, settings):
    settings.POLL_AFTER_MS = 4000
    return Readers(news, clock)


def test_who_waits_for_news_is_counted_at_most_every_ten_seconds(readers, news, clock):
    news.listeners = 3
    assert readers.count() == 3
    news.listeners = 5
    clock.goes_on(EACH_SECONDS - 1)
    assert readers.count() == 3
    clock.goes_on(1)
    assert readers.count() == 5


@pytest.mark.parametrize("pollers", [0, 1, 2, 40])
def test_who_polls_is_counted_by_how_often_that_happens(readers, clock, pollers):
    readers.count()
    for _ in range(3):
        for _ in range(pollers):
            readers.polled()
        clock.goes_on(4)
    assert readers.count() == pollers
    clock.goes_on(EACH_SECONDS)
    assert readers.count() == 0


def test_after_a_night_without_anybody_the_first_who_come_are_counted(readers, clock):
    readers.count()
    clock.goes_on(8 * 3600)
    for _ in range(20):
        readers.polled()
    assert readers.count() == 8


def test_those_of_other_processes_are_added_until_nothing_is_heard_of_them(readers, news, clock):
    news.listeners = 1
    readers.heard("another", 10)
    readers.heard("another", 20)
    readers.heard("a third", 300)
    readers.heard(readers.process, 4000)
    assert readers.count() == 321
    clock.goes_on(FORGOTTEN_SECONDS - 1)
    readers.heard("another", 20)
    clock.goes_on(1)
    assert readers.count() == 21


def test_the_others_are_told_how_many_are_here_and_not_how_many_are_there(readers, news, clock):
    told = []
    readers.on_count = told.append
    news.listeners = 2
    readers.heard("another", 10)
    readers.count()
    readers.count()
    assert told == [2]
    clock.goes_on(EACH_SECONDS)
    readers.count()
    assert told == [2, 2]
