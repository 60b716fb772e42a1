import logging

from django.shortcuts import render
from django.views.decorators.cache import never_cache

logger = logging.getLogger("cancellations.errors")


@never_cache
def server_error(request):
    """The page for what should not have happened: in the person's language, with a number that the log has too."""
    logger.error("The answer to request %s was an error: %s %s", request.number, request.method, request.path)
    return render(request, "500.html", status=500)
