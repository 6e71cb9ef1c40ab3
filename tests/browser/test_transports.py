"""The parts of the live transport that need no server: which transport is taken, what fits on, what comes too late."""

import pytest

MINUTES_MS = 60_000

# Plays steps: "socket ms" fails at that time, "+socket" has proved itself, "?ms" asks, "!" the server answers.
PLAY = """({ Transports }, steps) => {
  const transports = new Transports(Math.random);
  return steps.map((step) => {
    const [transport, at] = step.split(" ");
    if (step.startsWith("?")) return transports.choose(Number(step.slice(1)));
    if (step.startsWith("+")) return void transports.proved(step.slice(1));
    return step === "!" ? transports.reached() : void transports.failed(transport, Number(at));
  }).filter((answer) => answer !== undefined);
}"""

# A WebSocket and a fetch whose answers the test gives when it likes.
LATE = """
  const sockets = [];
  class Fake extends EventTarget {
    static OPEN = 1;
    readyState = 1;
    sent = [];
    constructor(url) { super(); this.url = url; sockets.push(this); }
    send(text) { this.sent.push(JSON.parse(text)); }
    close() {}
    says(envelope) { this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(envelope) })); }
    ends(code) { this.dispatchEvent(new CloseEvent("close", { code })); }
  }
  const { WebSocket, fetch } = window;
  const { browser: world } = await import("/static/js/server/browser.js");
  const { Api } = await import("/static/js/server/api.js");
  const api = new Api(world);
  const envelope = (after, cursor) => ({ after, cursor, changes: [], hasMore: false, pollAfterMs: 10 });
  const page = {
    cursor: 5,
    taken: [],
    take({ after, cursor }) { this.taken.push([after, cursor]); this.cursor = cursor; return true; },
    forget() { this.cursor = null; },
  };
  const soon = () => new Promise((resolve) => setTimeout(resolve, 20));
"""
LATE_SOCKET = f"""async ({{ Feed }}) => {{
  {LATE}
  window.WebSocket = Fake;
  const feed = new Feed({{ world, api, page, onTrouble: () => {{}} }});
  const first = feed.step(false);
  sockets[0].says(envelope(5, 6));
  await first;
  sockets[0].ends(4408);
  window.WebSocket = WebSocket;
  sockets[0].says(envelope(6, 7));
  return [page.taken, sockets[0].sent, sockets.length];
}}"""
LATE_POLL = f"""async ({{ Feed }}) => {{
  {LATE}
  const answers = [];
  window.WebSocket = undefined;
  window.fetch = () => new Promise((resolve) => answers.push((body) => resolve(new Response(JSON.stringify(body)))));
  const feed = new Feed({{ world, api, page, onTrouble: () => {{}} }});
  const step = feed.step(false);
  await soon();
  feed.rest();
  answers[0](envelope(5, 9));
  await step;
  Object.assign(window, {{ WebSocket, fetch }});
  return [page.taken, answers.length];
}}"""
REFUSED = f"""async ({{ Feed }}, code) => {{
  {LATE}
  window.WebSocket = Fake;
  const feed = new Feed({{ world, api, page, onTrouble: () => {{}} }});
  const step = feed.step(false);
  sockets[0].ends(code);
  window.WebSocket = WebSocket;
  return [await step.catch(({{ status }}) => status), page.cursor];
}}"""


def test_the_best_transport_that_is_not_in_trouble_is_taken(run):
    assert run("state/transports", PLAY, ["?0", "socket 0", "?0", "longPoll 0", "?0", "?10000"]) == [
        "socket",
        "longPoll",
        "poll",
        "socket",
    ]


def test_a_transport_that_fails_again_and_again_rests_longer_but_never_for_ever(run):
    failures = [f"socket {n * 60 * MINUTES_MS}" for n in range(30)]
    last = 29 * 60 * MINUTES_MS
    assert run("state/transports", PLAY, [*failures, f"?{last + 7 * MINUTES_MS}", f"?{last + 13 * MINUTES_MS}"]) == [
        "longPoll",
        "socket",
    ]
    assert run("state/transports", PLAY, [*failures, "+socket", f"?{last}"]) == ["socket"]


def test_an_outage_says_nothing_about_the_transports(run):
    assert run("state/transports", PLAY, ["socket 0", "longPoll 0", "poll 0", "?0", "!", "?0", "!"]) == [
        "poll",
        True,
        "socket",
        False,
    ]


@pytest.mark.parametrize(
    ("after", "cursor", "reader", "place"),
    [
        (5, 9, 5, "next"),
        (3, 9, 5, "next"),
        (5, 5, 5, "known"),
        (1, 4, 5, "known"),
        (6, 9, 5, "gap"),
        (0, 9, None, "known"),
    ],
)
def test_an_envelope_fits_on_or_is_known_or_would_leave_a_hole(run, after, cursor, reader, place):
    given = [{"after": after, "cursor": cursor}, reader]
    assert run("state/envelope", "({ placeOf }, [envelope, reader]) => placeOf(envelope, reader)", given) == place


@pytest.mark.parametrize(
    "poison", [None, 7, [], {}, {"after": 1, "cursor": 2}, {"after": 1, "cursor": "2", "changes": []}]
)
def test_what_is_no_envelope_moves_no_cursor_R25(run, poison):
    assert run("state/envelope", "({ checked }, it) => { try { checked(it); } catch { return true; } }", poison)


def test_a_socket_that_has_ended_is_heard_no_more(run):
    assert run("server/feed", LATE_SOCKET) == [[[5, 6]], [{"cursor": 6}], 1]


def test_the_late_answer_of_a_poll_that_was_given_up_is_not_taken_in(run):
    assert run("server/feed", LATE_POLL) == [[], 1]


@pytest.mark.parametrize(("code", "status", "cursor"), [(4410, 410, None), (4422, 422, None), (4503, 503, 5)])
def test_a_refusal_by_the_server_is_no_failure_of_the_transport(run, code, status, cursor):
    assert run("server/feed", REFUSED, code) == [status, cursor]
