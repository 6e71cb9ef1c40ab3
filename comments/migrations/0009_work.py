"""The work queue: what asks bots for an answer, and who is at it. What was posted before asks for nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0008_bots_token"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("comment_id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("holder", models.CharField(help_text="the name of the bot", max_length=64)),
                (
                    "hash",
                    models.CharField(blank=True, help_text="of the fencing token; empty: given back", max_length=64),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("claimed_at", models.BigIntegerField(default=0, help_text="µs since 1970")),
                (
                    "until",
                    models.BigIntegerField(default=0, help_text="µs since 1970; before that it is offered to nobody"),
                ),
                ("reason", models.CharField(blank=True, help_text="why it was given back", max_length=300)),
                ("done_at", models.BigIntegerField(help_text="µs since 1970", null=True)),
                ("reply_id", models.CharField(blank=True, max_length=64)),
                ("waited_ms", models.BigIntegerField(help_text="from the question to its answer", null=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="comment",
            name="work",
            field=models.IntegerField(
                help_text="its place among the work for bots; null: none. See comments/work.py", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("state", "visible"), ("work__isnull", False)),
                fields=["work", "timestamp"],
                name="comment_work",
            ),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(fields=["done_at"], name="lease_done"),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(condition=models.Q(("done_at", None)), fields=["until"], name="lease_open"),
        ),
    ]
