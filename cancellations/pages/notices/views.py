"""What a person has been told, and what they want to be told."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cancellations import words
from cancellations.models import Notice, NoticeSettings
from cancellations.pages.loading import page_by_key
from cancellations.pages.notices.forms import WishesForm
from cancellations.workflow import notice_wishes

NOTICES_OF_A_PAGE = 50
MUTES = (1, 4, 24, 0)  # hours; 0 ends it


def notice_list(request: HttpRequest) -> HttpResponse:
    """A person's own notices, the newest first; what stands on the page is read when they say so or follow it."""
    own = Notice.objects.for_user(request.user).select_related(
        "event__person", "shop", "cancellation__shop", "cancellation__requester"
    )
    rows, newer, older = page_by_key(own, request.GET, NOTICES_OF_A_PAGE)
    context = {
        "topics": words.notices.topics(rows),
        "unread": Notice.objects.for_user(request.user).unread().count(),
        "newer_url": newer and f"?{urlencode(newer)}",
        "older_url": older and f"?{urlencode(older)}",
    }
    return render(request, "notices/list.html", context)


def bell(request: HttpRequest) -> HttpResponse:
    """The number of unread notices, which every page asks for while it is looked at."""
    return render(request, "notices/_bell.html")


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Marks notices as read: one, which then leads to its page, or all."""
    one = request.POST.get("notice", "")
    if not one:
        notice_wishes.mark_read(by=request.user)
        return redirect("notices")
    known = one.isascii() and one.isdigit() and len(one) <= 18
    notice = Notice.objects.for_user(request.user).filter(pk=int(one)).first() if known else None
    if notice is None:
        return redirect("notices")
    notice_wishes.mark_read(by=request.user, notices=[notice.pk])
    return redirect(words.notices.said(notice).path)


def settings_page(request: HttpRequest) -> HttpResponse:
    """Which kinds come by mail, quiet hours, an absence, who one is in the chats."""
    own = NoticeSettings.objects.filter(person=request.user).first()
    form = WishesForm(request.POST or None, own=own)
    if request.method == "POST" and form.is_valid():
        notice_wishes.change_wishes(by=request.user, **form.wishes())
        messages.success(request, _("Settings saved."))
        return redirect("notice-settings")
    muted = own.muted_until if own and own.muted_until and own.muted_until > timezone.now() else None
    context = {"form": form, "muted_until": muted, "mutes": MUTES}
    return render(request, "notices/settings.html", context, status=422 if form.errors else 200)


@require_POST
def mute(request: HttpRequest) -> HttpResponse:
    hours = request.POST.get("hours", "")
    if hours in map(str, MUTES):
        notice_wishes.mute(by=request.user, hours=int(hours))
    return redirect("notice-settings")
