"""The product, whose page is of the version that a file names: `build` in its VAR_DIR."""

from saywhat.asgi import application  # noqa: F401  first: it sets Django up

from django.conf import settings  # isort: skip

from comments.api import reads  # isort: skip
from comments.page import views  # isort: skip


def named_build() -> str:
    return (settings.VAR_DIR / "build").read_text()


reads.build = views.build = named_build
