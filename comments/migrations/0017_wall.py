"""When things were done by the wall clock, beside the ticks: limits count by it."""

from django.db import migrations, models
from django.db.models import F
from django.utils import timezone

END_OF_HISTORY = 10**15


def as_the_ticks_tell(apps, schema_editor) -> None:
    """Until now they were all there was. What was imported has none that tells a time."""
    for name, tick in {"Comment": "version", "Report": "at"}.items():
        rows = models.QuerySet(apps.get_model("comments", name))
        rows.filter(**{f"{tick}__gt": END_OF_HISTORY}).update(wall=F(tick))


class Migration(migrations.Migration):
    dependencies = [("comments", "0016_webhooks")]

    operations = [
        migrations.AddField(
            "streamclock",
            "walled",
            models.BigIntegerField(
                default=0, db_default=0, help_text="µs since 1970: the wall clock of the last write"
            ),
        ),
        migrations.AddField(
            "comment",
            "wall",
            models.BigIntegerField(
                default=0,
                db_default=0,
                help_text="µs since 1970 by the wall clock when it was posted, which ticks may be ahead of",
            ),
        ),
        migrations.AddField(
            "report",
            "wall",
            models.BigIntegerField(default=0, db_default=0, help_text="µs since 1970 by the wall clock"),
        ),
        migrations.AddField(
            "bot",
            "acts",
            models.JSONField(
                default=list, editable=False, help_text="when it has moderated in the last minute, µs since 1970"
            ),
        ),
        migrations.AlterField("ban", "created_at", models.DateTimeField(default=timezone.now)),
        migrations.RunPython(as_the_ticks_tell, migrations.RunPython.noop),
        migrations.RemoveIndex("comment", "comment_author"),
        migrations.AddIndex("comment", models.Index(fields=["author_key", "wall"], name="comment_author")),
        migrations.RemoveIndex("report", "report_author"),
        migrations.AddIndex("report", models.Index(fields=["author_key", "wall"], name="report_author")),
    ]
