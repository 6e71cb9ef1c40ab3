"""Static files, served by the application itself, so that nothing else is needed to run it."""

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from servestatic import ServeStaticASGI

WITH_HASH = r"^.+\.[0-9a-f]{12}\..+$"


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    """Names that change with the content, also in the imports between JavaScript modules.

    Until `collectstatic` has run, as under a bare `manage.py runserver`, names are plain.
    """

    support_js_module_import_aggregation = True

    def url(self, name, force=False):
        return super().url(name, force) if settings.STATIC_IS_COLLECTED else self.base_url + name


def with_static_files(application):
    """The ASGI application with /static/ served before it; hashed names may be cached for ever."""
    served = ServeStaticASGI(application, autorefresh=settings.DEBUG, immutable_file_test=WITH_HASH)
    for root in [settings.STATIC_ROOT] if settings.STATIC_IS_COLLECTED else uncollected_roots():
        served.add_files(str(root), prefix=settings.STATIC_URL)
    return served


def uncollected_roots():
    return [storage.location for finder in get_finders() for storage in finder.storages.values()]
