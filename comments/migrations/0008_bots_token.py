"""A bot's one token goes, now that it is among its tokens. On PostgreSQL not in the transaction that has filled those."""

from django.db import migrations, models


def keep_one_token(apps, schema_editor) -> None:
    """Of each bot the newest; a bot without any gets a hash that no token has."""
    for bot in apps.get_model("comments", "Bot").objects.all():
        newest = bot.tokens.order_by("-created_at").first()
        bot.token_hash = newest.hash if newest else f"none of {bot.pk}"
        bot.save()


class Migration(migrations.Migration):
    dependencies = [("comments", "0007_bots")]

    operations = [
        # Backwards the field comes without a value, and is filled before it has to be unique.
        migrations.AlterField("bot", "token_hash", models.CharField(default="", editable=False, max_length=64)),
        migrations.RunPython(migrations.RunPython.noop, keep_one_token),
        migrations.RemoveField("bot", "token_hash"),
    ]
