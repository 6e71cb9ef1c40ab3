"""What becomes of what is to be sent when a line, a tab or a server goes and comes back: in simulated time."""

from tests.browser.simulated import simulated

__all__ = ["simulated"]

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
