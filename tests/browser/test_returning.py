"""What the page's modules do when a line, a tab or a server comes back, or does not: in simulated time."""

import math

import pytest

from tests.browser.storms import SIMULATION

WORLD = """
  const { Time } = await import("/simulation/time.js");
  const time = new Time();
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  const pass = async (milliseconds) => { await settle(); await time.pass(milliseconds, settle); };
  const world = {
    now: () => time.now, wallNow: () => time.now, random: () => 1, isHidden: false, isOnline: true,
    later: (then, milliseconds) => time.in(milliseconds, then), cancel: (event) => time.cancel(event),
    onEvent() {}, complain(error) { throw error; },
  };
"""


@pytest.fixture
def simulated(run, module_page):
    """What a script returns that has such a world, and the module: `simulated("server/loop", "return …")`."""
    module_page.route("**/simulation/time.js", lambda route: route.fulfill(path=SIMULATION / "time.js"))

    def simulated(name: str, script: str, given=None):
        return run(name, f"async (module, given) => {{ {WORLD} {script} }}", given)

    return simulated


# The loop


def test_failures_are_counted_anew_after_a_success_R22(simulated):
    asked = simulated(
        "server/loop",
        """const asked = [];
        const loop = new module.Loop(world, async () => {
          asked.push(time.now);
          const wait = given.shift();
          if (wait === null) throw new Error("away");
          return wait;
        });
        loop.wake();
        await pass(20_000);
        return asked;""",
        [None, None, None, 5000, None, 5000, 60_000],
    )
    assert asked == [0, 1000, 3000, 7000, 12_000, 13_000, 18_000]


def test_what_is_asked_for_while_an_answer_is_on_its_way_is_asked_right_after_it(simulated):
    asked = simulated(
        "server/loop",
        """const asked = [];
        const loop = new module.Loop(world, async () => {
          asked.push(time.now);
          await new Promise((resolve) => time.in(100, resolve));
          return 60_000;
        });
        loop.wake();
        await pass(50);
        loop.askAfresh();
        await pass(10_000);
        return asked;""",
    )
    assert asked == [0, 100]


# What is sent

BOX = """
  const kept = new Map();
  const box = {
    keys: () => [...kept.keys()], read: (key) => kept.get(key), write: (key, value) => kept.set(key, value),
    remove: (key) => kept.delete(key),
  };
"""
SENDER = (
    BOX
    + """
  const { Outbox } = await import("/static/js/state/outbox.js");
  let ids = 0;
  const outbox = new Outbox(box, () => `id-${++ids}`);
  const posted = [];
  const answers = [...given.answers];
  const api = {
    async post({ text }) {
      posted.push([text, time.now]);
      const status = answers.shift() ?? 201;
      if (status >= 400) throw { status, code: "some", sentence: "", retryAfterMs: status === 429 ? 4000 : 0 };
      return { isHeld: status === 202 };
    },
  };
  const nobody = () => {};
  const parts = { onChange: nobody, onStored: nobody, onRefused: nobody, onPause: nobody, onHeard: nobody };
  const sender = new module.Sender({ world, api, outbox, ...parts, isResponsible: () => true });
  const says = (text) => sender.send({ text, username: "Ada", color: "255000000" });
"""
)


def test_after_the_pause_that_the_server_wants_what_waits_is_sent_and_not_before_P16(simulated):
    script = f"""{SENDER}
    says("one");
    await pass(2000);
    sender.flush();
    says("two");
    await pass(10_000);
    return posted;"""
    assert simulated("server/sender", script, {"answers": [429]}) == [["one", 0], ["one", 4000], ["two", 4000]]


def test_a_success_ends_the_growing_of_the_waits_R22(simulated):
    script = f"""{SENDER}
    says("one");
    says("two");
    await pass(60_000);
    return posted;"""
    posted = simulated("server/sender", script, {"answers": [503, 503, 503, 201, 503]})
    assert posted == [["one", 0], ["one", 1000], ["one", 3000], ["one", 7000], ["two", 7000], ["two", 8000]]


def test_what_was_sent_is_kept_until_the_stream_has_it_R55(simulated):
    script = f"""{SENDER}
    says("one");
    says("held");
    await pass(1000);
    const kept_then = outbox.entries.map(({{ text, state }}) => [text, state]);
    outbox.release(() => true);
    return [kept_then, outbox.entries];"""
    sent = simulated("server/sender", script, {"answers": [201, 202]})
    assert sent == [[["one", "sent"], ["held", "held"]], []]


def test_what_is_held_is_asked_about_each_minute_until_it_is_decided(simulated):
    script = f"""{SENDER}
    says("held");
    await pass(600_000);
    return [posted, kept.size];"""
    times = [0, 60_000, 120_000, 180_000]
    assert simulated("server/sender", script, {"answers": [202, 202, 202]}) == [[["held", at] for at in times], 0]


def test_while_another_tab_sends_this_one_waits(simulated):
    script = f"""{SENDER}
    world.locks = {{
      request: (name, options, work) => new Promise((resolve) => time.in(5000, () => resolve(work()))),
    }};
    says("one");
    says("two");
    await pass(10_000);
    return posted;"""
    assert simulated("server/sender", script, {"answers": []}) == [["one", 5000], ["two", 5000]]


def test_what_is_written_while_the_lock_is_given_back_is_sent(simulated):
    script = f"""{SENDER}
    world.locks = {{
      async request(name, options, work) {{
        await work();
        await new Promise((resolve) => time.in(50, resolve));
      }},
    }};
    says("one");
    await pass(20);
    says("two");
    await pass(10_000);
    return posted;"""
    assert simulated("server/sender", script, {"answers": []}) == [["one", 0], ["two", 50]]


def test_a_tab_that_keeps_the_lock_for_too_long_is_robbed_of_it(simulated):
    script = """const turns = [];
    world.locks = {
      request(name, { steal, signal }, work) {
        if (steal) return work();
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
    };
    module.exclusively(world, "some", async (isMine) => turns.push([time.now, isMine()]));
    await pass(60_000);
    return turns;"""
    assert simulated("server/locks", script) == [[20_000, True]]


SESSION = (
    BOX
    + """
  const answered = { POST: [], GET: [] };
  const envelope = { after: 5, cursor: 5, changes: [], hasMore: false, pollAfterMs: 4000 };
  world.openSocket = () => { throw new Error("none"); };
  world.newId = () => "one";
  world.fetch = async (url, { method = "GET" }) => {
    if (time.now < given.backAt) throw new TypeError("away");
    answered[method].push(time.now);
    return new Response(JSON.stringify(method === "POST" ? { id: "one" } : envelope), { status: 200 });
  };
  const names = ["Loaded", "Changes", "LeftOut", "Outbox", "Refused", "Pause", "Announcement", "Connection", "Date"];
  const parts = Object.fromEntries(names.map((name) => [`on${name}`, () => {}]));
  const session = new module.Session({ world, box, ...parts });
  const words = { text: "one", username: "Ada", color: "255000000" };
  session.start({ comments: [], hasMore: false, cursor: 5 });
  await pass(3000);
"""
)


def test_what_waits_is_sent_as_soon_as_anything_else_has_shown_that_the_server_is_back_P13(simulated):
    script = f"""{SESSION}
    session.send(words);
    await pass(60_000);
    return [answered.GET[0], answered.POST[0]];"""
    heard, posted = simulated("server/session", script, {"backAt": 20_000})
    assert heard == posted < 3000 + 1000 + 2000 + 4000 + 8000 + 10_000  # when the next try of its own would have been


def test_what_another_tab_has_written_is_sent_by_the_one_that_leads_P13(simulated):
    script = f"""{SESSION}
    const {{ Outbox }} = await import("/static/js/state/outbox.js");
    new Outbox(box, world.newId).add(words);
    [...kept.keys()].forEach((key) => session.hear(key));
    await pass(1000);
    return answered.POST;"""
    assert simulated("server/session", script, {"backAt": 0}) == [3000]


# The line

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
    script = f"""{FEED}
    const first = feed.step(false);
    sockets[0].says(envelope(5, 6));
    await first;
    feed[given]();
    feed.step(true);
    await settle();
    return [sockets.map(({{ isClosed }}) => isClosed), sockets.length];"""
    assert simulated("server/feed", script, what) == [[True, False], opened]


@pytest.mark.parametrize(("lived", "opened"), [(1000, 1), (11_000, 2)])
def test_a_socket_that_ends_soon_is_left_alone_for_a_while_and_one_that_has_proved_itself_is_not(
    simulated, lived, opened
):
    script = f"""{FEED}
    const first = feed.step(false);
    sockets[0].says(envelope(5, 6));
    await first;
    await pass(given);
    sockets[0].dispatchEvent(new CloseEvent("close", {{ code: 1006 }}));
    feed.step(false);
    await settle();
    return sockets.length;"""
    assert simulated("server/feed", script, lived) == opened


@pytest.mark.parametrize("fits", [True, False])
def test_a_socket_that_has_left_something_out_is_closed(simulated, fits):
    script = f"""{FEED}
    const first = feed.step(false);
    sockets[0].says(envelope(5, 6));
    await first;
    page.take = () => given;
    world.complain = () => {{}};
    sockets[0].says(envelope(9, 10));
    await settle();
    return sockets[0].isClosed;"""
    assert simulated("server/feed", script, fits) is not fits


@pytest.mark.parametrize("comes", [True, False])
def test_what_was_asked_for_beside_a_silent_socket_has_to_come_over_it_soon(simulated, comes):
    script = f"""{FEED}
    const first = feed.step(false);
    sockets[0].says(envelope(5, 6));
    await first;
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


# Another version


def test_a_page_that_stays_of_its_version_is_loaded_anew_once_R71(simulated):
    script = """const kept = new Map();
    const box = { read: (key) => kept.get(key), write: (key, value) => kept.set(key, value) };
    let reloads = 0;
    Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
    const loaded = () => new module.Upgrade({ build: "old", box, isBusy: () => false, reload: () => (reloads += 1) });
    loaded().heard("new");
    loaded().heard("new");
    delete document.hidden;
    return reloads;"""
    assert simulated("view/upgrade", script) == 1


# The desk

DESK = """
  const said = [];
  const { fetch } = window;
  window.fetch = async () => {
    const answer = given.shift();
    if (answer === null) throw new TypeError("away");
    return { status: 204, ok: true, redirected: false, ...answer };
  };
  const feed = new module.Feed("/news/", 5, 1e9, () => {}, (state) => void said.push(state));
"""


def test_the_desk_says_how_it_stands_and_looks_when_it_is_looked_at(simulated):
    script = f"""{DESK}
    for (let looks = 0; looks < 4; looks += 1) await feed.look();
    document.dispatchEvent(new Event("visibilitychange"));
    await settle();
    dispatchEvent(new Event("online"));
    await settle();
    clearTimeout(feed.timer);
    window.fetch = fetch;
    return said;"""
    answers = [{}, None, {"ok": False, "status": 503}, {"redirected": True}, {}, None]
    said = ["live", "no answer", "no answer", "signed out", "live", "no answer"]
    assert simulated("desk/feed", script, answers) == said
