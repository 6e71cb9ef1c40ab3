"""What a bot notes is a change for bots alone, so the last change for them is another than for everybody."""

from django.db import migrations, models

FIELD = models.BigIntegerField(help_text="the same for bots, with their notes", unique=True)


class Migration(migrations.Migration):
    dependencies = [("comments", "0005_long_names")]

    operations = [
        migrations.AddField("comment", "bots_version", models.BigIntegerField(null=True)),
        migrations.RunSQL("UPDATE comments_comment SET bots_version = version", migrations.RunSQL.noop),
        migrations.AlterField("comment", "bots_version", FIELD),
    ]
