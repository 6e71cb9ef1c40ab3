"""The page's modules in simulated time."""

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

# What a browser keeps, here in memory; and a session's listeners, who do nothing.
BOX = """
  const kept = new Map();
  const box = {
    keys: () => [...kept.keys()], read: (key) => kept.get(key), write: (key, value) => kept.set(key, value),
    remove: (key) => kept.delete(key),
  };
"""
PARTS = """
  const names = ["Loaded", "Changes", "LeftOut", "Outbox", "Refused", "Pause", "Announcement", "Connection", "Date"];
  const parts = Object.fromEntries(names.map((name) => [`on${name}`, () => {}]));
"""


@pytest.fixture
def simulated(run, module_page):
    """What a script returns that has such a world, and the module: `simulated("server/loop", "return …")`."""
    module_page.route("**/simulation/time.js", lambda route: route.fulfill(path=SIMULATION / "time.js"))

    def simulated(name: str, script: str, given=None):
        return run(name, f"async (module, given) => {{ {WORLD} {script} }}", given)

    return simulated
