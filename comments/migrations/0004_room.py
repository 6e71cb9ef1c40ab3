"""An index for the change feed of one room: whoever reads that reads rows of that room."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0003_search")]

    operations = [
        migrations.AddIndex("comment", models.Index(fields=["domain", "version"], name="comment_room")),
    ]
