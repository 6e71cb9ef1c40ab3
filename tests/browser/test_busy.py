"""A busy stream: it is drawn in beats, and a reader who is carried along by it keeps little. The page's modules
alone, at a clock of their own."""

import pytest

from tests.browser.test_modules import comment

# What a script returns for which `performance.now()` and the timers go by `pass(milliseconds)`.
AT_ITS_OWN_CLOCK = """async (module, given) => {
  const [clock, real] = [performance.now, { setTimeout, clearTimeout, requestAnimationFrame }];
  const planned = [];
  let now = 1_000_000;
  performance.now = () => now;
  window.setTimeout = (then, wait = 0) => planned.push({ at: now + wait, then });
  window.clearTimeout = (number) => delete planned[number - 1];
  window.requestAnimationFrame = (then) => window.setTimeout(then, 16);
  const pass = (milliseconds) => {
    for (const end = now + milliseconds; now < end; now += 1) {
      planned.forEach(({ at, then }, place) => { if (at <= now) { delete planned[place]; then(); } });
    }
  };
  const takes = (milliseconds) => (now += milliseconds);
  try {
    %s
  } finally {
    performance.now = clock;
    Object.assign(window, real);
  }
}"""


@pytest.fixture
def at_its_own_clock(run):
    return lambda name, script, given=None: run(name, AT_ITS_OWN_CLOCK % script, given)


DRAWN = """
    const beat = new module.Beat();
    const drawn = [];
    const draw = () => beat.draw(() => { drawn.push(now - 1_000_000); takes(given.takes); });
    for (const apart of given.apart) {
      beat.next(draw);
      pass(apart);
    }
    return drawn;"""
A_FRAME = 16


def test_what_comes_alone_is_drawn_in_the_next_frame(at_its_own_clock):
    drawn = at_its_own_clock("view/beat", DRAWN, {"takes": 5, "apart": [1000, 1000, 1000]})
    assert [at % 1000 < 2 * A_FRAME for at in drawn] == [True] * 3


@pytest.mark.parametrize(("takes", "rest"), [(5, 100), (50, 200), (1000, 300)])
def test_what_follows_is_drawn_too_and_leaves_most_of_the_time_to_whoever_types(at_its_own_clock, takes, rest):
    """But nobody waits longer for it, however slow the device."""
    first, second = at_its_own_clock("view/beat", DRAWN, {"takes": takes, "apart": [A_FRAME + 2, 2000]})
    assert second - first - takes == pytest.approx(rest, abs=2)


# What is kept

VIEW = """
    const { Stream } = await import("/static/js/state/stream.js");
    const html = new DOMParser().parseFromString(given.html, "text/html");
    const [scroller, list] = [document.createElement("div"), document.createElement("ol")];
    Object.assign(scroller.style,
      { display: "flex", flexDirection: "column-reverse", overflowY: "scroll", height: "400px" });
    document.body.append(scroller);
    scroller.append(list);
    const stream = new Stream();
    stream.load({ comments: given.comments, hasMore: true, cursor: 0 });
    const view = new module.View({ stream, scroller, list, template: html.getElementById("comment"), now: () => 0,
      isOwn: () => false, onDraw() {}, onDrawn() {}, onEnd() {} });
    view.drawSoon({ arriving: given.comments.slice(-1) });
    pass(5000);
    if (given.reader === "has scrolled back") scroller.scrollTop = -3000;
    if (given.reader === "is away") Object.defineProperty(document, "hidden", { value: true, configurable: true });
    if (given.reader === "has not read all") view.firstFresh = given.comments.at(-1).id;
    for (const comment of given.more) {
      view.drawSoon({ arriving: stream.apply({ changes: [comment], cursor: 0 }) });
      pass(given.apart);
    }
    pass(400);
    delete document.hidden;
    const kept = list.children.length;
    scroller.remove();
    return kept;"""
KNOWN, MORE = 400, 50


@pytest.fixture
def kept(at_its_own_clock, module_page, site_as_checked_out):
    """How many comments the page holds of those it knew and 50 more, which came so many milliseconds apart."""

    def kept(reader: str, apart: int, known: int = KNOWN) -> int:
        comments = [comment(number) for number in range(known + MORE)]
        html = site_as_checked_out.get("/").body.decode()
        given = {
            "html": html,
            "comments": comments[:known],
            "more": comments[known:],
            "apart": apart,
            "reader": reader,
        }
        return at_its_own_clock("view/view", VIEW, given)

    return kept


def test_who_is_carried_along_by_a_busy_stream_keeps_what_can_be_looked_at(kept):
    assert kept("follows", apart=100) == 150


@pytest.mark.parametrize("reader", ["has scrolled back", "is away", "has not read all"])
def test_whoever_has_something_to_go_back_to_keeps_all_however_busy_the_stream_P2(kept, reader):
    assert kept(reader, apart=100) == KNOWN + MORE


@pytest.mark.parametrize("apart", [30, 1000])
def test_a_stream_that_is_busy_for_a_moment_or_not_at_all_takes_nothing_away(kept, apart):
    assert kept("follows", apart) == KNOWN + MORE


def test_a_page_holds_a_thousand_of_a_stream_that_never_rushed_by_R38(kept):
    assert kept("follows", apart=1000, known=1000) == 1000
