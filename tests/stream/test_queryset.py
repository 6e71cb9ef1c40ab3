"""The only verbs that change comments, and the doors that are closed for everything else."""

import ast
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments.models import Comment, State
from comments.stream import queryset
from comments.stream.clock import BEGIN_READING, StreamClock
from tests.support.declared_settings import ROOT

pytestmark = pytest.mark.django_db

WORDS = ("text", "username", "username_key", "misc", "context", "bot_params")


def only(comment: Comment) -> queryset.CommentQuerySet:
    return Comment.objects.filter(pk=comment.pk)


def again(comment: Comment) -> Comment:
    return only(comment).get()


def stored(comment: Comment) -> dict:
    return only(comment).values().get()


# Closed doors

CLOSED = {
    "QuerySet.update": lambda comment: only(comment).update(state=State.HIDDEN),
    "QuerySet.update of everything": lambda comment: Comment.objects.update(text="forged"),
    "QuerySet.delete": lambda comment: only(comment).delete(),
    "QuerySet.delete of everything": lambda comment: Comment.objects.all().delete(),
    "QuerySet.bulk_create": lambda comment: Comment.objects.bulk_create([Comment(id="new", version=1)]),
    "QuerySet.bulk_update": lambda comment: Comment.objects.bulk_update([comment], ["text"]),
    "QuerySet.create": lambda comment: Comment.objects.create(id="new", version=1),
    "QuerySet.get_or_create": lambda comment: Comment.objects.get_or_create(id="new", defaults={"version": 1}),
    "QuerySet.update_or_create": lambda comment: Comment.objects.update_or_create(
        id=comment.id, defaults={"text": "x"}
    ),
    "Comment.save": lambda comment: comment.save(),
    "Comment.save of a new one": lambda comment: Comment(id="new", version=1).save(),
    "Comment.save of one field": lambda comment: comment.save(update_fields=["state"]),
    "Comment.delete": lambda comment: comment.delete(),
}


@pytest.mark.parametrize("door", CLOSED.values(), ids=CLOSED.keys())
def test_a_comment_cannot_be_changed_without_a_verb(door, post):
    comment = post()
    before, clock = stored(comment), StreamClock.now().version
    with pytest.raises(TypeError):
        door(comment)
    assert stored(comment) == before
    assert Comment.objects.count() == 1
    assert StreamClock.now().version == clock


AROUND = {
    "a queryset without the verbs": "models.QuerySet.update(rows, state='hidden')",
    "the base manager": "Comment._base_manager.all()",
    "a raw query": "Comment.objects.raw('UPDATE x')",
    "a raw delete": "rows._raw_delete('default')",
    "a raw save": "comment.save_base(raw=True)",
    "a cursor": "cursor.execute('UPDATE comments_comment SET state = 1')",
    "a statement put together": "cursor.execute(f'DELETE FROM {table}')",
    "a cursor of rows": "cursor.executemany('INSERT INTO t VALUES (1)', rows)",
    "the closed door of the parent": "super().update(state='hidden')",
    "the private door": "rows._overwrite(comment)",
    "the back door for new comments": "Comment.objects.store([comment])",
    "an async door": "await Comment.objects.aupdate(text='x')",
}
ALLOWED = {
    ("comments/stream/queryset.py", "super().bulk_create"),
    ("comments/stream/queryset.py", "super().delete"),  # by retention
    ("comments/stream/queryset.py", "super(CommentQuerySet, self.model.objects.filter(pk__in=ids)).update"),
    ("comments/stream/queryset.py", "self._overwrite"),
    ("comments/stream/queryset.py", "rows._overwrite"),
    ("comments/stream/record.py", "super().bulk_create"),  # of records, which only grow
    ("comments/stream/ahead.py", "models.QuerySet.update"),  # other ticks, when the wall clock was wrong
    ("comments/writing/posting.py", "Comment.objects.store"),
    ("comments/history/importing.py", "Comment.objects.store"),
    ("comments/management/commands/import_comments.py", "importing.store"),
    ("comments/api/operations.py", "cursor.execute"),  # SELECT 1, whether the database answers
    ("comments/stream/clock.py", "cursor.execute"),  # the beginning and the end of a read transaction
    ("comments/stream/words.py", "cursor.executemany"),  # SQLite's index of what is searched
    ("comments/reading/search.py", "cursor.execute"),  # a look into the index
    ("comments/upkeep/sqlite.py", "source.execute"),  # on a backup
    ("comments/upkeep/sqlite.py", "target.execute"),
    ("comments/upkeep/sqlite.py", "database.execute"),
    ("comments/hooks/making.py", "super().save"),  # of a form
    ("comments/migrations/0003_search.py", "schema_editor.execute"),
    ("comments/migrations/0003_search.py", "migrations.RunPython"),
    ("comments/migrations/0006_bots_version.py", "migrations.RunSQL"),
    ("comments/migrations/0007_bots.py", "migrations.RunPython"),
    ("comments/migrations/0008_bots_token.py", "migrations.RunPython"),
    ("comments/migrations/0017_wall.py", "migrations.RunPython"),
}
DOORS = {
    "_base_manager", "_raw_delete", "_overwrite", "_update", "_insert", "save_base", "store", "raw", "execute",
    "executemany", "executescript", "callproc", "copy", "RunSQL", "RunPython", "abulk_create", "acreate", "adelete",
    "aupdate", "asave", "abulk_update",
}  # fmt: skip
PARENT_DOORS = {"update", "delete", "save", "bulk_create", "bulk_update", "create"}


def doors_in(source: str) -> list[str]:
    """The expressions that could change comments without a verb. Names are all that a source can be judged by, so a
    door is refused wherever it stands; what is meant for another table has to be listed above."""
    attributes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    return [ast.unparse(node) for node in attributes if node.attr in DOORS or is_parents_door(node)]


def is_parents_door(node: ast.Attribute) -> bool:
    """`super().update` and `models.QuerySet.update` skip what CommentQuerySet says about it."""
    if node.attr not in PARENT_DOORS:
        return False
    match node.value:
        case ast.Call(func=ast.Name(id="super")):
            return True
        case ast.Attribute(attr="QuerySet" | "Model") | ast.Name(id="QuerySet" | "Model"):
            return True
    return False


def project_files() -> list[Path]:
    return sorted(path for folder in ("comments", "saywhat") for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.once
def test_nothing_in_the_project_goes_around_the_verbs():
    found = {
        (path.relative_to(ROOT).as_posix(), door) for path in project_files() for door in doors_in(path.read_text())
    }
    assert found == ALLOWED


@pytest.mark.once
@pytest.mark.parametrize("source", AROUND.values(), ids=AROUND.keys())
def test_the_guard_sees_each_way_around(source):
    assert doors_in(source)


@pytest.mark.once
def test_what_the_project_executes_itself_reads_no_table_but_a_search_its_index():
    executed = {
        ast.unparse(node.args[0])
        for path in project_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "execute"
    }
    of_search = {"look_up", "statement"}  # inside of the moment that tests/reading/test_moments.py asks for
    of_upkeep = {"statement", "WHOLE", "IN_ONE_FILE", "CLOCK", "EPOCH"}  # on copies, which nobody else knows
    of_moments = {"BEGIN_READING[connection.vendor]", "'COMMIT'", "'ROLLBACK'"}
    assert executed - of_search - of_upkeep == {"'SELECT 1'"} | of_moments
    assert all(begin.startswith("BEGIN") and ";" not in begin for begin in BEGIN_READING.values())


def test_every_manager_of_a_comment_has_the_verbs():
    assert type(Comment._default_manager.all()) is queryset.CommentQuerySet
    assert [type(manager.all()) for manager in Comment._meta.managers] == [queryset.CommentQuerySet]
    assert type(Comment.objects.filter(text="x").exclude(text="y").order_by("id")[:1]) is queryset.CommentQuerySet


def test_no_relation_deletes_or_changes_comments():
    assert not [field for field in Comment._meta.get_fields() if field.is_relation]


# Verbs


def in_every_state(post, held) -> dict[State, Comment]:
    comments = {State.VISIBLE: post("v"), State.HIDDEN: post("hi"), State.ERASED: post("e"), State.HELD: held("he")}
    only(comments[State.HIDDEN]).hide()
    only(comments[State.ERASED]).erase()
    return {state: again(comment) for state, comment in comments.items()}


TRANSITIONS = {
    "hide": {State.VISIBLE: State.HIDDEN, State.HELD: State.HIDDEN},
    "restore": {State.HIDDEN: State.VISIBLE},
    "hold": {State.VISIBLE: State.HELD, State.HIDDEN: State.HELD},
    "release": {State.HELD: State.VISIBLE},
    "erase": {State.VISIBLE: State.ERASED, State.HELD: State.ERASED, State.HIDDEN: State.ERASED},
}


@pytest.mark.parametrize("verb", TRANSITIONS)
def test_a_verb_changes_what_it_can_and_leaves_the_rest_as_it_was(verb, post, held):
    before = in_every_state(post, held)
    clock = StreamClock.now()
    changed = getattr(Comment.objects.all(), verb)()
    assert set(changed) == {before[state].pk for state in TRANSITIONS[verb]}
    for state, comment in before.items():
        if state in TRANSITIONS[verb]:
            assert again(comment).state == TRANSITIONS[verb][state]
            assert again(comment).version > clock.version
        else:
            assert stored(comment) == fields_of(comment)
    versions = list(Comment.objects.values_list("version", flat=True))
    assert len(set(versions)) == len(versions)
    assert StreamClock.now().version == max(versions)
    assert StreamClock.now().visible_total == Comment.objects.visible().count()


def fields_of(comment: Comment) -> dict:
    return {field.attname: getattr(comment, field.attname) for field in Comment._meta.concrete_fields}


@pytest.mark.parametrize("verb", TRANSITIONS)
def test_a_verb_that_changes_nothing_is_no_news(verb, post, held):
    in_every_state(post, held)
    getattr(Comment.objects.all(), verb)()
    clock, rows = StreamClock.now().version, list(Comment.objects.order_by("pk").values())
    assert getattr(Comment.objects.all(), verb)() == []
    assert StreamClock.now().version == clock
    assert list(Comment.objects.order_by("pk").values()) == rows


def test_each_changed_comment_has_a_version_of_its_own_in_the_order_of_the_stream(post):
    comments = [post(str(number)) for number in range(20)]
    newest = StreamClock.now().version
    assert Comment.objects.order_by("-timestamp").hide() == [comment.pk for comment in comments]
    versions = list(Comment.objects.order_by("timestamp").values_list("version", flat=True))
    assert all(one < other for one, other in pairwise([newest, *versions]))


def test_hiding_and_restoring_changes_only_state_and_version(post):
    comment = post("Hello", context=["x"], bot_params={"processed": False}, misc="m", reply_to=post().pk)
    only(comment).hide()
    only(comment).restore()
    after = stored(comment)
    before = fields_of(comment)
    assert after["version"] == after["bots_version"] > comment.version
    for version in ("version", "bots_version"):
        before.pop(version), after.pop(version)
    assert after == before


def test_a_restored_comment_keeps_its_place(post):
    first, second = post("first"), post("second")
    only(first).hide()
    only(first).restore()
    assert again(first).timestamp == first.timestamp
    assert list(Comment.objects.visible().oldest(2)) == [first, second]


def test_a_held_comment_gets_its_place_when_it_is_released(post, held):
    waiting = held()
    assert (waiting.timestamp, StreamClock.now().visible_total) == (None, 0)
    newest = post("posted meanwhile")
    only(waiting).release()
    assert again(waiting).timestamp > newest.timestamp
    assert again(waiting).timestamp == StreamClock.now().timestamp
    assert list(Comment.objects.visible().newest(1)) == [waiting]


def test_a_held_comment_that_was_hidden_gets_its_place_when_it_is_restored(post, held):
    waiting = held()
    only(waiting).hide()
    assert again(waiting).timestamp is None
    newest = post("posted meanwhile")
    only(waiting).restore()
    assert again(waiting).timestamp > newest.timestamp


def test_what_is_erased_has_no_words_and_never_comes_back(post, held):
    comments = [
        post("secret", "secret", misc="secret", context=["secret"], bot_params={"secret": "secret"}),
        held("secret", "secret"),
    ]
    assert len(Comment.objects.erase()) == 2
    assert Comment.objects.restore() == Comment.objects.release() == Comment.objects.hide() == []
    assert Comment.objects.edit_bot_params(lambda params: {"secret": 1}) == []
    for comment in comments:
        assert "secret" not in repr(stored(comment))
        assert not any(stored(comment)[field] for field in WORDS)
        assert stored(comment)["author_key"] == comment.author_key  # a moderator can still ban who wrote it


def test_editing_bot_params_takes_only_visible_comments(post, held):
    comments = in_every_state(post, held)
    (edited,) = Comment.objects.edit_bot_params(lambda params: params | {"seen": 1})
    assert edited == comments[State.VISIBLE]
    assert edited.bot_params == again(edited).bot_params == {"seen": 1}
    assert edited.bots_version == again(edited).bots_version > comments[State.ERASED].bots_version
    assert edited.version == again(edited).version == comments[State.VISIBLE].version, "nobody else's news"


def test_a_verb_takes_more_comments_than_fit_into_one_transaction(post, monkeypatch):
    monkeypatch.setattr(queryset, "BATCH", 7)
    comments = [post(str(number)) for number in range(20)]
    kept = post("kept")
    with CaptureQueriesContext(connection) as queries:
        changed = Comment.objects.exclude(pk=kept.pk).hide()
    assert changed == [comment.pk for comment in comments]
    assert StreamClock.now().visible_total == 1
    assert len({comment.version for comment in Comment.objects.all()}) == 21
    assert len([query for query in queries if query["sql"].startswith('UPDATE "comments_streamclock"')]) == 3


def test_a_verb_takes_a_comment_that_its_own_filter_does_not_match_any_more(post):
    comments = [post("x") for _ in range(3)]
    assert len(Comment.objects.visible().hide()) == len(comments)
    assert not Comment.objects.visible().exists()


@pytest.mark.parametrize("order", ["pk", "-version", "version", "?"])
def test_several_that_were_held_are_released_in_the_order_in_which_they_were_posted(post, held, order):
    ids = [held(text, id=id).id for text, id in (("one", "c"), ("two", "a"), ("three", "d"), ("four", "b"))]
    Comment.objects.order_by(order).release()
    assert list(Comment.objects.visible().oldest(10).values_list("pk", flat=True)) == ids
