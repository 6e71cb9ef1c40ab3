"""How news come to a page: WebSocket, long poll, polling; falling back and up again; one way for all tabs."""

import os
import re
from itertools import count

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LONG_POLLS, Visitor, wait_until

SOCKETS = re.compile(r"/ws/changes\?")
CHANGES = re.compile(r"/api/changes\?")
PUSHED_MS = 1000  # what the page promises …
BUSY_MS = 4000  # … and what busy cores need on top
TABS = 30 if os.environ.get("SLOW") else 8

# Counts what a page keeps going; installed before its script runs.
COUNTERS = """
  window.sockets = { all: [], get open() { return this.all.filter(({ readyState }) => readyState < 2).length } };
  const Native = WebSocket;
  window.WebSocket = class extends Native { constructor(url) { super(url); sockets.all.push(this); } };
  window.timers = new Set();
  const { setTimeout: set, clearTimeout: clear } = window;
  window.setTimeout = (then, ms) => {
    const id = set(() => { timers.delete(id); then(); }, ms);
    timers.add(id);
    return id;
  };
  window.clearTimeout = (id) => { timers.delete(id); clear(id); };
"""
HIDE_AND_SHOW = """() => {
  for (const isHidden of [true, false]) {
    Object.defineProperty(document, "hidden", { get: () => isHidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }
  dispatchEvent(new Event("focus"));
}"""


# What a browser does to a tab that is not looked at: events and timers wait until it goes on.
FREEZING = """
  let isFrozen = false, waiting = [];
  const soon = (task) => isFrozen ? waiting.push(task) : task();
  window.freeze = () => { isFrozen = true };
  window.thaw = () => { isFrozen = false; waiting.splice(0).forEach((task) => task()) };
  const { setTimeout: later } = window;
  window.setTimeout = (then, ms) => later(() => soon(then), ms);
  const { addEventListener: add } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (name, then, options) {
    add.call(this, name, (event) => soon(() => then.call(this, event)), options);
  };
"""


class Network:
    """What of the network lets through: `sockets`, `waiting` (long polls) and `asking` (all else of the feed)."""

    def __init__(self, visitor: Visitor):
        self.visitor = visitor
        self.sockets = self.waiting = self.asking = True
        self.open = []
        self.asked = []  # the addresses of requests of the feed
        visitor.expects_failing_requests()
        visitor.context.route_web_socket(SOCKETS, self.on_socket)
        visitor.context.route(CHANGES, self.on_request)

    def on_socket(self, socket) -> None:
        if not self.sockets:
            socket.close(code=1011)
            return
        self.open.append((socket, socket.connect_to_server()))

    def on_request(self, route) -> None:
        url = route.request.url
        self.asked.append(url)
        is_let_through = self.waiting if LONG_POLLS.search(url) else self.asking
        route.continue_() if is_let_through else route.abort()

    def block(self, *, sockets: bool = True, waiting: bool = False, asking: bool = False) -> None:
        self.sockets, self.waiting, self.asking = not sockets, not waiting, not asking
        for page_side, server_side in self.open if sockets else []:
            server_side.close()
            page_side.close(code=1011)
        self.open = [] if sockets else self.open

    def waits(self) -> bool:
        return any(LONG_POLLS.search(url) for url in self.asked)


def push_is_up(visitor: Visitor, network: Network) -> None:
    wait_until(lambda: network.open, 20, visitor.page)


@pytest.fixture
def pushed(arrive, rare_site) -> Visitor:
    visitor = arrive(rare_site)
    visitor.context.add_init_script(COUNTERS)
    visitor.opens().is_live()
    visitor.waits_for("() => sockets.open === 1")
    return visitor


def feed_requests(visitor: Visitor) -> list[str]:
    asked = []
    visitor.page.on("request", lambda request: CHANGES.search(request.url) and asked.append(request.url))
    return asked


def test_a_message_of_another_is_pushed_within_a_second_P39(pushed, rare_site):
    asked = feed_requests(pushed)
    for number in range(5):
        rare_site.post({"text": f"pushed {number}", "username": "Eve"})
        pushed.sees(f"pushed {number}", timeout=PUSHED_MS + BUSY_MS)
    assert asked == [], "no poll was made, so it was the push"
    assert pushed.page.evaluate("sockets.all.length") == 1


def test_ways_down_and_up_again_without_hole_or_double(arrive, new_site):
    visitor = arrive(new_site)
    network = Network(visitor)
    visitor.opens().is_live()
    push_is_up(visitor, network)
    numbers = count()

    def say_and_see() -> None:
        for number in (next(numbers) for _ in range(4)):
            assert new_site.post({"text": f"number {number}", "username": "Eve"}).status == 201
        visitor.sees(f"number {number}", timeout=15_000)

    say_and_see()
    for trouble in ({}, {"waiting": True}, {"waiting": True, "asking": True}):
        network.block(**trouble)
        if "asking" in trouble:
            expect(visitor.page.locator("#connection")).to_have_text("Reconnecting…", timeout=15_000)
            new_site.post({"text": f"number {next(numbers)}", "username": "Eve"})
        else:
            say_and_see()
    assert network.waits()
    network.block(sockets=True)
    say_and_see()
    network.block(sockets=False)
    say_and_see()
    wait_until(lambda: network.open, 40, visitor.page)
    asked = len(network.asked)
    say_and_see()
    expect(visitor.page.locator("#connection")).to_have_text("Live")
    assert len(network.asked) - asked <= 1, "no polling beside the socket"
    assert visitor.texts == [f"number {number}" for number in range(next(numbers))]


def test_long_polls_push_too_when_there_is_no_socket(arrive, rare_site):
    visitor = arrive(rare_site)
    visitor.context.add_init_script("delete window.WebSocket")
    with visitor.page.expect_request(LONG_POLLS):
        visitor.opens().is_live()
    rare_site.post({"text": "waited for", "username": "Eve"})
    visitor.sees("waited for", timeout=PUSHED_MS + BUSY_MS)


def test_a_server_that_comes_back_is_followed_without_hole_or_double(arrive, new_site):
    visitor = arrive(new_site)
    visitor.expects_failing_requests()
    visitor.opens().is_live()
    for turn in range(2):
        new_site.post({"text": f"before {turn}", "username": "Eve"})
        visitor.sees(f"before {turn}", timeout=BUSY_MS)
        new_site.stop()
        expect(visitor.page.locator("#connection")).to_have_text("Reconnecting…", timeout=10_000)
        new_site.start()
        new_site.post({"text": f"after {turn}", "username": "Eve"})
        visitor.sees(f"after {turn}", timeout=20_000)
        expect(visitor.page.locator("#connection")).to_have_text("Live")
    assert visitor.texts == ["before 0", "after 0", "before 1", "after 1"]


def test_a_silent_socket_is_given_up_after_45_s(arrive, rare_site):
    """Browsers may not notice that it is dead (pitfall 23)."""
    visitor = arrive(rare_site)
    opened = []

    def fall_silent(socket):
        opened.append(socket)
        if len(opened) == 1:  # says what it has at once, and never anything again
            server = socket.connect_to_server()
            server.on_message(lambda message: socket.send(message) if not rare_site.silent else None)
        else:
            socket.connect_to_server()

    rare_site.silent = False
    visitor.page.route_web_socket(SOCKETS, fall_silent)
    visitor.page.clock.install()
    visitor.opens().is_live()
    rare_site.post({"text": "still heard", "username": "Eve"})
    visitor.sees("still heard", timeout=BUSY_MS)
    rare_site.silent = True
    rare_site.post({"text": "into silence", "username": "Eve"})
    visitor.page.wait_for_timeout(300)
    visitor.does_not_see("into silence")
    visitor.page.clock.fast_forward(46_000)
    visitor.sees("into silence", timeout=BUSY_MS)
    wait_until(lambda: len(opened) == 2, BUSY_MS / 1000, visitor.page)


def test_fifty_cycles_of_hiding_and_showing_leave_one_socket_and_no_timers_R19(pushed, rare_site):
    before = pushed.page.evaluate("timers.size")
    for _ in range(50):
        pushed.page.evaluate(HIDE_AND_SHOW)
    pushed.waits_for("() => sockets.open === 1")
    pushed.page.wait_for_timeout(300)
    assert pushed.page.evaluate("sockets.all.length") == 1
    assert pushed.page.evaluate("timers.size") <= before + 1
    rare_site.post({"text": "after fifty cycles", "username": "Eve"})
    pushed.sees("after fifty cycles", timeout=PUSHED_MS + BUSY_MS)


def test_a_page_that_is_looked_at_again_makes_sure_beside_its_socket_R22(arrive, rare_site):
    visitor = arrive(rare_site)

    def say_nothing_after_the_first(socket):
        server, said = socket.connect_to_server(), []
        server.on_message(lambda message: said or (said.append(1), socket.send(message)))

    visitor.page.route_web_socket(SOCKETS, say_nothing_after_the_first)
    visitor.opens().is_live()
    rare_site.post({"text": "not pushed", "username": "Eve"})
    visitor.page.wait_for_timeout(1500)
    visitor.does_not_see("not pushed")
    visitor.page.evaluate(HIDE_AND_SHOW)
    visitor.sees("not pushed", timeout=BUSY_MS)


@pytest.mark.parametrize("code", [4410, 4422])
def test_a_cursor_that_a_socket_refuses_makes_the_page_load_afresh(arrive, rare_site, code):
    visitor = arrive(rare_site)
    refused = []

    def refuse_once(socket):
        if not refused:
            refused.append(socket.close(code=code))
        else:
            socket.connect_to_server()

    visitor.page.route_web_socket(SOCKETS, refuse_once)
    loads = []
    visitor.page.on("request", lambda request: "/api/comments?limit=500" in request.url and loads.append(request))
    visitor.opens().is_live()
    wait_until(lambda: len(loads) == 1, 10, visitor.page)
    rare_site.post({"text": "after the refusal", "username": "Eve"})
    visitor.sees("after the refusal", timeout=BUSY_MS)


def test_poison_in_a_pushed_envelope_is_skipped_and_the_cursor_goes_on_R25(arrive, rare_site):
    visitor = arrive(rare_site)

    def poison(socket):
        bad = '"changes":[null,7,{"id":"x"},{"id":"poisoned","timestamp":1700000000000,"text":{}},'
        server = socket.connect_to_server()
        server.on_message(lambda message: socket.send(message.replace('"changes":[{', bad + "{")))

    visitor.page.route_web_socket(SOCKETS, poison)
    visitor.opens().is_live()
    for text in ("beside the poison", "after the poison"):
        rare_site.post({"text": text, "username": "Eve"})
        visitor.sees(text, timeout=BUSY_MS)
    visitor.sees("This comment cannot be shown.")


# Tabs


def more_tabs(visitor: Visitor, number: int) -> list:
    pages = [visitor.page]
    for _ in range(number - 1):
        pages.append(visitor.context.new_page())
        pages[-1].goto(visitor.server.url)
    for page in pages:
        expect(page.locator("#connection")).to_have_text("Live", timeout=20_000)
    return pages


def texts_of(page) -> list[str]:
    return page.locator("#comments .comment__text").all_text_contents()


def test_tabs_of_one_browser_share_one_way_and_all_see_all_R24_P37(arrive, rare_site):
    visitor = arrive(rare_site)
    visitor.context.add_init_script(COUNTERS)
    asked = []
    visitor.context.on("request", lambda request: CHANGES.search(request.url) and asked.append(request.url))
    visitor.opens().is_live()
    pages = more_tabs(visitor, TABS)
    asked.clear()
    for number, page in enumerate(pages):
        page.fill("#name", f"tab {number}")
        page.fill("#text", f"from tab {number}")
    for page in pages:
        page.press("#text", "Enter", no_wait_after=True)
    wanted = {f"from tab {number}" for number in range(TABS)}
    for page in pages:
        wait_until(lambda page=page: set(texts_of(page)) == wanted, 30, page)
        assert len(texts_of(page)) == TABS
        assert texts_of(page) == texts_of(pages[0])
    assert sum(page.evaluate("sockets.open") for page in pages) == 1
    assert len(asked) <= 2 * TABS


def test_when_the_tab_that_leads_is_closed_the_next_goes_on_at_once(arrive, rare_site):
    visitor = arrive(rare_site)
    visitor.context.add_init_script(COUNTERS)
    visitor.opens().is_live()
    visitor.waits_for("() => sockets.open === 1")
    first, second, third = more_tabs(visitor, 3)
    assert [page.evaluate("sockets.open") for page in (second, third)] == [0, 0]
    first.close()
    for number in range(3):
        rare_site.post({"text": f"after the leader {number}", "username": "Eve"})
    for page in (second, third):
        wait_until(lambda page=page: len(texts_of(page)) == 3, 15, page)
        assert texts_of(page) == [f"after the leader {number}" for number in range(3)]
    assert sorted(page.evaluate("sockets.open") for page in (second, third)) == [0, 1]


def test_a_tab_that_is_looked_at_takes_over_from_one_that_is_not(arrive, rare_site):
    visitor = arrive(rare_site)
    visitor.context.add_init_script(COUNTERS)
    visitor.opens().is_live()
    first, second = more_tabs(visitor, 2)
    hidden = HIDE_AND_SHOW.replace("[true, false]", "[true]")
    first.evaluate(hidden)
    wait_until(lambda: second.evaluate("sockets.open") == 1, 10, second)
    wait_until(lambda: first.evaluate("sockets.open") == 0, 10, first)
    rare_site.post({"text": "seen by both", "username": "Eve"})
    for page in (first, second):
        wait_until(lambda page=page: texts_of(page) == ["seen by both"], 10, page)


def test_a_leader_that_is_frozen_is_replaced_and_joins_in_again_when_it_thaws(arrive, rare_site):
    """The browser stops it without a word; it keeps the lock and its socket, and the other hears nothing."""
    visitor = arrive(rare_site)
    visitor.context.clock.install()
    visitor.context.add_init_script(COUNTERS + FREEZING)
    first = visitor.opens().is_live().page
    visitor.waits_for("() => sockets.open === 1")
    second = visitor.context.new_page()
    second.goto(rare_site.url)
    expect(second.locator("#connection")).to_have_text("Live")
    first.evaluate("freeze()")
    rare_site.post({"text": "while it was frozen", "username": "Eve"})
    second.wait_for_timeout(1000)
    assert texts_of(second) == []
    visitor.context.clock.fast_forward(46_000)  # it has been silent for too long, and is asked …
    visitor.context.clock.fast_forward(4_000)  # … and does not answer
    wait_until(lambda: texts_of(second) == ["while it was frozen"], 10, second)
    assert second.evaluate("sockets.open") == 1
    first.evaluate("thaw()")
    rare_site.post({"text": "after it has thawed", "username": "Eve"})
    for page in (first, second):
        wait_until(lambda page=page: texts_of(page) == ["while it was frozen", "after it has thawed"], 10, page)
    assert [page.evaluate("sockets.open") for page in (first, second)] == [0, 1]


@pytest.mark.parametrize("lacking", ["navigator.locks", "window.BroadcastChannel"])
def test_a_tab_that_cannot_share_asks_for_itself(arrive, rare_site, lacking):
    visitor = arrive(rare_site)
    visitor.context.add_init_script(COUNTERS)
    owner, name = ("Navigator.prototype", "locks") if "locks" in lacking else ("window", "BroadcastChannel")
    visitor.context.add_init_script(
        f"Object.defineProperty({owner}, '{name}', {{ get() {{ throw 'kept from us' }} }})"
    )
    visitor.opens().is_live()
    pages = more_tabs(visitor, 2)
    rare_site.post({"text": "each for itself", "username": "Eve"})
    for page in pages:
        wait_until(lambda page=page: texts_of(page) == ["each for itself"], 10, page)
        assert page.evaluate("sockets.open") == 1


def test_all_tabs_that_take_over_at_once_agree_on_one(arrive, rare_site):
    """The leader says that it is hidden; all the others are looked at."""
    visitor = arrive(rare_site)
    visitor.expected.append("WebSocket is closed before")
    visitor.context.add_init_script(COUNTERS)
    visitor.opens().is_live()
    pages = more_tabs(visitor, 5)
    pages[0].evaluate(HIDE_AND_SHOW.replace("[true, false]", "[true]"))
    pages[0].wait_for_timeout(4000)  # longer than a leader has time to answer
    opened = [page.evaluate("sockets.all.length") for page in pages]
    assert sum(page.evaluate("sockets.open") for page in pages) == 1
    assert sum(opened) <= 1 + 4
    pages[0].wait_for_timeout(1000)
    assert [page.evaluate("sockets.all.length") for page in pages] == opened
    rare_site.post({"text": "agreed", "username": "Eve"})
    for page in pages:
        wait_until(lambda page=page: texts_of(page) == ["agreed"], 10, page)
