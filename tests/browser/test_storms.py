"""Storms of seeded time, network, servers and tabs around the page's own modules."""

from .storms import play

FIRST, SEEDS = 5070, 40  # python -m tests.browser.storms plays as many as one likes


def test_after_any_storm_every_tab_shows_what_the_server_has_and_what_was_sent_is_there_once_in_order(module_page):
    assert play(module_page, first=FIRST, count=SEEDS) == []
