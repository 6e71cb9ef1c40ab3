"""What a phone needs to know to keep the page among its programs."""

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    described = {
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "description": settings.SITE_ABOUT,
        "id": "/",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#fcfaf8",
        "theme_color": "#fcfaf8",
        "icons": [
            icon("icon.svg", "image/svg+xml", "any"),
            icon("icon-192.png", "image/png", "192x192"),
            icon("icon-512.png", "image/png", "512x512"),
        ],
    }
    return JsonResponse(described, content_type="application/manifest+json")


def icon(name: str, kind: str, sizes: str) -> dict[str, str]:
    """Its edge is plain, so that it may be cut to any shape."""
    return {"src": static(f"icons/{name}"), "type": kind, "sizes": sizes, "purpose": "any maskable"}
