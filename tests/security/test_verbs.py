"""Every verb posted directly: by everybody, on a request in every status, their own or not, of their shop or not.

WHO and WHEN are written down here by hand and know nothing of permissions.py and transitions.py.
"""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.http import HttpResponse
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from cancellations.models import ApiCall, CancellationRequest, Event, Lookup, OrderLine, Shop
from cancellations.pages.requests import page
from cancellations.pages.requests import verbs as views
from cancellations.workflow import administrator
from tests.people import submitted
from tests.security.conftest import same_session, undone
from tests.security.states import in_status

pytestmark = pytest.mark.django_db
Status, Outcome = CancellationRequest.Status, OrderLine.Outcome

# Who, seen from a request -> name in the cast. Zhou Lan is a clerk and a manager; "their own" is a request of hers.
OF_OTHERS = {
    "requester": "lina",
    "other clerk": "sunyue",
    "manager": "wangqiang",
    "clerk and manager": "zhoulan",
    "auditor": "chenjing",
    "administrator": "zhaolei",
    "superuser": "root",
    "every role elsewhere": "outsider",
    "deactivated": "gone",
    "stranger": "",
}
CLERKS = {"requester", "requester and manager", "other clerk", "clerk and manager"}
THEIRS = {"requester", "requester and manager"}
DECIDERS = {"manager", "clerk and manager"}
ANSWERABLE = THEIRS | DECIDERS | {"administrator", "superuser"}
ENDED = {Status.FINISHED, Status.REJECTED, Status.WITHDRAWN, Status.EXPIRED, Status.STOPPED}
# In these there is an order, below, whose outcome nobody could find out.
IN_DOUBT = {Status.RUNNING, Status.PAUSED, Status.FINISHED, Status.STOPPED}

# verb -> (who, in which statuses, the answer in another status, the status afterwards, the event)
VERBS = {
    "submit": (THEIRS, {Status.DRAFT}, 409, Status.SUBMITTED, "submitted"),
    "withdraw": (THEIRS, {Status.DRAFT, Status.SUBMITTED}, 409, Status.WITHDRAWN, "withdrawn"),
    "drop": (THEIRS, {Status.DRAFT}, 409, None, "dropped"),
    "look-again": (THEIRS | DECIDERS, {Status.DRAFT, Status.SUBMITTED}, 409, None, "asked_for_lookup"),
    "approve": (DECIDERS, {Status.SUBMITTED}, 409, Status.APPROVED, "approved"),
    "reject": (DECIDERS, {Status.SUBMITTED}, 409, Status.REJECTED, "rejected"),
    "extend": (DECIDERS, {Status.SUBMITTED}, 409, None, "extended"),
    "stop": (ANSWERABLE, {Status.APPROVED, Status.RUNNING, Status.PAUSED}, 409, Status.STOPPED, "stopped"),
    "resume": (ANSWERABLE - {"requester"}, {Status.PAUSED}, 409, Status.RUNNING, "resumed"),
    "ask-again": (ANSWERABLE, IN_DOUBT, 422, None, "asked_again"),
    "by-hand": (DECIDERS, IN_DOUBT, 422, None, "decided_by_hand"),
    "copy": (CLERKS, ENDED, 409, None, "drafted"),
}


@pytest.fixture(autouse=True)
def _no_whole_page(monkeypatch):
    """What is proved here are the answer's status and what changed; drawing the page around it takes the most time."""
    for module in (views, page):
        monkeypatch.setattr(module, "page", lambda *_, status, **__: HttpResponse(status=status))


@pytest.fixture
def clients(cast, shop, outsider, sign_in):
    """A client for every name of the cast, opened once."""
    people = {**vars(cast), "outsider": outsider, "": None}
    return {name: sign_in(people[name]) for name in OF_OTHERS.values()}


def posted(verb, cancellation):
    return {
        "approve": {"seen_hash": cancellation.content_hash, "note": "同意"},
        "reject": {"seen_hash": cancellation.content_hash, "note": "不同意"},
        "stop": {"note": "供应商改期"},
        "drop": {"what": "refused"},
        "by-hand": {"shown": ["1", "2", "3"], "done": "yes", "note": "在 ERP 里看过"},
    }.get(verb, {})


def expected(verb, who, status):
    """(the answer, whether anything changes)"""
    may, statuses, otherwise, _, _ = VERBS[verb]
    if who in ("stranger", "deactivated"):
        return 302, False
    if who == "every role elsewhere" or (status == Status.DRAFT and who not in THEIRS):
        return 404, False
    if who not in may:
        return 403, False
    return (302, True) if status in statuses else (otherwise, False)


# The tables of all that a verb could change.
TABLES = [
    model._meta.db_table for model in (CancellationRequest, OrderLine, Lookup, Event, ApiCall, Shop, DBTaskResult)
]


def everything():
    """All that a verb could change, past all models: it is asked for after every verb of everybody."""
    rows = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY id')
            rows.append(cursor.fetchall())
    return rows


def mistakes(verb, who, client, cancellation, before):
    """What differs from the table when this person posts this verb; everything is taken back afterwards."""
    answer_expected, changes = expected(verb, who, cancellation.status)
    with undone():
        address = reverse(f"cancellation-{verb}", args=[cancellation.number])
        answer = same_session(client).post(address, posted(verb, cancellation)).status_code
        problems = [f"answered {answer}, expected {answer_expected}"] if answer != answer_expected else []
        after = everything()
        if changes and not problems:
            problems += _wrongly_done(verb, cancellation, before, after)
        elif after != before:
            problems.append("changed something")
    return [f"{verb} by {who} in {cancellation.status}: {problem}" for problem in problems]


def _wrongly_done(verb, cancellation, before, after):
    *_, target, kind = VERBS[verb]
    new = Event.objects.filter(pk__gt=max(row[0] for row in before[3]))
    problems = [] if list(new.values_list("kind", flat=True)) == [kind] else [f"events: {list(new)}"]
    status = CancellationRequest.objects.get(pk=cancellation.pk).status
    if status != (target or cancellation.status):
        problems.append(f"now {status}")
    if after == before:
        problems.append("changed nothing")
    return problems


@pytest.mark.parametrize("status", Status.values)
def test_a_verb_does_what_the_table_says_and_otherwise_nothing(status, shop, cast, clients):
    of_lina = in_status(status, shop, cast.lina, cast.wangqiang)
    before, wrong = everything(), []
    for verb in VERBS:
        for who, name in OF_OTHERS.items():
            wrong += mistakes(verb, who, clients[name], of_lina, before)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("status", Status.values)
def test_on_their_own_request_a_manager_is_a_requester_only(status, shop, cast, clients):
    own = in_status(status, shop, cast.zhoulan, cast.wangqiang)
    before, wrong = everything(), []
    for verb in VERBS:
        wrong += mistakes(verb, "requester and manager", clients["zhoulan"], own, before)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("status", Status.values)
def test_a_request_of_another_shop_is_not_found(status, shop, shop_of_others, cast, outsider, clients):
    decider = outsider
    elsewhere = in_status(status, shop_of_others, cast.heping, decider)
    before, wrong = everything(), []
    for verb in VERBS:
        for who in ("other clerk", "manager", "auditor", "administrator"):
            with undone():
                address = reverse(f"cancellation-{verb}", args=[elsewhere.number])
                answer = same_session(clients[OF_OTHERS[who]]).post(address, posted(verb, elsewhere)).status_code
                if answer != 404 or everything() != before:
                    wrong.append(f"{verb} by {who}: {answer}")
    assert not wrong, "\n".join(wrong)


# verb -> (the account is paused before, the event)
OF_SHOPS = {
    "pause": (False, "account_paused"),
    "resume": (True, "account_resumed"),
    "test": (None, "connection_tested"),
}


@pytest.mark.parametrize("is_paused", [False, True])
@pytest.mark.parametrize("verb", OF_SHOPS)
def test_only_its_administrators_pause_resume_and_test_a_shop(verb, is_paused, shop, cast, clients):
    if is_paused:
        administrator.pause_account(shop, by=cast.zhaolei, note="升级")
    before, wrong = everything(), []
    needed, kind = OF_SHOPS[verb]
    for who, name in OF_OTHERS.items():
        may = who in ("administrator", "superuser")
        status = 404 if who == "every role elsewhere" else 302 if may or who in ("stranger", "deactivated") else 403
        with undone():
            answer = same_session(clients[name]).post(reverse(f"shop-{verb}", args=[shop.pk]), {"note": "升级"})
            events = [event.kind for event in Event.objects.all()[len(before[3]) :]]
            changes = may and needed in (None, is_paused)
            if answer.status_code != status or events != ([kind] if changes else []):
                wrong.append(f"{who}: {answer.status_code}, {events}")
            if (everything() != before) is not changes:
                wrong.append(f"{who}: something changed although nothing may, or nothing although it should")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["clerk", "manager", "auditor", "administrator", None])
def test_a_role_or_a_shop_alone_allows_nothing(role, shop, cast, sign_in):
    """Roles come from groups, shops from memberships; only both together let somebody act."""
    person = cast.heping if role else cast.lina
    person.groups.set(Group.objects.filter(name=role))
    cancellation = submitted(shop, cast.sunyue)
    client, before = sign_in(person), everything()
    for verb in VERBS:
        answer = client.post(reverse(f"cancellation-{verb}", args=[cancellation.number]), posted(verb, cancellation))
        assert answer.status_code == (404 if role else 403), verb
    assert everything() == before
