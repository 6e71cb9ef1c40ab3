"""The words of all comments and the index over them: see stream/words.py. Fills both from what is stored already."""

from django.db import migrations, models

from comments.stream.words import remember

CHUNK = 1000

# Contentless, and it does not count: it says only where a gram occurs.
TABLE_OF_GRAMS = """
CREATE VIRTUAL TABLE comments_grams USING fts5(grams, tokenize='ascii', content='', columnsize=0, detail=none)
"""

# The twin of stream.words.grams. A code point has 21 bits; 11904 is SHORT_WORDS.
FUNCTION_OF_GRAMS = """
CREATE FUNCTION comments_grams(words text) RETURNS bigint[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
    SELECT coalesce(array_agg(DISTINCT gram), '{}')
    FROM (
        SELECT first, lead(first) OVER (ORDER BY number) AS second, lead(first, 2) OVER (ORDER BY number) AS third
        FROM (
            SELECT ascii(letter)::bigint AS first, number
            FROM unnest(string_to_array(words, NULL)) WITH ORDINALITY AS letters (letter, number)
        ) AS codes
    ) AS neighbours,
    LATERAL (VALUES
        (first * 4398046511104 + second * 2097152 + third),
        (CASE WHEN first >= 11904 THEN first * 4398046511104 END),
        (CASE WHEN first >= 11904 AND second >= 11904 THEN first * 4398046511104 + second * 2097152 END)
    ) AS grams (gram)
    WHERE gram IS NOT NULL
$$
"""
INDEX_OF_GRAMS = "CREATE INDEX comments_words_grams ON comments_words USING gin (comments_grams(words))"

BEFORE = {"sqlite": [TABLE_OF_GRAMS], "postgresql": [FUNCTION_OF_GRAMS]}
AFTER = {"sqlite": [], "postgresql": [INDEX_OF_GRAMS]}  # once it is filled, which is faster
UNDO = {
    "sqlite": ["DROP TABLE comments_grams"],
    "postgresql": ["DROP INDEX comments_words_grams", "DROP FUNCTION comments_grams"],
}


def make(apps, schema_editor) -> None:
    vendor = schema_editor.connection.vendor
    for statement in BEFORE[vendor]:
        schema_editor.execute(statement)
    fill(apps.get_model("comments", "Comment"))
    for statement in AFTER[vendor]:
        schema_editor.execute(statement)


def fill(comments) -> None:
    version = -1
    while chunk := list(comments.objects.filter(version__gt=version).order_by("version")[:CHUNK]):
        version = chunk[-1].version
        remember(comment for comment in chunk if comment.state != "erased")


def unmake(apps, schema_editor) -> None:
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("comments", "0002_record")]

    operations = [
        migrations.CreateModel(
            name="Words",
            fields=[
                (
                    "place",
                    models.BigIntegerField(
                        help_text="its timestamp; below 0 if it has none yet", primary_key=True, serialize=False
                    ),
                ),
                ("comment_id", models.CharField(max_length=64)),
                ("words", models.TextField(help_text="folded: the text, NAME, and the name")),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(make, unmake),
    ]
