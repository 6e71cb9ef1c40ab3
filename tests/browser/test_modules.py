"""The pure parts of the script, run in the browser but without a page; and the twins of what the templates do."""

import itertools
import random

import pytest

from comments.templatetags.stream import HUES, TONES, age, day, hue_class, iso
from comments.text import marks

SEED = 20170


# stream.js


def comment(number: int, **more) -> dict:
    return {
        "id": f"id-{number}",
        "timestamp": 1000 + number,
        "text": f"text {number}",
        "username": "Ada",
        "color": "255000000",
        "version": number,
    } | more


FOLD = """({ Stream }, steps) => {
  const stream = new Stream();
  const fresh = [];
  for (const [verb, argument] of steps) {
    const result = stream[verb](argument);
    if (verb === "apply") fresh.push(...result.map(({ id }) => id));
  }
  const { comments, cursor, hasOlder, atNewest } = stream;
  return { ids: comments.map(({ id }) => id), comments, cursor, hasOlder, atNewest, fresh };
}"""


@pytest.fixture
def fold(run):
    """What a stream is after these steps, each a method's name and its argument."""
    return lambda *steps: run("state/stream", FOLD, steps)


def page_of(numbers, has_more: bool = False, cursor: int = 0) -> dict:
    return {"comments": [comment(number) for number in numbers], "hasMore": has_more, "cursor": cursor}


def changes(*changes, cursor: int = 0) -> dict:
    return {"changes": list(changes), "cursor": cursor}


def ids(numbers) -> list[str]:
    return [f"id-{number}" for number in numbers]


def test_comments_are_in_ascending_order_after_any_merge_R36(fold):
    rng = random.Random(SEED)
    for _ in range(20):
        numbers = rng.sample(range(500), 60)
        steps = [["load", page_of(numbers[:20])]]
        steps += [["apply", changes(*map(comment, numbers[at : at + 8]))] for at in range(15, 60, 5)]
        assert fold(*steps)["ids"] == ids(sorted(numbers))


def test_a_comment_that_comes_twice_is_there_once_as_it_was_last(fold):
    stream = fold(["load", page_of([1, 2])], ["apply", changes(comment(1, text="new"), comment(2))])
    assert stream["ids"] == ids([1, 2])
    assert stream["comments"][0]["text"] == "new"
    assert stream["fresh"] == []


def test_a_removed_comment_goes_and_a_restored_one_returns_to_its_place(fold):
    load = ["load", page_of(range(5))]
    remove = ["apply", changes({"id": "id-2", "version": 9, "removed": True})]
    assert fold(load, remove)["ids"] == ids([0, 1, 3, 4])
    restored = fold(load, remove, ["apply", changes(comment(2))])
    assert restored["ids"] == ids(range(5))
    assert restored["fresh"] == []


def test_removing_what_is_not_there_changes_nothing(fold):
    assert fold(["load", page_of([1])], ["apply", changes({"id": "other", "removed": True})])["ids"] == ids([1])


def test_the_cursor_comes_from_the_server_only_R03(fold):
    assert fold(["load", page_of([], cursor=7)])["cursor"] == 7
    assert fold(["load", page_of([], cursor=7)], ["apply", changes(cursor=9)])["cursor"] == 9


@pytest.mark.parametrize(
    "poison",
    [None, 1, "x", [], {}, {"id": 5, "timestamp": 1}, {"id": "x", "timestamp": "1"}, {"id": "x", "timestamp": 1e300}],
)
def test_what_has_no_place_in_the_order_is_skipped_and_the_cursor_goes_on_R25(fold, poison):
    stream = fold(["load", page_of([1])], ["apply", changes(poison, comment(2), cursor=9)])
    assert stream["ids"] == ids([1, 2])
    assert stream["cursor"] == 9


@pytest.mark.parametrize("poison", [{"text": None}, {"username": {}}, {"color": "red"}, {"color": None}])
def test_what_cannot_be_shown_has_a_placeholder_R25(fold, poison):
    stream = fold(["load", page_of([1])], ["apply", changes(comment(2, **poison), cursor=9)])
    assert stream["ids"] == ids([1, 2])
    assert stream["comments"][1]["text"] == "This comment cannot be shown."


def test_an_old_comment_outside_the_window_waits_until_it_is_scrolled_to(fold):
    load = ["load", page_of(range(10, 20), has_more=True)]
    stream = fold(load, ["apply", changes(comment(3))])
    assert stream["ids"] == ids(range(10, 20))
    assert fold(load, ["apply", changes(comment(3))], ["prepend", page_of([2, 4])])["ids"] == ids(
        [2, 3, 4, *range(10, 20)]
    )


def test_a_page_of_history_that_was_overtaken_by_changes_brings_nothing_back(fold):
    stream = fold(
        ["load", page_of(range(10, 20), has_more=True)],
        ["apply", changes({"id": "id-4", "removed": True}, comment(5, text="edited"))],
        ["prepend", page_of([4, 5])],
    )
    assert stream["ids"] == ids([5, *range(10, 20)])
    assert stream["comments"][0]["text"] == "edited"


def test_another_window_that_was_overtaken_by_changes_brings_nothing_back_and_loses_nothing(fold):
    hidden, edited = {"id": "id-4", "removed": True}, comment(5, text="edited")
    stream = fold(
        ["load", page_of(range(10, 20), has_more=True, cursor=20)],
        ["apply", changes(hidden, edited, comment(20), cursor=23)],
        ["moveTo", page_of(range(3, 20), has_more=True, cursor=20)],
    )
    assert stream["ids"] == ids([3, *range(5, 21)])
    assert (stream["comments"][1]["text"], stream["cursor"]) == ("edited", 23)


def test_in_an_older_window_nothing_is_news_that_was_heard_of_before(fold):
    older = page_of(range(5), cursor=20) | {"isOlder": True}
    stream = fold(["load", page_of(range(10, 20), cursor=20)], ["moveTo", older], ["apply", changes(comment(15))])
    assert (stream["ids"], stream["fresh"]) == (ids(range(5)), [])


def test_a_stream_that_has_to_be_loaded_begins_anew_with_another_window(fold):
    assert fold(["apply", changes(comment(4), cursor=None)], ["moveTo", page_of([1, 2], cursor=7)]) == {
        "ids": ids([1, 2]),
        "comments": [comment(1), comment(2)],
        "cursor": 7,
        "hasOlder": False,
        "atNewest": True,
        "fresh": ["id-4"],
    }


def test_trimming_lets_go_the_end_that_the_reader_does_not_look_at(fold):
    load = ["load", page_of(range(1100))]
    newest = fold(load, ["trim", "newest"])
    assert (newest["ids"], newest["hasOlder"], newest["atNewest"]) == (ids(range(100, 1100)), True, True)
    oldest = fold(load, ["trim", "oldest"])
    assert (oldest["ids"], oldest["hasOlder"], oldest["atNewest"]) == (ids(range(1000)), False, False)


def test_what_was_let_go_is_not_there_again_by_a_change_of_it(fold):
    """There would be a gap behind it."""
    steps = [
        ("load", page_of(range(1005))),
        ("trim", "newest"),
        ("apply", changes(comment(2), comment(1003, text="x"))),
    ]
    after = fold(*steps)
    assert (after["ids"], after["hasOlder"]) == (ids(range(5, 1005)), True)


def test_a_window_that_let_the_newest_go_counts_what_arrives_and_joins_on_without_a_gap(fold):
    scrolled_back = [["load", page_of(range(1100))], ["trim", "oldest"]]
    arrived = ["apply", changes(comment(1100), comment(1101))]
    stream = fold(*scrolled_back, arrived)
    assert stream["ids"] == ids(range(1000))
    assert stream["fresh"] == ids([1100, 1101])

    part = {"comments": [comment(number) for number in range(1000, 1050)], "isComplete": False}
    assert fold(*scrolled_back, arrived, ["append", part])["ids"] == ids(range(1050))

    # The answer was on its way while the two arrived: it does not have them, the page does.
    rest = {"comments": [comment(number) for number in range(1000, 1100)], "isComplete": True}
    joined = fold(*scrolled_back, arrived, ["append", rest])
    assert joined["ids"] == ids(range(1102))
    assert joined["atNewest"]


# The twins


def colors() -> list[str]:
    rng = random.Random(SEED)
    corners = itertools.product((0, 1, 23, 24, 127, 128, 254, 255), repeat=3)
    anywhere = ([rng.randrange(256) for _ in range(3)] for _ in range(400))
    return ["".join(f"{part:03}" for part in color) for color in (*corners, *anywhere)]


def test_server_and_script_give_every_colour_the_same_class_R49(run):
    classes = run("state/colors", "({ hueClass }, colors) => colors.map(hueClass)", colors())
    assert classes == [hue_class(color) for color in colors()]
    assert {name.split()[0] for name in classes} == {"hue-grey", *(f"hue-{hue}" for hue in range(HUES))}
    assert {name.removeprefix(name.split()[0]) for name in classes} == set(TONES)


def test_colours_survive_the_way_through_the_picker(run):
    assert run("state/colors", "({ toHex, fromHex }, colors) => colors.map(toHex).map(fromHex)", colors()) == colors()


def test_a_lively_colour_is_nine_digits_and_has_a_hue(run):
    draw = "({ livelyColor }) => Array.from({ length: 600 }, (_, n) => livelyColor(n / 600, (n % 3) / 3))"
    drawn = run("state/colors", draw)
    assert all(len(color) == 9 and "grey" not in hue_class(color) for color in drawn)
    assert len({hue_class(color) for color in drawn}) > HUES * len(TONES) / 2


def test_server_and_script_draw_the_same_mark_for_every_author(run):
    rng = random.Random(SEED)
    letters = [*"aAzéß雪 :", "🥀", "👨‍👩‍👧", "e\u0301", "\U0010fffd"]
    authors = [["".join(rng.choices(letters, k=rng.randrange(17))), color] for color in colors()]
    drawn = run("state/marks", "({ markPath }, authors) => authors.map((author) => markPath(...author))", authors)
    assert drawn == [marks.path(*author) for author in authors]


def test_server_and_script_tell_times_and_days_alike_P7(run, monkeypatch):
    now = 1_763_000_000_000
    monkeypatch.setattr("comments.templatetags.stream.time.time_ns", lambda: now * 1_000_000)
    day_ms = 86_400_000
    for ago in (-5000, 0, 59_999, 60_000, 3_599_999, 3_600_000, day_ms // 2, day_ms, 2 * day_ms, 10**10):
        told = run(
            "state/times", "({ age, day, iso }, [at, now]) => [age(at, now), day(at, now), iso(at)]", [now - ago, now]
        )
        assert told == [age(now - ago), day(now - ago), iso(now - ago)]


def test_days_are_called_by_name_where_people_would_P7(run):
    noon = 1_763_035_200_000  # 13 November 2025, 12:00 UTC
    told = run(
        "state/times",
        "({ day }, [noon, hours]) => hours.map((ago) => day(noon - ago * 3.6e6, noon))",
        [noon, [0, 11.9, 12.1, 35.9, 36.1, 24 * 365]],
    )
    assert told == ["Today", "Today", "Yesterday", "Yesterday", "11 November 2025", "13 November 2024"]


# loop.js


LOOP = """async ({ Loop }, script) => {
  const { browser: world } = await import("/static/js/server/browser.js");
  const log = { most: 0, asked: 0, waits: [] };
  const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  let running = 0;
  const step = async () => {
    log.asked += 1;
    running += 1;
    log.most = Math.max(log.most, running);
    await later(5);
    running -= 1;
    if (script.fails) throw new Error("away");
    return script.wait;
  };
  const loop = new Loop(world, step, () => { if (script.reportFails) throw new Error("no ear"); });
  const error = console.error;
  console.error = () => {};
  loop.wake();
  for (let wakes = 0; wakes < script.wakes; wakes += 1) { loop.wake(); loop.askAfresh(); await later(1); }
  await later(script.watch);
  console.error = error;
  return log;
}"""


def test_waking_a_hundred_times_never_makes_a_second_request_R19(run):
    log = run("server/loop", LOOP, {"wait": 3, "wakes": 100, "watch": 50})
    assert log["most"] == 1
    assert log["asked"] > 5


def test_between_two_questions_is_the_wait_that_the_server_asked_for_R26(run):
    assert run("server/loop", LOOP, {"wait": 60_000, "wakes": 0, "watch": 60})["asked"] == 1


def test_a_listener_that_fails_does_not_stop_the_loop_R20(run):
    assert run("server/loop", LOOP, {"wait": 3, "wakes": 0, "watch": 100, "reportFails": True})["asked"] > 2


def test_failures_back_off_with_jitter_and_never_beyond_10_s_R22(run):
    waits = run(
        "server/loop",
        "({ backOff }) => Array.from({ length: 40 }, (_, failures) => backOff(failures + 1, Math.random))",
    )
    assert 500 <= waits[0] <= 1000
    assert max(waits) <= 10_000
    assert min(waits[5:]) >= 5000
    assert len(set(waits)) > 30
    assert run(
        "server/loop", "({ backOff }) => [backOff(1, Math.random, 7000), backOff(1, Math.random, 3600000)]"
    ) == [7000, 10_000]


# The announcement

ANNOUNCED = """async ({ AnnouncementView }, given) => {
  const keepOnScreen = (change) => change();
  const element = document.createElement("aside");
  element.append(Object.assign(document.createElement("p"), { className: "announcement__text" }));
  element.hidden = true;
  const said = [];
  let now = 1000;
  const announce = (sentence) => said.push(sentence);
  const view = new AnnouncementView({ element, now: () => now, announce, keepOnScreen });
  const shown = [];
  for (const [announcement, at] of given) {
    now = at;
    view.show(announcement);
    shown.push(element.hidden ? null : element.textContent);
  }
  return { shown, said };
}"""


def announced(run, *given) -> dict:
    return run("view/announcement", ANNOUNCED, given)


def test_an_announcement_is_shown_until_its_time_and_said_once(run):
    one = {"text": "one", "until": 5000}
    found = announced(run, [one, 1000], [one, 2000], [one | {"until": 6000}, 5500], [one, 6001], [None, 6002])
    assert found == {"shown": ["one", "one", "one", None, None], "said": ["Announcement: one"]}


def test_another_takes_its_place_and_null_ends_it(run):
    found = announced(run, [{"text": "one", "until": 5000}, 1], [{"text": "two", "until": 5000}, 2], [None, 3])
    assert found == {"shown": ["one", "two", None], "said": ["Announcement: one", "Announcement: two"]}


@pytest.mark.parametrize(
    "nonsense", [{}, {"text": 1, "until": 5000}, {"text": "x"}, {"text": "x", "until": "9"}, "x", 7]
)
def test_an_announcement_that_makes_no_sense_is_none(nonsense, run):
    assert announced(run, [nonsense, 1]) == {"shown": [None], "said": []}


def test_it_goes_when_its_time_is_over_without_a_word_of_the_server(run):
    ends = """async ({ AnnouncementView }) => {
      const element = document.createElement("aside");
      element.append(Object.assign(document.createElement("p"), { className: "announcement__text" }));
      const [announce, keepOnScreen] = [() => {}, (change) => change()];
      const view = new AnnouncementView({ element, now: () => performance.now(), announce, keepOnScreen });
      view.show({ text: "one", until: Math.round(performance.now()) + 100 });
      const was = element.hidden;
      while (!element.hidden) await new Promise((go) => setTimeout(go, 20));
      return [was, element.hidden];
    }"""
    assert run("view/announcement", ends) == [False, True]
