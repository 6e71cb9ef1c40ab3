"""The rules that an administrator changes while the site runs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0013_past")]

    operations = [
        migrations.AlterModelOptions(
            "streamclock",
            {"default_permissions": (), "permissions": [("set_rules", "Can change the rules of the site")]},
        ),
        migrations.AddField(
            "streamclock",
            "rules",
            models.JSONField(blank=True, default=dict, help_text="see writing/rules.py"),
        ),
    ]
