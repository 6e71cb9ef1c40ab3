"""What a restore and retention have taken away, and when the work of the day was begun."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0012_author_secrets")]

    operations = [
        migrations.AddField(
            "streamclock",
            "lost",
            models.JSONField(default=list, help_text="[first, last] versions that a restore took away, once for each"),
        ),
        migrations.AddField(
            "streamclock",
            "pruned",
            models.BigIntegerField(default=0, help_text="how many comments retention has taken away"),
        ),
        migrations.AddField(
            "streamclock",
            "tended",
            models.BigIntegerField(default=0, help_text="µs since 1970 at which the work of the day was begun"),
        ),
    ]
