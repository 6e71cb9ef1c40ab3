from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CommentsConfig(AppConfig):
    name = "comments"

    def ready(self) -> None:
        from .desk import admin, moderators  # noqa: F401, registers with the admin

        post_migrate.connect(moderators.ensure_group, sender=self)
