"""Static files, served by the application itself, so that nothing else is needed to run it.

When they are collected, what the page needs is put into one script and one style sheet, and all is compressed that can
be.
"""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile
from servestatic import ServeStaticASGI
from servestatic.compress import Compressor

from saywhat.linking import linked

WITH_HASH = r"^.+\.[0-9a-f]{12}\..+$"
# What a template names, and what stands for it, with all that it imports.
LINKED = {"js/main.js": "js/linked.js", "css/page.css": "css/linked.css"}


class CollectedStaticFilesStorage(ManifestStaticFilesStorage):
    """Names that change with the content, also in the imports between JavaScript modules.

    Until `collectstatic` has run, as under a bare `manage.py runserver`, names are plain and files as in the checkout.
    """

    support_js_module_import_aggregation = True
    max_post_process_passes = 20  # a module's name depends on all that it imports, and so on down

    def url(self, name, force=False):
        return super().url(name, force) if settings.STATIC_IS_COLLECTED else self.base_url + name

    def post_process(self, paths, dry_run=False, **options) -> Iterator[tuple]:
        if dry_run:
            return
        for entry, name in LINKED.items():
            self._replace(name, linked(entry, self._text))
            paths[name] = (self, name)
        yield from super().post_process(paths, **options)
        self._name_linked()
        self._compress()

    def _text(self, name: str) -> str:
        return Path(self.path(name)).read_text()

    def _replace(self, name: str, text: str) -> None:
        self.delete(name)
        self._save(name, ContentFile(text.encode()))

    def _name_linked(self) -> None:
        for entry, name in LINKED.items():
            self.hashed_files[self.hash_key(entry)] = self.hashed_files[self.hash_key(name)]
        self.save_manifest()

    def _compress(self) -> None:
        compressor = Compressor(quiet=True)
        for name in set(self.hashed_files.values()):
            if compressor.should_compress(name):
                compressor.compress(self.path(name))


def with_static_files(application):
    """The ASGI application with /static/ served before it; hashed names may be cached for ever."""
    served = ServeStaticASGI(application, autorefresh=settings.DEBUG, immutable_file_test=WITH_HASH)
    for root in [settings.STATIC_ROOT] if settings.STATIC_IS_COLLECTED else uncollected_roots():
        served.add_files(str(root), prefix=settings.STATIC_URL)
    return served


def uncollected_roots():
    return [storage.location for finder in get_finders() for storage in finder.storages.values()]
