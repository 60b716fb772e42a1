"""Machines, for administrators: the list, a machine's page, adding one, and its tokens."""

import functools
from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.db.models import Count, Max, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cancellations import words
from cancellations.access.sudo import LEFT_FOR_A_FORM, for_administrators, is_confirmed, needs_password
from cancellations.models import ApiToken, Machine, Shop
from cancellations.pages.machines.forms import AddMachineForm, SettingsForm, TokenForm
from cancellations.pages.people import changes
from cancellations.pages.people.forms import NoteForm, ShopsForm
from cancellations.workflow import machines, people, permissions
from cancellations.workflow.errors import (
    CannotAnswer,
    MachineNameTaken,
    NameTaken,
    NetworkWrong,
    NotAllowed,
    WhyMissing,
    WorkflowError,
)
from cancellations.workflow.machine_settings import settings_of

EVENTS_SHOWN = 100
TOKENS_SHOWN = 20
SOON = timedelta(days=max(machines.WARNED))
FIELD_OF = {
    MachineNameTaken: "name",
    NameTaken: "name",
    NetworkWrong: "networks",
    CannotAnswer: "responsible",
    WhyMissing: "note",
}


@for_administrators
def machine_list(request: HttpRequest) -> HttpResponse:
    own = Shop.objects.filter(pk__in=Shop.objects.for_user(request.user).values("pk"))
    now = timezone.now()
    ends_soon = Q(tokens__revoked_at=None, tokens__expires_at__gt=now, tokens__expires_at__lte=now + SOON)
    found = (
        machines.known_to(request.user)
        .select_related("person", "responsible")
        .prefetch_related(Prefetch("person__shops", queryset=own, to_attr="known_shops"))
        .annotate(last_used_at=Max("tokens__last_used_at"), ending=Count("tokens", filter=ends_soon))
        .order_by("person__name")
    )
    return render(request, "machines/list.html", {"machines": found})


@for_administrators
@needs_password
def machine_add(request: HttpRequest) -> HttpResponse:
    form = AddMachineForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            added = machines.add_machine(by=request.user, **form.cleaned_data)
        except WorkflowError as error:
            _put(error, form)
        else:
            messages.success(request, _("Machine added."))
            messages.warning(request, changes.WAITS)
            return redirect("machine", added.pk)
    return render(request, "machines/add.html", {"form": form}, status=422 if form.errors else 200)


def about_a_machine(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Which somebody does not know is not there; those that they know are for administrators only."""

    @functools.wraps(view)
    def found(request, pk, token=None):
        known = machines.known_to(request.user).select_related("person", "responsible")
        machine = get_object_or_404(known, pk=pk)
        its_own = () if token is None else (get_object_or_404(machine.tokens, pk=token),)
        return for_administrators(view)(request, machine, *its_own)

    return found


@about_a_machine
def machine(request: HttpRequest, machine: Machine) -> HttpResponse:
    return _page(request, machine)


def _page(request, machine, *, name="", wrong=None, status=200):
    """The page of a machine; `wrong` is the form called `name` that came back with what was typed."""
    by, person, now = request.user, machine.person, timezone.now()
    forms = {
        "settings": SettingsForm.of(machine, by=by),
        "shops": ShopsForm.of(person, by=by),
        "note": NoteForm.of(person, by=by),
        "token": TokenForm(),
    } | ({name: wrong} if wrong else {})
    forms["shops"].fields["shops"].help_text = ""  # that of people speaks of roles
    events = person.events.filter(Q(shop=None) | Q(shop__in=Shop.objects.for_user(by))).select_related("shop")
    values, used = settings_of(machine), machines.use_today(machine)
    context = {
        "machine": machine,
        # (label, what holds, what of it is used today; '' where nothing is counted)
        "settings": [
            (label, words.machines.setting(name, values[name]), words.machines.used(name, used))
            for name, label in words.machines.LABELS.items()
            if name != "responsible"
        ],
        "shops": people.shops_of(person, by=by),
        "works_elsewhere": person.shops.exclude(pk__in=Shop.objects.for_user(by).values("pk")).exists(),
        "somebody_answers": machines.somebody_answers(machine),
        "tokens": machine.tokens.select_related("created_by")[:TOKENS_SHOWN],
        "live_count": machines.live_tokens(machine).count(),
        "max_tokens": machines.MAX_TOKENS,
        "now": now,
        "soon": now + SOON,
        "changes": changes.rows(person.access_changes.waiting(), by=by),
        "events": [words.events.told(event, of=person) for event in events.order_by("-pk")[:EVENTS_SHOWN]],
        "forms": forms,
        "form": wrong,
        "opened": name,
        "is_confirmed": is_confirmed(request, left=0 if wrong else LEFT_FOR_A_FORM),
        "may_change_everywhere": permissions.may(permissions.check_may_manage_person_everywhere, by, person),
    }
    return render(request, "machines/page.html", context, status=status)


def _change(request, machine, form, name, verb, done):
    """Calls the verb with what was typed; its refusal is shown on the machine's page."""
    status = 422
    if form.is_valid():
        try:
            change = verb(by=request.user, **form.cleaned_data)
        except WorkflowError as error:
            _put(error, form)
            status = 403 if isinstance(error, NotAllowed) else 422
        else:
            changes.tell(request, change, done)
            known = machines.known_to(request.user).filter(pk=machine.pk)
            return redirect("machine", machine.pk) if known.exists() else redirect("machine-list")
    return _page(request, machine, name=name, wrong=form, status=status)


def _put(error, form):
    field = FIELD_OF.get(type(error))
    form.add_error(field if field in form.fields else None, str(error))


@require_POST
@about_a_machine
@needs_password
def machine_settings(request: HttpRequest, machine: Machine) -> HttpResponse:
    form = SettingsForm.of(machine, by=request.user, data=request.POST)
    verb = functools.partial(machines.change_machine, machine)
    return _change(request, machine, form, "settings", verb, _("What the machine may do was changed."))


@require_POST
@about_a_machine
@needs_password
def machine_shops(request: HttpRequest, machine: Machine) -> HttpResponse:
    form = ShopsForm.of(machine.person, by=request.user, data=request.POST)
    verb = functools.partial(people.change_shops, machine.person)
    return _change(request, machine, form, "shops", verb, _("Seller accounts changed, effective immediately."))


@require_POST
@about_a_machine
@needs_password
def machine_deactivate(request: HttpRequest, machine: Machine) -> HttpResponse:
    form = NoteForm.of(machine.person, by=request.user, data=request.POST)
    verb = functools.partial(people.deactivate, machine.person)
    return _change(request, machine, form, "note", verb, _("Machine deactivated: its calls are refused."))


@require_POST
@about_a_machine
@needs_password
def machine_reactivate(request: HttpRequest, machine: Machine) -> HttpResponse:
    form = NoteForm.of(machine.person, by=request.user, data=request.POST)
    verb = functools.partial(people.reactivate, machine.person)
    return _change(request, machine, form, "note", verb, _("Machine reactivated."))


@require_POST
@about_a_machine
@needs_password
def machine_token(request: HttpRequest, machine: Machine) -> HttpResponse:
    """The token is shown once, in the answer itself: in a session or a message it could be read again."""
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            token = machines.make_token(machine, by=request.user, days=form.cleaned_data["days"])
        except WorkflowError as error:
            _put(error, form)
        else:
            newest = machine.tokens.first()
            return render(request, "machines/token.html", {"machine": machine, "token": token, "newest": newest})
    return _page(request, machine, name="token", wrong=form, status=422)


@require_POST
@about_a_machine
@needs_password
def token_revoke(request: HttpRequest, machine: Machine, token: ApiToken) -> HttpResponse:
    try:
        machines.revoke_token(token, by=request.user)
    except WorkflowError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Token revoked: calls with it are refused."))
    return redirect("machine", machine.pk)
