"""How a tab follows the stream when a line, another tab or the server goes and comes back: in simulated time."""

import math

import pytest

from tests.browser.simulated import BOX, PARTS, simulated

__all__ = ["simulated"]

SOCKETS = """
  const sockets = [];
  class Fake extends EventTarget {
    readyState = 1;
    isClosed = false;
    send() {}
    close() { this.isClosed = true; }
    says(envelope) { this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(envelope) })); }
  }
  world.openSocket = () => {
    sockets.push(new Fake());
    return sockets.at(-1);
  };
  const envelope = (after, cursor) => ({ after, cursor, changes: [], hasMore: false, pollAfterMs: 10 });
"""
FEED = f"""{SOCKETS}
  const page = {{ cursor: 5, take({{ cursor }}) {{ this.cursor = cursor; return true; }}, forget() {{}} }};
  const aborted = [];
  const api = {{
    async changes(cursor, {{ signal }} = {{}}) {{
      if (!signal) return envelope(cursor, cursor);
      return new Promise((_, reject) => signal.addEventListener("abort", () => {{
        aborted.push(time.now);
        reject(signal.reason);
      }}));
    }},
  }};
  const feed = new module.Feed({{ world, api, page, onTrouble() {{}} }});
"""
OPEN = f"""{FEED}
  const first = feed.step(false);
  sockets[0].says(envelope(5, 6));
  await first;
"""


@pytest.mark.parametrize(("speaks_at", "ends"), [(None, [5000]), (4000, [])])
def test_a_socket_has_five_seconds_to_speak_for_the_first_time(simulated, speaks_at, ends):
    script = f"""{SOCKETS}
    const ends = [];
    const socket = new module.Socket(world, 5, {{ onEnvelope: () => 5, onEnd: () => ends.push(time.now) }});
    if (given !== null) time.in(given, () => sockets[0].says(envelope(5, 5)));
    await pass(60_000);
    return [ends, sockets[0].isClosed];"""
    assert simulated("server/socket", script, speaks_at) == [ends, bool(ends)]


@pytest.mark.parametrize(("what", "opened"), [("reopen", 2), ("rest", 2)])
def test_a_socket_over_another_network_or_of_a_tab_that_leads_no_more_is_closed(simulated, what, opened):
    script = f"""{OPEN}
    feed[given]();
    feed.step(true);
    await settle();
    return [sockets.map(({{ isClosed }}) => isClosed), sockets.length];"""
    assert simulated("server/feed", script, what) == [[True, False], opened]


@pytest.mark.parametrize(("lived", "opened"), [(1000, 1), (11_000, 2)])
def test_a_socket_that_ends_soon_is_left_alone_for_a_while_and_one_that_has_proved_itself_is_not(
    simulated, lived, opened
):
    script = f"""{OPEN}
    await pass(given);
    sockets[0].dispatchEvent(new CloseEvent("close", {{ code: 1006 }}));
    feed.step(false);
    await settle();
    return sockets.length;"""
    assert simulated("server/feed", script, lived) == opened


@pytest.mark.parametrize("fits", [True, False])
def test_a_socket_that_has_left_something_out_is_closed(simulated, fits):
    script = f"""{OPEN}
    page.take = () => given;
    world.complain = () => {{}};
    sockets[0].says(envelope(9, 10));
    await settle();
    return sockets[0].isClosed;"""
    assert simulated("server/feed", script, fits) is not fits


@pytest.mark.parametrize("comes", [True, False])
def test_what_was_asked_for_beside_a_silent_socket_has_to_come_over_it_soon(simulated, comes):
    script = f"""{OPEN}
    api.changes = async (cursor) => ({{ ...envelope(cursor, 7), changes: [{{}}] }});
    await pass(10_000);
    const soon = await feed.step(false);
    if (given) sockets[0].says(envelope(6, 7));
    await pass(soon);
    await feed.step(false);
    return [soon, sockets[0].isClosed];"""
    assert simulated("server/feed", script, comes) == [3000, not comes]


def test_a_page_that_wakes_up_gives_up_a_long_poll_that_may_be_dead_R22(simulated):
    script = f"""{FEED}
    world.openSocket = () => {{ throw new Error("none"); }};
    await feed.step(false);
    const step = feed.step(false);
    await pass(3000);
    feed.doubt();
    return [await step, aborted];"""
    assert simulated("server/feed", script) == [0, [3000]]


def test_time_alone_makes_live_slow_and_slow_lost(simulated):
    script = """const connection = new module.Connection();
    connection.heard(0);
    return given.map((now) => [connection.stateAt(now, true), connection.changesIn(now)]);"""
    assert simulated("state/connection", script, [0, 4000, 10_000, 29_999, 30_000]) == [
        ["live", 10_000],
        ["live", 6000],
        ["slow", 20_000],
        ["slow", 1],
        ["reconnecting", math.inf],
    ]


FOLLOWER = """
  const { Connection } = await import("/static/js/state/connection.js");
  let hear;
  world.locks = { request: () => new Promise(() => {}) };
  world.openChannel = () => ({
    addEventListener: (name, then) => (hear = (data) => then({ data })), postMessage() {}, close() {},
  });
  const connection = new Connection();
  const parts = { connection, onConnection() {}, onLead() {}, onSleep() {} };
  const news = { cursor: 5, isHidden: false, hasFailed: false, silence: 0, at: time.now };
"""


def test_who_follows_says_what_its_leader_says_of_the_server_P20(simulated):
    script = f"""{FOLLOWER}
    const page = {{ cursor: 5, async load() {{}}, take() {{}}, forget() {{}} }};
    new module.Subscription({{ world, api: {{}}, page, ...parts }}).start();
    return given.map((hasFailed) => {{
      hear({{ ...news, hasFailed }});
      return connection.stateAt(time.now, true);
    }});"""
    assert simulated("server/subscription", script, [False, True, False]) == ["live", "reconnecting", "live"]


def test_who_follows_and_is_behind_asks_until_it_has_all(simulated):
    script = f"""{FOLLOWER}
    const asked = [];
    const api = {{
      async changes(after) {{
        asked.push(after);
        return {{ after, cursor: after + 1, changes: [], hasMore: after < 7, pollAfterMs: 10 }};
      }},
    }};
    const page = {{ cursor: 5, async load() {{}}, take({{ cursor }}) {{ this.cursor = cursor; }}, forget() {{}} }};
    new module.Subscription({{ world, api, page, ...parts }}).start();
    hear({{ ...news, cursor: 8 }});
    await pass(1000);
    return asked;"""
    assert simulated("server/subscription", script) == [5, 6, 7]


def test_who_was_robbed_of_the_lead_gives_the_other_time_to_answer_before_it_takes_it_back(simulated):
    script = f"""{SOCKETS}
    const {{ Connection }} = await import("/static/js/state/connection.js");
    const stolen = [];
    let rob;
    world.locks = {{
      request(name, {{ steal }}, lead) {{
        if (steal) stolen.push(time.now);
        if (rob) return new Promise(() => {{}});
        lead();
        return new Promise((_, reject) => (rob = reject));
      }},
    }};
    world.openChannel = () => ({{ addEventListener() {{}}, postMessage() {{}}, close() {{}} }});
    const page = {{ cursor: 5, async load() {{}}, take() {{}}, forget() {{}} }};
    const parts = {{ connection: new Connection(), onConnection() {{}}, onLead() {{}}, onSleep() {{}} }};
    new module.Subscription({{ world, api: {{}}, page, ...parts }}).start();
    await pass(1000);
    rob(new DOMException("stolen", "AbortError"));
    await pass(20_000);
    return stolen;"""
    assert simulated("server/subscription", script) == [4000]


def test_who_was_robbed_of_the_lead_leads_again_when_the_other_is_gone(simulated):
    script = """const roles = [];
    const queue = [];
    world.locks = {
      request: (name, options, lead) => new Promise((_, reject) => queue.push({ lead, reject })),
    };
    world.openChannel = () => ({ addEventListener() {} });
    const tabs = new module.Tabs(world, { onRole: () => roles.push(tabs.isLeader), onMessage() {} });
    tabs.start();
    const [first] = queue;
    first.lead();
    first.reject(new DOMException("stolen", "AbortError"));
    await settle();
    queue[1]?.lead();
    return roles;"""
    assert simulated("server/tabs", script) == [True, False, True]


@pytest.mark.parametrize(
    ("is_hidden", "asked"), [(False, [0, 4000, 8000, 12_000]), (True, [0, 30_000, 60_000, 90_000])]
)
def test_a_page_that_nobody_looks_at_asks_more_seldom(is_hidden, asked, simulated):
    script = """
    const asked = [];
    const loop = new module.Loop(world, async () => { asked.push(time.now); return 4000; });
    world.isHidden = given;
    loop.wake();
    await pass(100_000);
    return asked.slice(0, 4);"""
    assert simulated("server/loop", script, is_hidden) == asked


def test_what_was_heard_long_ago_takes_nothing_from_what_was_heard_since(simulated):
    """As from a tab that was frozen, and tells late."""
    script = """
    const connection = new module.Connection();
    connection.heard(50_000);
    connection.heard(51_000, 20_000);
    return [connection.silenceAt(52_000), connection.stateAt(52_000, true)];"""
    assert simulated("state/connection", script) == [2000, "live"]


def test_a_transport_that_always_fails_is_tried_again_each_few_minutes(simulated):
    """A proxy may let WebSockets through one day."""
    script = """
    const transports = new module.Transports(() => 1);
    const tried = [];
    for (let now = 0; now < 10 * 3_600_000; now += 1000) {
      if (transports.choose(now) !== "socket") continue;
      tried.push(now);
      transports.failed("socket", now);
    }
    return Math.max(...tried.slice(1).map((now, at) => now - tried[at]));"""
    assert simulated("state/transports", script) <= 12 * 60_000


def test_a_computer_that_wakes_up_asks_what_time_it_is_and_is_not_live(simulated):
    """Our own clock stood still."""
    script = f"""{SOCKETS} {BOX} {PARTS}
    const asked = [];
    world.fetch = (url) => {{ asked.push(url); return new Promise(() => {{}}); }};
    const session = new module.Session({{ world, box, ...parts }});
    session.start({{ comments: [], hasMore: false, cursor: 5 }});
    await settle();
    sockets[0].says(envelope(5, 5));
    await pass(1000);
    const before = session.state;
    world.wallNow = () => time.now + 3_600_000;
    const after = session.state;
    return [before, after, asked.filter((url) => url.includes("health")).length];"""
    assert simulated("server/session", script) == ["live", "reconnecting", 1]


def test_whatever_fails_in_those_who_are_told_what_is_read_and_sent_goes_on_R22(simulated):
    """One that cannot be drawn may not cost the socket, and another with each comment."""
    script = f"""{SOCKETS} {BOX} {PARTS}
    const [complaints, posted] = [[], []];
    world.complain = (error) => complaints.push(error.message);
    world.newId = () => `own-${{posted.length}}`;
    world.fetch = async (url, {{ body }}) => {{
      posted.push(JSON.parse(body).text);
      const headers = new Headers({{ Date: "Thu, 26 Nov 2026 12:00:00 GMT" }});
      return {{ ok: true, status: 201, headers, text: async () => body }};
    }};
    for (const name of Object.keys(parts)) parts[name] = () => {{ throw new Error(name); }};
    const session = new module.Session({{ world, box, ...parts }});
    session.start({{ comments: [], hasMore: false, cursor: 5 }});
    await settle();
    for (const cursor of [6, 7]) {{
      const comment = {{ id: `${{cursor}}`, text: "", username: "", color: "000000000", timestamp: cursor }};
      sockets[0].says({{ ...envelope(cursor - 1, cursor), changes: [comment] }});
    }}
    for (const text of ["one", "two"]) {{
      session.send({{ text, username: "Ada", color: "255000000" }});
      await pass(500);
    }}
    return [session.stream.comments.length, session.state, sockets.length, posted, new Set(complaints).size > 3];"""
    assert simulated("server/session", script) == [2, "live", 1, ["one", "two"], True]
