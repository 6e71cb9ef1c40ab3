"""Names of history are kept as they were, up to 255 characters, which may be more when they are folded."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0004_room")]

    operations = [
        migrations.AlterField("comment", "username", models.CharField(help_text="as typed", max_length=255)),
        migrations.AlterField(
            "comment",
            "username_key",
            models.CharField(help_text="NFKC and casefold of the name: what filters compare", max_length=512),
        ),
    ]
