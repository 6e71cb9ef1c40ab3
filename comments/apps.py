from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CommentsConfig(AppConfig):
    name = "comments"

    def ready(self) -> None:
        from .moderators import ensure_group

        post_migrate.connect(ensure_group, sender=self)
