"""Which version of the page serves: a hash of its collected files, so that open pages learn of a new one."""

from functools import lru_cache
from typing import cast

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage


@lru_cache(1)
def build() -> str:
    """Empty for a checkout that is served as it stands."""
    return cast(ManifestStaticFilesStorage, staticfiles_storage).manifest_hash if settings.STATIC_IS_COLLECTED else ""
