"""Webhooks, and how their last calls went."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0015_bot_operator"),
    ]

    operations = [
        migrations.CreateModel(
            name="Hook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.CharField(max_length=500, verbose_name="address")),
                (
                    "feed",
                    models.CharField(
                        choices=[
                            ("changes", "each change of the stream"),
                            ("work", "what asks bots for an answer"),
                            ("states", "each comment with its state, held and hidden ones too"),
                        ],
                        default="changes",
                        max_length=7,
                        verbose_name="tells of",
                    ),
                ),
                ("nonce", models.CharField(editable=False, help_text="from which its secret is made", max_length=32)),
                (
                    "cursor",
                    models.BigIntegerField(
                        default=0, editable=False, help_text="a version: it has been told up to here"
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="on")),
                ("failures", models.PositiveIntegerField(default=0, editable=False, help_text="one after the other")),
                ("retry_at", models.BigIntegerField(default=0, editable=False)),
                (
                    "holder",
                    models.CharField(blank=True, editable=False, help_text="the process that is at it", max_length=32),
                ),
                ("held_until", models.BigIntegerField(default=0, editable=False)),
                (
                    "bot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hooks", to="comments.bot"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.CharField(max_length=64)),
                ("at", models.BigIntegerField()),
                ("attempt", models.PositiveIntegerField()),
                ("outcome", models.CharField(help_text="a status, or what was in the way", max_length=20)),
                ("is_done", models.BooleanField()),
                ("took_ms", models.PositiveIntegerField()),
                (
                    "hook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="comments.hook"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["hook", "-at"], name="delivery_newest")],
            },
        ),
    ]
