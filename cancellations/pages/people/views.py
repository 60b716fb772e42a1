"""People, for administrators: the list, a person's page, adding one, and what is changed of them."""

import functools
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cancellations import words
from cancellations.access import throttling, verbs
from cancellations.access.sudo import LEFT_FOR_A_FORM, for_administrators, is_confirmed, needs_password
from cancellations.models import CancellationRequest, Shop
from cancellations.pages.people import changes
from cancellations.pages.people.forms import AddPersonForm, DetailsForm, FindPeopleForm, NoteForm, RolesForm, ShopsForm
from cancellations.workflow import access_changes, granting, people, permissions
from cancellations.workflow.errors import NameTaken, NotAllowed, NotConfirmed, UsernameTaken, WhyMissing, WorkflowError

MAX_SHOWN = 200
EVENTS_SHOWN = 100
FORMS = {"details": DetailsForm, "roles": RolesForm, "shops": ShopsForm, "note": NoteForm}
FIELD_OF = {UsernameTaken: "username", NameTaken: "name", WhyMissing: "note"}


@for_administrators
def person_list(request: HttpRequest) -> HttpResponse:
    search = FindPeopleForm(request.GET or None)
    # Not for_user() itself: Django would join its condition and that of the prefetch to one and the same membership.
    own = Shop.objects.filter(pk__in=Shop.objects.for_user(request.user).values("pk"))
    shops = Prefetch("shops", queryset=own, to_attr="known_shops")
    found = search.found(people.known_to(request.user)).order_by("username").prefetch_related("groups", shops)
    shown = list(found[: MAX_SHOWN + 1])
    for person in shown:
        person.role_words = words.people.roles({group.name for group in person.groups.all()})
    context = {"people": shown[:MAX_SHOWN], "more": len(shown) > MAX_SHOWN, "limit": MAX_SHOWN}
    return render(request, "people/list.html", context | {"search": search})


@for_administrators
@needs_password
def person_add(request: HttpRequest) -> HttpResponse:
    form = AddPersonForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            added = people.add_person(by=request.user, **form.cleaned_data)
        except WorkflowError as error:
            _put(error, form)
        else:
            if not added.access_changes.waiting().exists():
                return _show_link(request, added, added=True)
            # Roles wait for a second administrator: the link can be made after that.
            messages.success(request, _("Person added."))
            messages.warning(request, changes.WAITS)
            return redirect("person", added.pk)
    return render(request, "people/add.html", {"form": form}, status=422 if form.errors else 200)


def _show_link(request, person, *, added=False):
    """Shown once, in the answer itself: a link that waited in a session or a message could be read there."""
    link = request.build_absolute_uri(people.make_link(person, by=request.user))
    ends_at = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    context = {"person": person, "link": link, "ends_at": ends_at, "added": added}
    return render(request, "people/link.html", context)


def about_a_person(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whom somebody does not know is not there; those that they know are for administrators only."""

    @functools.wraps(view)
    def found(request, pk):
        _find(request, pk)
        return for_administrators(view)(request, pk)

    return found


@about_a_person
def person(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _find(request, pk))


def _find(request, pk):
    return get_object_or_404(people.known_to(request.user), pk=pk)


def _page(request, person, *, name="", wrong=None, status=200):
    """The page of a person; `wrong` is the form called `name` that came back with what was typed."""
    by = request.user
    forms = {name: form.of(person, by=by) for name, form in FORMS.items()} | ({name: wrong} if wrong else {})
    events = person.events.filter(Q(shop=None) | Q(shop__in=Shop.objects.for_user(by))).select_related("shop")
    newest = events.order_by("-pk")[:EVENTS_SHOWN]
    own_shops = Shop.objects.for_user(by).values("pk")
    open_ones = CancellationRequest.objects.filter(requester=person, shop__in=own_shops, ended_at=None)
    counts = dict(open_ones.order_by().values_list("status").annotate(Count("pk")))
    context = {
        "person": person,
        "roles": words.people.roles(granting.roles_of(person)),
        "shops": people.shops_of(person, by=by),
        "works_elsewhere": person.shops.exclude(pk__in=own_shops).exists(),
        "events": [words.events.told(event, of=person) for event in newest],
        "locked_until": throttling.locked_until(person),
        "failures": throttling.failures_of(person),
        "changes": changes.rows(person.access_changes.waiting(), by=by),
        "link_is_confirmed": access_changes.links_left(person, by=by).exists(),
        "is_guarded": access_changes.is_guarded(person),
        "open_requests": [
            (CancellationRequest.Status(status).label, count) for status, count in sorted(counts.items())
        ],
        "has_factor": verbs.second_factor_of(person) is not None,
        "forms": forms,
        "form": wrong,
        "opened": name,
        "is_confirmed": is_confirmed(request, left=0 if wrong else LEFT_FOR_A_FORM),
        "is_own": by == person,
        "may_change": permissions.may(permissions.check_may_manage_person, by, person),
        "may_change_everywhere": permissions.may(permissions.check_may_manage_person_everywhere, by, person),
    }
    return render(request, "people/page.html", context, status=status)


def _change(request, pk, name, verb, done):
    """Calls `verb(person, what was typed)`; its refusal is shown on the person's page, with what was typed."""
    person = _find(request, pk)
    form = FORMS[name].of(person, by=request.user, data=request.POST)
    status = 422
    if form.is_valid():
        try:
            change = verb(person, form.cleaned_data)
        except WorkflowError as error:
            _put(error, form)
            status = 403 if isinstance(error, NotAllowed) else 422
        else:
            changes.tell(request, change, done)
            return _back(request, pk)
    return _page(request, person, name=name, wrong=form, status=status)


def _put(error, form):
    form.add_error(FIELD_OF.get(type(error)), str(error))


def _back(request, pk):
    """Whoever took the last shop that they shared with a person does not see the person any more."""
    return redirect("person", pk) if people.known_to(request.user).filter(pk=pk).exists() else redirect("person-list")


@require_POST
@about_a_person
@needs_password
def person_roles(request: HttpRequest, pk: int) -> HttpResponse:
    def verb(person, typed):
        return people.change_roles(person, by=request.user, **typed)

    return _change(request, pk, "roles", verb, _("Roles changed, effective immediately."))


@require_POST
@about_a_person
@needs_password
def person_shops(request: HttpRequest, pk: int) -> HttpResponse:
    def verb(person, typed):
        return people.change_shops(person, by=request.user, **typed)

    return _change(request, pk, "shops", verb, _("Seller accounts changed, effective immediately."))


@require_POST
@about_a_person
@needs_password
def person_details(request: HttpRequest, pk: int) -> HttpResponse:
    def verb(person, typed):
        return people.change_details(person, by=request.user, **typed)

    return _change(request, pk, "details", verb, _("Details changed."))


@require_POST
@about_a_person
@needs_password
def person_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    def verb(person, typed):
        people.deactivate(person, by=request.user, **typed)

    done = _("Person deactivated: signed out everywhere and unable to sign in.")
    return _change(request, pk, "note", verb, done)


@require_POST
@about_a_person
@needs_password
def person_reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    def verb(person, typed):
        return people.reactivate(person, by=request.user, **typed)

    return _change(
        request, pk, "note", verb, _("Person reactivated with the same roles and seller accounts as before.")
    )


@require_POST
@about_a_person
@needs_password
def person_sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    done = _("Person signed out everywhere.")
    return _guard(request, pk, verbs.sign_out_everywhere, done)


@require_POST
@about_a_person
@needs_password
def person_unlock(request: HttpRequest, pk: int) -> HttpResponse:
    return _guard(request, pk, verbs.unlock, _("The person can sign in again."))


@require_POST
@about_a_person
@needs_password
def person_factor(request: HttpRequest, pk: int) -> HttpResponse:
    done = _("Second factor removed. Create a new one-time link if somebody else may have the password.")
    return _guard(request, pk, people.remove_second_factor, done)


@require_POST
@about_a_person
@needs_password
def person_identity(request: HttpRequest, pk: int) -> HttpResponse:
    done = _("The next sign-in with the company account is matched by the username again.")
    return _guard(request, pk, people.reset_identity, done)


def _guard(request, pk, verb, done):
    person = _find(request, pk)
    try:
        change = verb(person, by=request.user)
    except WorkflowError as error:
        messages.error(request, str(error))
    else:
        changes.tell(request, change, done)
    return redirect("person", pk)


@require_POST
@about_a_person
@needs_password
def person_link(request: HttpRequest, pk: int) -> HttpResponse:
    person = _find(request, pk)
    try:
        return _show_link(request, person)
    except NotConfirmed:
        return _guard(request, pk, people.ask_for_link, "")
    except WorkflowError as error:
        messages.error(request, str(error))
        return _back(request, pk)
