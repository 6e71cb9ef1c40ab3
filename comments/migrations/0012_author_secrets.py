"""The keys of authors are made with a secret that goes in time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0011_speaking")]

    operations = [
        migrations.CreateModel(
            "AuthorSecret",
            [
                ("number", models.IntegerField(primary_key=True, serialize=False)),
                ("secret", models.CharField(max_length=64)),
                ("since", models.BigIntegerField(help_text="µs since 1970")),
            ],
            options={"default_permissions": ()},
        ),
        migrations.AddField(
            "streamclock",
            "rotated",
            models.BigIntegerField(
                db_default=0, default=0, help_text="µs since 1970: when the secrets of authors changed"
            ),
        ),
    ]
