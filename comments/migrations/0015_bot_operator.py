"""Who runs a bot, apart from what for: everybody can read both."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0014_rules")]

    operations = [
        migrations.AddField(
            "bot",
            "operator",
            models.CharField(
                "run by",
                blank=True,
                default="",
                help_text="a name, and how to reach them; everybody can read it",
                max_length=200,
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            "bot",
            "purpose",
            models.CharField("what for", blank=True, help_text="everybody can read it", max_length=300),
        ),
    ]
