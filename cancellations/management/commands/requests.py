"""Requests for the server's own scripts, by the verbs of the pages, in the name of the person or machine after --as.

Nothing here decides on a request. Whoever may run this could change the database as well; the audit trail names that
person, and says that it was done by a command on the server. Exit codes: 0 done, and of wait: all orders are; 1 an
order was refused or not sent; 2 an order is unknown or for a person; 3 the time is over; 4 not allowed, or bad input.
"""

import json
import os
import signal
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cancellations import words
from cancellations.management import requests_answers as answers
from cancellations.management import requests_lists as lists
from cancellations.management.requests_lists import REFUSED, refused
from cancellations.models import CancellationRequest, Person, ReasonKind, Shop
from cancellations.models.events import SERVER, written_via
from cancellations.pages.requests.preview import source
from cancellations.workflow import clerk, control, drafts, machines, maintenance
from cancellations.workflow.errors import WorkflowError

Status = CancellationRequest.Status
SOME_FAILED, IN_DOUBT, TIME_OVER = 1, 2, 3
SECONDS_BETWEEN_LOOKS = 2
MAX_EXTERNAL_ID = 100
READING = ("list", "show", "wait")


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        listed = verbs.add_parser("list", help="what the person may read, the newest first")
        listed.add_argument("--status", action="append", type=str.upper, choices=Status.values)
        listed.add_argument("--shop", default="", help="name or sid of a seller account")
        listed.add_argument("--since", type=day, metavar="2026-11-01", help="made on this day or later")
        shown = verbs.add_parser("show", help="one request, its orders and what became of them")
        add_arguments_of_create(verbs.add_parser("create", help="makes a draft, if nothing in the list is in doubt"))
        verbs.add_parser("submit", help="hands a draft to the approvers")
        verbs.add_parser("withdraw", help="takes back what nobody has decided on yet")
        stopped = verbs.add_parser("stop", help="nothing further is sent")
        stopped.add_argument("--note", required=True, help="why; it stands in the history")
        waited = verbs.add_parser("wait", help="until the request has ended and nothing is left to verify")
        waited.add_argument("--timeout", type=int, metavar="SECONDS", help="as long as it takes, if not said")
        for one in (listed, shown):
            one.add_argument("--json", action="store_true", help="codes, times in UTC")
        for name, one in verbs.choices.items():
            if name not in ("list", "create"):
                one.add_argument("number", help="the request's number, such as CR20261125-0001")
            one.add_argument("--as", dest="username", required=True, help="the username of who asks")
            one.add_argument("--language", choices=dict(settings.LANGUAGES), help="that of LANG, if not said")

    def run_from_argv(self, argv: list[str]) -> None:
        """As every command, but for what cannot be parsed: argparse's exit code, 2, means something else here."""
        try:
            asked = self.create_parser(argv[0], argv[1]).parse_args(argv[2:])
        except CommandError as error:
            self.stderr.write(str(error))
            sys.exit(REFUSED)
        if asked.verb in ("list", "show"):
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads may stop reading, as after any filter
        super().run_from_argv(argv)

    def handle(self, *, verb: str, username: str, language: str | None, **options: Any) -> None:
        do = {
            "list": self.list_requests,
            "show": self.show,
            "create": self.create,
            "submit": self.submit,
            "withdraw": self.withdraw,
            "stop": self.stop,
            "wait": self.wait,
        }[verb]
        with translation.override(language or language_of_terminal()), written_via(SERVER):
            check_texts([username, *options.values()])
            try:
                do(actor(username, changes=verb not in READING), **options)
            except WorkflowError as error:
                raise refused(str(error)) from error

    def list_requests(
        self, person: Person, *, status: list[str] | None, shop: str, since: datetime | None, **options: Any
    ) -> None:
        found = CancellationRequest.objects.for_user(person).select_related("shop", "requester")
        found = found.exclude(status=Status.WITHDRAWN, submitted_at__isnull=True)  # discarded drafts
        if status:
            found = found.filter(status__in=status)
        if shop:
            found = found.filter(shop=shop_of(person, shop))
        if since:
            found = found.filter(created_at__gte=since)
        if options["json"]:
            self.print_json([answers.summary(one) for one in found.iterator(1000)])
        else:
            self.stdout.write(answers.headings())
            for one in found.iterator(1000):
                self.stdout.write(answers.line_of(one))

    def show(self, person: Person, *, number: str, **options: Any) -> None:
        cancellation = find(person, number)
        if options["json"]:
            self.print_json(answers.whole(cancellation))
        else:
            for line in answers.text_of(cancellation):
                self.stdout.write(line)

    def create(
        self,
        person: Person,
        *,
        file: str,
        shop: str,
        operation: str,
        external_id: str | None,
        take_doubtful: bool,
        submit: bool,
        include_checked: bool,
        reason: str,
        reason_kind: str,
        **options: Any,
    ) -> None:
        drafts.check_option(answers.OPERATIONS[operation], include_checked)
        form = lists.read_list(
            person,
            file,
            shop=shop_of(person, shop),
            operation=answers.OPERATIONS[operation],
            include_checked=include_checked,
            reason=reason,
            reason_kind=reason_kind,
            take_doubtful=take_doubtful,
        )
        in_doubt = list(lists.what_is_in_doubt(form))
        for parts in in_doubt:
            self.stderr.write(answers.columns(*parts))
        if in_doubt and not take_doubtful:
            raise refused(_("Nothing was made: these entries are not recognized, or to be checked."))
        self.stdout.write(make(form, person, external_id=external_id or "", submit=submit).number)

    def submit(self, person: Person, *, number: str, **options: Any) -> None:
        cancellation = find(person, number)
        clerk.submit(cancellation, by=person)
        self.print_status(cancellation)

    def withdraw(self, person: Person, *, number: str, **options: Any) -> None:
        cancellation = find(person, number)
        clerk.withdraw(cancellation, by=person)
        self.print_status(cancellation)

    def stop(self, person: Person, *, number: str, note: str, **options: Any) -> None:
        cancellation = find(person, number)
        control.stop(cancellation, by=person, note=note)
        self.print_status(cancellation)

    def wait(self, person: Person, *, number: str, timeout: int | None, **options: Any) -> None:
        started = time.monotonic()
        while (numbers := numbers_at_the_end(person, number)) is None:
            left = SECONDS_BETWEEN_LOOKS if timeout is None else timeout - (time.monotonic() - started)
            if left <= 0:
                self.stderr.write(_("The time is over; the request goes on."))
                sys.exit(TIME_OVER)
            time.sleep(min(left, SECONDS_BETWEEN_LOOKS))
        cancellation = find(person, number)
        standing = words.orders.standing(cancellation, numbers)[1]
        self.stdout.write(answers.columns(number, standing, words.orders.outcomes_of(numbers)))
        if numbers["UNKNOWN"] or numbers["for_people"]:
            sys.exit(IN_DOUBT)
        if numbers["REFUSED"] or numbers["SKIPPED"]:
            sys.exit(SOME_FAILED)

    def print_json(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, ensure_ascii=False, indent=1))

    def print_status(self, cancellation: CancellationRequest) -> None:
        self.stdout.write(answers.columns(cancellation.number, cancellation.get_status_display()))


def add_arguments_of_create(parser: CommandParser) -> None:
    parser.add_argument("file", help="Excel, ODS, CSV or text; - is text on standard input")
    parser.add_argument("--shop", required=True, help="name or sid of a seller account")
    parser.add_argument("--operation", required=True, choices=answers.OPERATIONS)
    parser.add_argument("--include-checked", action="store_true", help="orders awaiting check or already checked too")
    parser.add_argument("--reason", default="")
    parser.add_argument("--reason-kind", default="", choices=ReasonKind.values)
    parser.add_argument("--external-id", type=external_id, help="a repetition finds the request by it")
    parser.add_argument("--take-doubtful", action="store_true", help="takes what is in doubt, leaves out the rest")
    parser.add_argument("--submit", action="store_true", help="hands it to the approvers at once")


def day(text: str) -> datetime:
    """The beginning of a day of this century, where people work."""
    found = date.fromisoformat(text)
    if not 2000 <= found.year <= 2099:
        raise ValueError
    return timezone.make_aware(datetime(found.year, found.month, found.day))  # noqa: DTZ001 - it is made aware


def external_id(text: str) -> str:
    if not 1 <= len(text.strip()) <= MAX_EXTERNAL_ID or not text.isprintable():
        raise ArgumentTypeError(f"an external ID has 1 to {MAX_EXTERNAL_ID} printable characters")
    return text.strip()


def language_of_terminal() -> str:
    """Chinese where the terminal is, else English."""
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh-hans" if next(filter(None, named), "").startswith("zh") else "en"


def check_texts(options: Iterable[Any]) -> None:
    """Raises CommandError for what no database can hold: NULs, and bytes that are no UTF-8."""
    for text in options:
        if isinstance(text, str) and ("\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text)):
            raise refused(_("An argument is not valid UTF-8, or holds a NUL character."))


def actor(username: str, *, changes: bool) -> Person:
    """The active person or machine of this name. Raises CommandError; and for what `changes` something InMaintenance,
    and NotAllowed for a machine that only reads."""
    person = Person.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise refused(_("There is no active person or machine with the username “%(name)s”.") % {"name": username})
    if changes:
        maintenance.check_none()
        if person.is_machine:
            machines.check_may_ask(person.machine)
    return person


def find(person: Person, number: str) -> CancellationRequest:
    """The request if the person may read it; else CommandError."""
    readable = CancellationRequest.objects.for_user(person).select_related("shop", "requester")
    found = readable.filter(number=number).first()
    if found is None:
        raise refused(_("There is no request %(number)s, or you have no access to it.") % {"number": number})
    return found


def shop_of(person: Person, name: str) -> Shop:
    """The seller account of the person with this name or, if there is one only, this sid; else CommandError."""
    own = Shop.objects.for_user(person)
    found = own.filter(name=name) or own.filter(sid=name)
    if len(found) != 1:
        raise refused(_("This seller account does not exist, or you have no access to it."))
    return found[0]


@transaction.atomic
def make(form: lists.NewRequestForm, person: Person, *, external_id: str, submit: bool) -> CancellationRequest:
    """The draft of what the form holds, or what there is of the same content under the external ID; all or nothing."""
    token = form.cleaned_data["token"]
    made = drafts.draft(
        form.cleaned_data["shop"],
        by=person,
        orders=form.intake.orders,
        token=token,
        external_id=external_id,
        source=source(form),
        **form.asked,
    )
    if made.form_token == token:
        lists.check_not_open_elsewhere(made)
    else:
        lists.check_is_the_same(made, form)
    if submit and made.status == Status.DRAFT:
        clerk.submit(made, by=person)
    return made


def numbers_at_the_end(person: Person, number: str) -> dict[str, Any] | None:
    """How the orders of the request ended; None while it goes on, and while the database is away."""
    try:
        person.refresh_from_db(fields=["is_active"])
        cancellation = find(person, number)
        numbers = answers.numbers_of(cancellation)
    except OperationalError:
        connection.close_if_unusable_or_obsolete()
        return None
    goes_on = not cancellation.ended_at or numbers["to_settle"] or numbers["SENDING"]
    return None if goes_on else numbers
