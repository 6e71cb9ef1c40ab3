"""What becomes of what is to be sent when a line, a tab or a server goes and comes back: in simulated time."""

from itertools import groupby, pairwise

import pytest

from tests.browser.simulated import BOX, PARTS, simulated

__all__ = ["simulated"]

MINE = {"text": "one", "username": "Ada"}

SENDER = (
    BOX
    + """
  const { Outbox } = await import("/static/js/state/outbox.js");
  let ids = 0;
  const outbox = new Outbox(box, () => `id-${++ids}`);
  const [posted, under] = [[], []];
  const answers = [...given.answers];
  const found = [...(given.found ?? [])];
  const api = {
    async post({ id, text }) {
      posted.push([text, time.now]);
      under.push(id);
      const status = answers.shift() ?? 201;
      if (typeof status === "object") throw status;
      if (status >= 400) throw { status, code: "some", sentence: "", retryAfterMs: status === 429 ? 4000 : 0 };
      return { isHeld: status === 202 };
    },
    async one() {
      if (found.length === 0) throw { status: 404, code: "not_found", sentence: "" };
      return found.shift();
    },
  };
  const states = () => outbox.entries.map(({ id, state }) => [id, state]);
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


def test_what_is_held_is_not_asked_about_while_nobody_looks(simulated):
    script = f"""{SENDER}
    says("held");
    await pass(1000);
    world.isHidden = true;
    await pass(300_000);
    const asked = posted.length;
    world.isHidden = false;
    await pass(60_000);
    return [asked, posted.length, kept.size];"""
    assert simulated("server/sender", script, {"answers": [202]}) == [1, 2, 0]


def test_who_had_a_comment_held_is_told_that_it_was_decided_against(simulated):
    script = f"""{SENDER}
    says("held");
    await pass(60_000);
    return outbox.entries.map(({{ state, reason }}) => [state, reason]);"""
    removed = {"status": 403, "code": "removed", "sentence": "A moderator has removed this comment."}
    told = simulated("server/sender", script, {"answers": [202, removed]})
    assert told == [["refused", "A moderator has removed this comment."]]


def test_what_was_released_is_held_no_more_although_the_network_is_another_one_since(simulated):
    script = f"""{SENDER}
    says("held");
    await pass(60_000);
    return states();"""
    answers = {"answers": [202, 409], "found": [{"text": "held", "username": "Ada"}]}
    assert simulated("server/sender", script, answers) == []


@pytest.mark.parametrize(
    ("answers", "found", "under", "state"),
    [
        ([409], [MINE], ["id-1"], "sent"),  # an earlier answer was lost
        ([409], [MINE | {"text": "two"}], ["id-1", "id-2"], "sent"),  # by chance
        ([409], [MINE | {"username": "Eve"}], ["id-1", "id-2"], "sent"),
        ([409], [], ["id-1", "id-2"], "sent"),
        ([503, 409], [], ["id-1", "id-1"], "refused"),  # it may be waiting for a moderator, and must not come twice
        ([503, 409, 409], [MINE | {"text": "two"}], ["id-1", "id-1", "id-2", "id-3"], "sent"),
    ],
)
def test_what_was_sent_under_an_id_that_is_taken_is_there_once(answers, found, under, state, simulated):
    script = f"""{SENDER}
    says("one");
    await pass(30_000);
    return [under, states()];"""
    sent = simulated("server/sender", script, {"answers": answers, "found": found})
    assert sent == [under, [[under[-1], state]]]


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
    + PARTS
    + """
  const answered = { POST: [], GET: [] };
  const envelope = { after: 5, cursor: 5, changes: [], comments: [], hasMore: false, pollAfterMs: 60_000 };
  world.openSocket = () => { throw new Error("none"); };
  world.newId = () => "one";
  world.fetch = async (url, { method = "GET" }) => {
    if (time.now < given.backAt) throw new TypeError("away");
    answered[method].push(time.now);
    const body = JSON.stringify(method === "POST" ? { id: "one" } : envelope);
    return { ok: true, status: 200, headers: new Headers(), text: async () => body }; // a Response takes its own time
  };
  const announced = [];
  parts.onAnnouncement = (announcement) => announced.push(announcement);
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


def test_after_a_fresh_load_nothing_that_was_sent_waits_for_the_stream(simulated):
    """It is in what was loaded, or a moderator has removed it since."""
    script = f"""{SESSION}
    session.send(words);
    await pass(1000);
    const before = session.outbox.entries.map(({{ state }}) => state);
    session.loadAfresh();
    await pass(1000);
    return [before, session.outbox.entries];"""
    assert simulated("server/session", script, {"backAt": 0}) == [["sent"], []]


def test_after_a_fresh_load_what_is_announced_by_then_stands_above_the_stream(simulated):
    script = f"""{SESSION}
    envelope.announcement = {{ text: "Back in an hour.", until: 1 }};
    session.loadAfresh();
    await pass(1000);
    delete envelope.announcement;
    session.loadAfresh();
    await pass(1000);
    return announced.map((announcement) => announcement?.text ?? null);"""
    told = simulated("server/session", script, {"backAt": 0})
    assert [text for text, _ in groupby(told)] == [None, "Back in an hour.", None]


def test_without_sockets_and_long_polls_it_is_asked_as_seldom_as_one_can_be_sure_R20(simulated):
    """However seldom the server would have it; and a long poll that the server does not hold is not asked for again
    at once."""
    script = f"""{SESSION}
    await pass(300_000);
    return answered.GET;"""
    asked = simulated("server/session", script, {"backAt": 0})
    assert max(after - before for before, after in pairwise(asked)) <= 8000
    assert len(asked) < 100


def test_no_answer_is_waited_for_for_ever(simulated):
    script = """
    world.fetch = (url, { signal }) => new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    const api = new module.Api(world);
    const ends = [];
    for (const asked of [api.newest(), api.post({ id: "one" })]) {
      asked.catch(({ code }) => ends.push([code, time.now]));
    }
    await pass(60_000);
    return ends;"""
    assert simulated("server/api", script) == [["timeout", 10_000], ["timeout", 15_000]]
