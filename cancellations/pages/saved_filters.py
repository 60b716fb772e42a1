"""The filters that a person has kept under a name: shown above what they filter, and removed."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cancellations.models import SavedFilter
from cancellations.workflow import saved_filters


def own_filters(request: HttpRequest, kind: str) -> QuerySet[SavedFilter]:
    """What the person has kept of this kind, by name."""
    return SavedFilter.objects.for_user(request.user).filter(kind=kind)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    saved = get_object_or_404(SavedFilter.objects.for_user(request.user), pk=pk)
    saved_filters.delete_filter(saved, by=request.user)
    messages.success(request, _("Filter “%(name)s” deleted.") % {"name": saved.name})
    return redirect("history" if saved.kind == SavedFilter.Kind.HISTORY else "cancellation-list")
