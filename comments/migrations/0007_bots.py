"""Bots get what they may do, limits, and several tokens. Those that are there keep their token."""

import django.db.models.deletion
from django.db import migrations, models

USUAL_SCOPES = ["read:context", "post", "claim"]


def keep_tokens(apps, schema_editor) -> None:
    token = apps.get_model("comments", "Token")
    for bot in apps.get_model("comments", "Bot").objects.all():
        token.objects.create(bot=bot, hash=bot.token_hash)
        bot.scopes = USUAL_SCOPES
        bot.save()


class Migration(migrations.Migration):
    dependencies = [("comments", "0006_bots_version")]

    operations = [
        migrations.AlterField(
            "bot", "name", models.CharField(help_text="what it posts carries it", max_length=64, unique=True)
        ),
        migrations.AddField(
            "bot",
            "color",
            models.CharField(blank=True, default="", help_text="empty: chosen by the name", max_length=30),
            preserve_default=False,
        ),
        migrations.AddField(
            "bot",
            "purpose",
            models.CharField(blank=True, default="", help_text="who runs it and what for", max_length=300),
            preserve_default=False,
        ),
        migrations.AddField("bot", "scopes", models.JSONField(default=list)),
        migrations.AddField(
            "bot",
            "posts_per_minute",
            models.PositiveIntegerField(default=60, help_text="a sixth of them in 5 seconds"),
        ),
        migrations.AddField(
            "bot",
            "acts_per_minute",
            models.PositiveIntegerField(default=10, help_text="how many comments it may moderate"),
        ),
        migrations.AddField(
            "bot", "seen_at", models.DateTimeField(editable=False, help_text="to the minute", null=True)
        ),
        migrations.AlterField(
            "bot", "is_active", models.BooleanField("on", default=True, help_text="off: its tokens are refused")
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(blank=True, help_text="where it is used", max_length=40)),
                ("hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "bot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tokens", to="comments.bot"
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(keep_tokens, migrations.RunPython.noop),
    ]
