"""What moderators say: a comment of the staff, and an announcement above the stream."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0010_roles")]

    operations = [
        migrations.AddField(
            "comment",
            "staff",
            models.BooleanField(db_default=False, default=False, help_text="said by a moderator, from the desk"),
        ),
        migrations.AddField("streamclock", "announcement", models.TextField(blank=True, db_default="", default="")),
        migrations.AddField(
            "streamclock",
            "announced_until",
            models.BigIntegerField(db_default=0, default=0, help_text="ms since 1970"),
        ),
        migrations.AddField(
            "streamclock",
            "announced",
            models.BigIntegerField(db_default=0, default=0, help_text="the version of its last change"),
        ),
    ]
