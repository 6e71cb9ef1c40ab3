"""The marks of authors."""

from collections import Counter

from comments.text import marks


def test_the_same_name_and_colour_have_one_mark_and_others_another():
    assert marks.path("Ada", "255000000") == marks.path("Ada", "255000000")
    drawn = {marks.path(*author) for author in [("Ada", "255000000"), ("ada", "255000000"), ("Ada", "254000000")]}
    assert len(drawn) == 3


def test_a_thousand_authors_have_hundreds_of_marks_and_no_figure_is_rare():
    drawn = Counter(marks.path(f"user {number}", "128128128") for number in range(1000))
    assert len(drawn) > 600
    assert max(drawn.values()) < 8


def test_a_mark_needs_no_name():
    assert marks.path("", "000000000").startswith("M")
