from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CommentsConfig(AppConfig):
    name = "comments"

    def ready(self) -> None:
        from .desk import admin, roles  # noqa: F401, registers with the admin
        from .hooks import taking  # noqa: F401, hears in commands, too, that the wall clock was set back

        post_migrate.connect(roles.ensure_groups, sender=self)
