"""Bans have no list of Django's own any more; what is left to permit is one that does not end."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comments", "0009_work")]

    operations = [
        migrations.AlterModelOptions(
            "ban", {"default_permissions": (), "permissions": [("ban_for_good", "Can ban for good")]}
        ),
    ]
