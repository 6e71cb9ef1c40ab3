"""What else of the page comes back: its loop, its version, the desk. In simulated time."""

from tests.browser.simulated import simulated

__all__ = ["simulated"]

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
