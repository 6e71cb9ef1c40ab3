"""A lease is told to be its comment's, so that both are read at once. The tables stay as they are."""

from django.db import migrations, models
from django.db.models.deletion import DO_NOTHING


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0017_wall"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="lease", name="comment_id"),
                migrations.AddField(
                    model_name="lease",
                    name="comment",
                    field=models.OneToOneField(
                        db_constraint=False,
                        on_delete=DO_NOTHING,
                        primary_key=True,
                        serialize=False,
                        to="comments.comment",
                    ),
                    preserve_default=False,
                ),
            ]
        ),
    ]
