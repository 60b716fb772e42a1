"""What every answer of the application carries."""

import uuid

from django.conf import settings


def strict_pages(get_response):
    """Gives each HTTP request a number, which error pages and the log show, and each answer its security headers."""

    def answer(request):
        request.number = uuid.uuid4().hex[:12]
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        # Pages hold order numbers and names: no copy of them stays in a shared browser.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer
