"""What Prometheus reads is what is there, in a text that its own parser reads, and the scrape stays cheap."""

import json
import re
import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from cancellations.figures import counting
from cancellations.models import ApiCall, AuditCheck, Backup, CancellationRequest, GroupRobot, Notice, Shop
from cancellations.models.secrets import Secret
from cancellations.sending import heartbeat
from cancellations.watching import exposition, work_metrics
from cancellations.watching.exposition import Metric, Sample
from cancellations.workflow import maintenance
from tests.history.test_indexes import many  # noqa: F401 - a fixture
from tests.people import APP_SECRET, approved, make_shop, numbers, submitted

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent
DASHBOARD = json.loads((ROOT / "deploy/grafana-dashboard.json").read_text())
ALERTS = [
    rule for group in yaml.safe_load((ROOT / "deploy/alerts.yml").read_text())["groups"] for rule in group["rules"]
]


@pytest.fixture
def scrape(client):
    """`scrape()`: (name, its labels sorted) -> value, as Prometheus' own parser reads them."""

    def read():
        answer = client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        families = list(text_string_to_metric_families(answer.content.decode()))
        assert all(family.type in ("gauge", "histogram") and family.documentation for family in families)
        samples = [sample for family in families for sample in family.samples]
        found = {(sample.name, *sorted(sample.labels.items())): sample.value for sample in samples}
        assert len(found) == len(samples)
        return found

    return read


def of(found, name, **labels):
    return found.get((f"wdtadmin_{name}", *sorted(labels.items())))


def test_requests_and_orders_are_counted_where_they_are(shop, cast, scrape, settings):
    settings.APPROVAL_HOLD_SECONDS = 0
    submitted(shop, cast.lina, ["CG1", "CG2"])
    waiting = approved(shop, cast.lina, cast.wangqiang, numbers(3))
    long_ago = timezone.now() - timedelta(seconds=100)
    CancellationRequest.objects.filter(pk=waiting.pk).update(decided_at=long_ago)
    CancellationRequest.objects.filter(status="SUBMITTED").update(submitted_at=long_ago)
    found = scrape()
    name = shop.name
    assert of(found, "requests", shop=name, status="SUBMITTED") == 1
    assert of(found, "requests", shop=name, status="APPROVED") == 1
    assert of(found, "orders_open", shop=name, outcome="WAITING") == 3  # those of the other wait for a person
    assert 100 <= of(found, "oldest_undecided_seconds", shop=name) < 160
    assert 100 <= of(found, "oldest_due_order_seconds", shop=name) < 160
    assert of(found, "orders_unknown", shop=name) == 0


def a_call(shop, *, ago, state="answered", problem="", method="cancelByType"):
    began = timezone.now() - timedelta(seconds=ago)
    finished = None if state == "in_flight" else began
    about = {"purpose": "send", "method": method, "body": "[]", "state": state, "problem": problem}
    return ApiCall.objects.create(credential=shop.credentials.get(), started_at=began, finished_at=finished, **about)


def test_orders_in_doubt_are_told_apart(shop, cast, scrape):
    request = approved(shop, cast.lina, cast.wangqiang, numbers(4))
    call = a_call(shop, ago=1)
    for position, changes in enumerate(
        (
            {"outcome": "UNKNOWN", "settle_at": timezone.now()},
            {"outcome": "UNKNOWN", "settle_at": None},
            {"outcome": "DONE", "known_by": "reported", "settle_at": timezone.now()},
        ),
        1,
    ):
        request.lines.filter(position=position).update(sent_in=call, **changes)
    found = scrape()
    assert of(found, "orders_unknown", shop=shop.name) == 2
    assert of(found, "orders_for_people", shop=shop.name) == 1
    assert of(found, "orders_to_verify", shop=shop.name) == 2


def test_what_has_ended_is_read_from_the_figures(shop, cast, scrape):
    request = approved(shop, cast.lina, cast.wangqiang, numbers(4))
    call = a_call(shop, ago=1)
    ApiCall.objects.filter(pk=call.pk).update(cancellation=request)
    request.lines.update(sent_in=call, outcome="REFUSED", known_by="verified")
    call_command("recount", verbosity=0)
    found = scrape()
    assert of(found, "orders", shop=shop.name, outcome="REFUSED", known_by="verified") == 4
    assert of(found, "orders", shop=shop.name, outcome="DONE", known_by="reported") == 0
    assert of(found, "calls", shop=shop.name, purpose="send") == 1


def test_calls_of_the_last_minutes_are_counted_and_no_older_ones(shop, scrape, monkeypatch):
    monkeypatch.setattr(work_metrics, "CALLS_AT_ONCE", 2)
    Shop.objects.update(seconds_between_calls=Decimal("1.50"))
    for ago in (400, 301, 299, 100, 3):
        a_call(shop, ago=ago)
    a_call(shop, ago=2, state="not_executed", problem="rate")
    a_call(shop, ago=1, state="in_flight", method="queryWithDetail")
    found = scrape()
    about = {"shop": shop.name, "method": "cancelByType"}
    assert of(found, "recent_calls", **about, state="answered", problem="") == 3
    assert of(found, "recent_calls", **about, state="not_executed", problem="rate") == 1
    assert of(found, "recent_rate_answers", shop=shop.name) == 1
    assert of(found, "pace_used_ratio", shop=shop.name) == 5 * 1.5 / 300


def test_an_account_says_what_keeps_it(shop, cast, scrape):
    shop.credentials.update(waiting_for="rate", failures=2)
    Shop.objects.update(paused_by=cast.wangqiang, paused_at=timezone.now())
    found = scrape()
    assert of(found, "account_failures", shop=shop.name) == 2
    assert of(found, "account_paused", shop=shop.name) == 1


def test_maintenance_is_told_with_its_end(scrape):
    found = scrape()
    assert of(found, "maintenance") == of(found, "maintenance_end_timestamp_seconds") == 0
    until = timezone.now() + timedelta(hours=1)
    maintenance.begin(until=until)
    found = scrape()
    assert of(found, "maintenance") == 1
    assert of(found, "maintenance_end_timestamp_seconds") == pytest.approx(until.timestamp(), abs=0.01)


def test_workers_notices_audit_and_backup_are_told(shop, cast, scrape):
    found = scrape()
    assert of(found, "workers_alive", queue="default") == of(found, "backup_timestamp_seconds") == 0
    assert of(found, "audit_check_timestamp_seconds") == of(found, "worker_beat_timestamp_seconds") == 0
    now = timezone.now()
    heartbeat.beat("sends", ["default", "exports"])
    heartbeat.beat("exports", ["exports"])
    AuditCheck.objects.create(at=now, events=0, fault="changed")
    Backup.objects.create(at=now, size=1, seconds=1)
    robot = GroupRobot.objects.create(
        shop=shop, kind="feishu", name="群", address=Secret("https://x"), is_active=False, off_at=now, off_code="19001"
    )
    for recipient in ({"person": cast.lina}, {"robot": robot}):
        Notice.objects.create(kind="audit", key="x", at=now - timedelta(seconds=70), due_at=now, **recipient)
    found = scrape()
    assert of(found, "workers_alive", queue="default") == 1
    assert of(found, "workers_alive", queue="exports") == 2
    assert of(found, "audit_fault") == 1
    assert of(found, "backup_timestamp_seconds") == pytest.approx(now.timestamp(), abs=0.01)
    assert of(found, "notices_waiting", channel="mail") == of(found, "notices_waiting", channel="feishu") == 1
    assert 70 <= of(found, "oldest_notice_seconds", channel="feishu") < 130
    assert of(found, "oldest_notice_seconds", channel="wecom") == 0
    assert of(found, "robots_switched_off") == 1


@pytest.mark.django_db(transaction=True)
def test_a_backup_that_was_made_is_known(scrape, tmp_path):
    call_command("backup", str(tmp_path), verbosity=0)
    assert of(scrape(), "backup_timestamp_seconds") == pytest.approx(timezone.now().timestamp(), abs=60)
    assert Backup.objects.get().size == next(tmp_path.iterdir()).stat().st_size


def test_a_name_with_every_sign_comes_back_as_it_was(scrape, cast):
    names = {'a "quoted" \\ name', "two\nlines", "上海{},=", "\\n"}
    for number, name in enumerate(names):
        make_shop(name, sid=f"sid{number}", members=[cast.lina])
    assert {dict(labels).get("shop") for _, *labels in scrape()} >= names


def test_the_parser_would_find_a_broken_text():
    good = exposition.render([Metric("a", "b", [Sample(1.5, {"c": "d"})])])
    [family] = text_string_to_metric_families(good)
    assert (family.name, family.samples[0].value, family.samples[0].labels) == ("a", 1.5, {"c": "d"})
    with pytest.raises(ValueError, match=r".+"):
        list(text_string_to_metric_families(good.replace('"d"', '"d')))


def test_nothing_in_it_is_secret_or_of_a_person(shop, cast, client):
    request = approved(shop, cast.lina, cast.wangqiang, numbers(2))
    heartbeat.beat("a-worker")
    call_command("recount", verbosity=0)
    text = client.get("/metrics").content.decode() + client.get("/health/work").content.decode()
    assert shop.name in text
    people = [value for person in vars(cast).values() for value in (person.username, person.name) if value]
    app_key = shop.credentials.get().app_key
    others = [request.number, request.reason, *numbers(2), APP_SECRET, app_key, shop.sid, "a-worker"]
    assert len(people) > 15
    assert not [told for told in (*people, *others) if told in text]


def test_more_orders_and_calls_make_no_more_samples_or_queries(shop, cast, scrape):
    approved(shop, cast.lina, cast.wangqiang, numbers(2))
    a_call(shop, ago=1)
    scrape()
    with CaptureQueriesContext(connection) as before:
        few = scrape()
    for start in (10, 20, 30):
        approved(shop, cast.lina, cast.wangqiang, numbers(9, start=start), token=uuid.uuid4())
        a_call(shop, ago=start)
    counting.count_due()
    with CaptureQueriesContext(connection) as after:
        more = scrape()
    assert len(before) == len(after) <= 25
    assert set(few) == set(more)


INDEXES = {
    "UNKNOWN": {"lines_that_are_unknown"},
    "needs_person": {"lines_for_people"},
    "settle_at": {"lines_to_settle"},
    "WAITING": {"lines_by_outcome", "an_order_is_open_in_one_request"},
}


def plan(query):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # a table of this size may be read as a whole
        cursor.execute(
            ("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + query.replace("%", "%%")
        )
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize("what", INDEXES)
def test_a_scrape_reads_indexes(what, many, client):  # noqa: F811
    with CaptureQueriesContext(connection) as asked:
        client.get("/metrics")
    conditions = [(query["sql"], query["sql"].partition("WHERE")[2]) for query in asked]
    queries = [query for query, condition in conditions if re.search(rf"\b{what}\b", condition)]
    assert queries
    assert [shown for shown in map(plan, queries) if not any(index in shown for index in INDEXES[what])] == []


def test_no_statement_of_a_scrape_walks_all_orders_or_calls(many, client):  # noqa: F811
    with CaptureQueriesContext(connection) as asked:
        client.get("/metrics")
    plans = [plan(query["sql"]) for query in asked if query["sql"].startswith("SELECT")]
    tables = ("cancellations_orderline", "cancellations_apicall")
    walked = [f"{way} {table}\n" for way in ("SCAN", "Seq Scan on") for table in tables]
    assert not [shown for shown in plans if any(way in f"{shown}\n" for way in walked)]


def named_in(expression):
    return set(re.findall(r"\bwdtadmin_\w+", expression))


def test_every_metric_of_the_dashboard_and_the_alarms_exists(shop, cast, client):
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", client.get("/metrics").content.decode(), re.MULTILINE))
    existing = {f"{name}_bucket" if kind == "histogram" else name for name, kind in types.items()}
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    asked = [variable["query"] for variable in DASHBOARD["templating"]["list"]]
    alarms = [rule["expr"] for rule in ALERTS]
    assert all(map(named_in, [*panels, *alarms]))
    named = set().union(*map(named_in, [*panels, *asked, *alarms]))
    assert named <= existing
    assert existing - set().union(*map(named_in, panels)) == {"wdtadmin_worker_beat_timestamp_seconds"}


def test_the_document_says_of_each_alarm_what_the_rule_says():
    table = (ROOT / "docs/operating.md").read_text().partition("## Watching it")[2].partition("\n## ")[0]
    told = dict(re.findall(r"^\| `(Wdtadmin\w+)` \| (.+?) \|", table, re.MULTILINE))
    assert told == {rule["alert"]: rule["annotations"]["summary"] for rule in ALERTS}
