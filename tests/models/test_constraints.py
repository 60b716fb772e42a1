"""What must never happen is refused by the database itself, whoever asks: each proof goes around the verbs."""

import uuid
from datetime import date, time

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from cancellations.models import (
    AccessChange,
    ApiAnswer,
    ApiCall,
    CalendarDay,
    CancellationRequest,
    ChainLink,
    Chore,
    Credential,
    DailyFigures,
    DailyNumber,
    DailyRefusals,
    DailyShares,
    Event,
    GroupRobot,
    KnownName,
    Lookup,
    Machine,
    Maintenance,
    MonthlyFigures,
    MonthlyRefusals,
    MonthlyShares,
    Notice,
    NoticeSettings,
    OrderLine,
    OrderSnapshot,
    PageTimes,
    RestoredCopy,
    SavedFilter,
    Shop,
    StaleDay,
    Upload,
    Usage,
    Webhook,
    WebhookDelivery,
    Worker,
)
from cancellations.models.secrets import Secret
from tests import made_machines
from tests.models import refused_exports
from tests.people import approved, draft_of, submitted

pytestmark = pytest.mark.django_db


def set_by_sql(record, **values):
    """UPDATE of one row in plain SQL."""
    columns = ", ".join(f"{column} = %s" for column in values)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {record._meta.db_table} SET {columns} WHERE id = %s", [*values.values(), record.pk])


def decided_by_the_requester(shop, cast):
    set_by_sql(approved(shop, cast.lina, cast.wangqiang), decided_by_id=cast.lina.pk)


def decided_by_nobody(shop, cast):
    set_by_sql(approved(shop, cast.lina, cast.wangqiang), decided_at=None)


def running_without_a_decision(shop, cast):
    set_by_sql(submitted(shop, cast.lina), status="RUNNING")


def decided_on_something_else(shop, cast):
    set_by_sql(approved(shop, cast.lina, cast.wangqiang), content_hash="0" * 64)


def rejected_without_a_note(shop, cast):
    set_by_sql(approved(shop, cast.lina, cast.wangqiang), status="REJECTED")


def stopped_by_somebody_at_no_time(shop, cast):
    set_by_sql(approved(shop, cast.lina, cast.wangqiang), stopped_by_id=cast.lina.pk)


def stopped_by_nobody(shop, cast):
    set_by_sql(approved(shop, cast.lina, cast.wangqiang), status="STOPPED")


def submitted_at_no_time(shop, cast):
    set_by_sql(submitted(shop, cast.lina), submitted_at=None)


def submitted_without_a_deadline(shop, cast):
    set_by_sql(submitted(shop, cast.lina), expires_at=None)


def paused_for_no_reason(shop, cast):
    set_by_sql(approved(shop, cast.lina, cast.wangqiang), status="PAUSED")


def stop_waiting_with_the_option_of_cancelling(shop, cast):
    set_by_sql(draft_of(shop, cast.lina, operation=1), allow_checked=True)


def a_fourth_operation(shop, cast):
    set_by_sql(draft_of(shop, cast.lina), operation=3)


def without_a_reason(shop, cast):
    set_by_sql(draft_of(shop, cast.lina), reason="")


def one_form_for_two_requests(shop, cast):
    first, second = draft_of(shop, cast.lina, ["CG1"]), draft_of(shop, cast.lina, ["CG2"])
    CancellationRequest.objects.filter(pk=second.pk).update(form_token=first.form_token)


def one_number_for_two_requests(shop, cast):
    first, second = draft_of(shop, cast.lina, ["CG1"]), draft_of(shop, cast.lina, ["CG2"])
    set_by_sql(second, number=first.number)


def two_active_credentials(shop, cast):
    Credential.objects.create(shop=shop, app_key="other", app_secret=shop.credentials.get().app_secret)


def two_shops_of_one_seller_account(shop, cast):
    Shop.objects.create(name="另一家", sid=shop.sid, environment=shop.environment)


def two_shops_of_one_name(shop, cast):
    Shop.objects.create(name=shop.name, sid="another", environment=shop.environment)


def a_call_for_no_order(shop, cast):
    set_by_sql(shop, orders_per_call=0)


def a_pace_below_zero(shop, cast):
    set_by_sql(shop, seconds_between_calls=-1)


def an_order_twice_in_a_request(shop, cast):
    set_by_sql(draft_of(shop, cast.lina, ["CG1", "CG2"]).lines.get(position=2), order_no="cg1")


def a_position_twice_in_a_request(shop, cast):
    set_by_sql(draft_of(shop, cast.lina, ["CG1", "CG2"]).lines.get(position=2), position=1)


def an_order_waiting_in_two_requests(shop, cast):
    submitted(shop, cast.lina, ["CG1"])
    OrderLine.objects.filter(cancellation=draft_of(shop, cast.sunyue, ["cg1"])).update(outcome="WAITING")


def an_outcome_that_nobody_knows(shop, cast):
    set_by_sql(submitted(shop, cast.lina).lines.first(), known_by="reported")


def done_without_a_call(shop, cast):
    set_by_sql(submitted(shop, cast.lina).lines.first(), outcome="DONE", known_by="reported")


def a_call_in_flight_that_has_ended(shop, cast):
    call = ApiCall(credential=shop.credentials.get(), purpose="send", method="x", body="[]", started_at=timezone.now())
    call.finished_at = call.started_at
    call.save()


def a_day_with_two_counters(shop, cast):
    draft_of(shop, cast.lina)
    DailyNumber.objects.create(day=timezone.localdate(), last=0)


def a_day_twice_in_the_calendar(shop, cast):
    for is_working in (False, True):
        CalendarDay(day="2027-02-06", is_working=is_working).save(force_insert=True)


def working_hours_with_one_end(shop, cast):
    set_by_sql(shop, send_from="09:00")


def paused_by_somebody_at_no_time(shop, cast):
    set_by_sql(shop, paused_by_id=cast.zhaolei.pk)


def two_lookups_at_a_time(shop, cast):
    first = draft_of(shop, cast.lina).lookups.get()
    Lookup.objects.create(cancellation=first.cancellation, shop=shop, wanted=1, of=1, started_at=first.started_at)


def a_failure_without_an_end(shop, cast):
    set_by_sql(draft_of(shop, cast.lina).lookups.get(), failure="rate")


def an_order_twice_in_a_lookup(shop, cast):
    snapshot = draft_of(shop, cast.lina).lookups.get().snapshots.first()
    OrderSnapshot.objects.create(lookup=snapshot.lookup, line=snapshot.line)


def found_without_asking(shop, cast):
    set_by_sql(draft_of(shop, cast.lina).lookups.get().snapshots.first(), found=True)


def a_file_with_the_token_of_another(shop, cast):
    upload = Upload.objects.create(person=cast.lina, name="a.csv", content=b"", brought_at=timezone.now())
    Upload(token=upload.pk, person=cast.lina, name="b.csv", content=b"", brought_at=timezone.now()).save(
        force_insert=True
    )


def two_workers_of_one_name(shop, cast):
    now = timezone.now()
    for process in (1, 2):
        Worker.objects.create(name="w", host="h", process=process, started_at=now, beat_at=now)


def a_chore_twice(shop, cast):
    Chore.objects.create(name="forget usage")
    Chore(name="forget usage").save(force_insert=True)


def two_counts_for_an_hour(shop, cast):
    hour = timezone.now()
    for _ in range(2):
        Usage.objects.create(person=cast.lina, work="upload", hour=hour)


def two_rows_of_a_page(shop, cast):
    for _ in range(2):
        PageTimes.objects.create(page="history", at_most="0.1", answers=1, seconds=0.07)


def retired_by_nobody(shop, cast):
    set_by_sql(shop.credentials.get(), is_active=False, retired_at=timezone.now())


def two_people_of_one_username(shop, cast):
    set_by_sql(cast.lina, username="sunyue")


def an_event_copied(shop, cast):
    event = draft_of(shop, cast.lina).events.get()
    event.pk = None
    event.save(force_insert=True)


def two_links_of_one_event(shop, cast):
    event = draft_of(shop, cast.lina).events.get()
    for number in (1, 2):
        ChainLink.objects.create(number=number, event=event, mac="0" * 64)


def two_links_of_one_number(shop, cast):
    for order_no in ("CG1", "CG2"):
        event = draft_of(shop, cast.lina, [order_no]).events.get()
        ChainLink(number=1, event=event, mac="0" * 64).save(force_insert=True)


def two_rows_of_figures(shop, cast):
    day = timezone.localdate()
    for _ in range(2):
        DailyFigures.objects.create(day=day, week=day, month=day, shop=shop, operation=0, requester=cast.lina)


def a_reason_two_times(shop, cast):
    about = {"day": timezone.localdate(), "shop": shop, "operation": 0, "requester": cast.lina}
    for orders in (1, 2):
        DailyRefusals.objects.create(**about, known_by="reported", words="已入库", orders=orders)


def two_rows_of_figures_of_a_month(shop, cast):
    for _ in range(2):
        MonthlyFigures.objects.create(month="2026-11-01", shop=shop, operation=0, requester=cast.lina)


def a_reason_two_times_in_a_month(shop, cast):
    about = {"month": "2026-11-01", "shop": shop, "operation": 0, "requester": cast.lina}
    for orders in (1, 2):
        MonthlyRefusals.objects.create(**about, known_by="reported", words="已入库", orders=orders)


def a_share_two_times(shop, cast):
    about = {"day": timezone.localdate(), "shop": shop, "operation": 0, "requester": cast.lina}
    for orders in (1, 2):
        DailyShares.objects.create(**about, trait="supplier", value="杭州明达纺织", orders=orders)


def a_share_two_times_in_a_month(shop, cast):
    about = {"month": "2026-11-01", "shop": shop, "operation": 0, "requester": cast.lina}
    for orders in (1, 2):
        MonthlyShares.objects.create(**about, trait="supplier", value="杭州明达纺织", orders=orders)


def asked_for(cast, kind="link", **about):
    about = {"asked_by": cast.zhaolei, "asked_at": timezone.now()} | about
    return AccessChange.objects.create(person=cast.lina, kind=kind, **about)


def a_change_asked_for_twice(shop, cast):
    for _ in range(2):
        asked_for(cast)


def a_change_that_nobody_confirmed(shop, cast):
    asked_for(cast, state="done")


def a_change_for_oneself(shop, cast):
    asked_for(cast, asked_by=cast.lina)


def two_people_of_one_identity(shop, cast):
    for person in (cast.lina, cast.sunyue):
        person.oidc_issuer, person.oidc_subject = "https://id.example.com", "17"
        person.save()


def a_stale_day_twice(shop, cast):
    for _ in range(2):
        StaleDay(day=timezone.localdate()).save(force_insert=True)


def a_supplier_known_twice(shop, cast):
    for _ in range(2):
        KnownName.objects.create(shop=shop, kind="supplier", name="杭州明达纺织")


def a_name_for_two_filters(shop, cast):
    for query in ("outcome=DONE", "outcome=UNKNOWN"):
        SavedFilter.objects.create(person=cast.lina, kind="history", name="mine", query=query)


def told_twice(shop, cast):
    for _ in range(2):
        Notice.objects.create(person=cast.lina, **a_notice())


def a_group_told_twice(shop, cast):
    robot = a_robot(shop)
    for _ in range(2):
        Notice.objects.create(robot=robot, **a_notice())


def a_notice_for_nobody(shop, cast):
    Notice.objects.create(**a_notice())


def a_notice_that_was_delivered_and_is_due(shop, cast):
    Notice.objects.create(person=cast.lina, sent_at=timezone.now(), **a_notice())


def a_notice():
    return {"kind": "summary", "key": "day", "at": timezone.now(), "due_at": timezone.now()}


def a_robot(shop, **fields):
    return GroupRobot.objects.create(shop=shop, kind="wecom", name="采购群", address=Secret("x"), **fields)


def two_robots_of_one_name(shop, cast):
    a_robot(shop)
    a_robot(shop)


def a_robot_that_was_switched_off_and_speaks(shop, cast):
    a_robot(shop, off_code="93000", off_at=timezone.now())


def a_webhook(shop, **fields):
    return Webhook.objects.create(shop=shop, **({"name": "SAP", "url": "https://x/", "secret": Secret("x")} | fields))


def two_webhooks_of_one_name(shop, cast):
    a_webhook(shop)
    a_webhook(shop)


def a_webhook_that_was_switched_off_and_is_on(shop, cast):
    a_webhook(shop, off_why="gone", off_at=timezone.now())


def an_old_secret_that_signs_for_ever(shop, cast):
    a_webhook(shop, old_secret=Secret("y"))


def a_message_about_an_event_twice(shop, cast):
    submitted(shop, cast.lina)
    for _ in range(2):
        WebhookDelivery.objects.create(**a_message(shop), event=Event.objects.last())


def two_messages_of_one_id(shop, cast):
    for _ in range(2):
        WebhookDelivery.objects.create(**a_message(shop), uid=uuid.UUID(int=1))


def a_message(shop):
    webhook, now = Webhook.objects.first() or a_webhook(shop), timezone.now()
    return {"webhook": webhook, "kind": "test", "at": now, "due_at": now, "body": "{}"}


def quiet_without_an_end(shop, cast):
    NoticeSettings.objects.create(person=cast.lina, quiet_from=time(20))


def two_wishes_of_one_person(shop, cast):
    for _ in range(2):
        NoticeSettings(person=cast.lina).save(force_insert=True)


def back_before_leaving(shop, cast):
    NoticeSettings.objects.create(person=cast.lina, away_from=date(2026, 11, 30), away_until=date(2026, 11, 29))


def a_machine_with_a_password(shop, cast):
    set_by_sql(made_machines.machine(shop, responsible=cast.lina).person, password="pbkdf2_sha256$1$a$b")


def a_machine_that_answers_for_itself(shop, cast):
    machine = made_machines.machine(shop, responsible=cast.lina)
    Machine.objects.filter(pk=machine.pk).update(responsible=machine.pk)


def a_person_who_is_two_machines(shop, cast):
    machine = made_machines.machine(shop, responsible=cast.lina)
    Machine(person=machine.person, responsible=cast.sunyue, networks="").save(force_insert=True)


def two_tokens_of_one_key(shop, cast):
    machine = made_machines.machine(shop, responsible=cast.lina)
    for _ in range(2):
        made_machines.token(machine, by=cast.zhaolei, key="a" * 12)


def two_requests_of_one_external_id(shop, cast):
    for order_no in ("CG1", "CG2"):
        set_by_sql(draft_of(shop, cast.lina, [order_no]), external_id="4500017")


def two_answers_to_one_key(shop, cast):
    machine = made_machines.machine(shop, responsible=cast.lina)
    for _ in range(2):
        ApiAnswer.objects.create(machine=machine, key="1", at=timezone.now())


def a_restore_confirmed_by_nobody(shop, cast):
    RestoredCopy.objects.create(confirmed_at=timezone.now())


def a_maintenance_beside(shop, cast):
    now = timezone.now()
    Maintenance.objects.create(pk=2, since=now, until=now)


def a_maintenance_that_is_there(shop, cast):
    for _ in range(2):
        Maintenance.objects.bulk_create([Maintenance(since=timezone.now(), until=timezone.now())])


# constraint or unique field -> what it refuses
PROOFS = {
    "a_person_is_told_once": told_twice,
    "a_group_is_told_once": a_group_told_twice,
    "a_notice_is_for_a_person_or_a_group": a_notice_for_nobody,
    "what_was_delivered_says_so": a_notice_that_was_delivered_and_is_due,
    "a_robot_of_an_account_has_its_own_name": two_robots_of_one_name,
    "a_robot_that_was_switched_off_is_off": a_robot_that_was_switched_off_and_speaks,
    "a_webhook_of_an_account_has_its_own_name": two_webhooks_of_one_name,
    "a_webhook_that_was_switched_off_is_off": a_webhook_that_was_switched_off_and_is_on,
    "an_old_secret_has_an_end": an_old_secret_that_signs_for_ever,
    "a_webhook_is_told_of_an_event_once": a_message_about_an_event_twice,
    "WebhookDelivery.uid": two_messages_of_one_id,
    "NoticeSettings.person": two_wishes_of_one_person,
    "quiet_hours_have_two_ends": quiet_without_an_end,
    "an_absence_ends_after_it_begins": back_before_leaving,
    "nobody_decides_on_their_own_request": decided_by_the_requester,
    "who_decided_when_on_what_or_nothing": decided_by_nobody,
    "nothing_runs_without_a_decision": running_without_a_decision,
    "what_was_decided_on_is_what_is_stored": decided_on_something_else,
    "a_rejection_has_a_note": rejected_without_a_note,
    "who_stopped_and_when_or_neither": stopped_by_somebody_at_no_time,
    "somebody_stopped_it": stopped_by_nobody,
    "what_was_submitted_says_when": submitted_at_no_time,
    "what_awaits_a_decision_expires": submitted_without_a_deadline,
    "paused_says_why": paused_for_no_reason,
    "checked_orders_are_an_option_of_cancelling": stop_waiting_with_the_option_of_cancelling,
    "the_operation_is_known": a_fourth_operation,
    "a_request_has_a_reason": without_a_reason,
    "a_form_makes_one_request": one_form_for_two_requests,
    "CancellationRequest.number": one_number_for_two_requests,
    "a_shop_has_one_active_credential": two_active_credentials,
    "a_seller_account_is_one_shop": two_shops_of_one_seller_account,
    "Shop.name": two_shops_of_one_name,
    "a_call_carries_1_to_500_orders": a_call_for_no_order,
    "the_pace_is_not_negative": a_pace_below_zero,
    "an_order_is_once_in_a_request": an_order_twice_in_a_request,
    "a_position_is_once_in_a_request": a_position_twice_in_a_request,
    "an_order_is_open_in_one_request": an_order_waiting_in_two_requests,
    "an_outcome_says_how_it_is_known": an_outcome_that_nobody_knows,
    "no_outcome_without_a_call": done_without_a_call,
    "a_call_is_in_flight_or_finished": a_call_in_flight_that_has_ended,
    "CalendarDay.day": a_day_twice_in_the_calendar,
    "DailyNumber.day": a_day_with_two_counters,
    "working_hours_have_two_ends": working_hours_with_one_end,
    "who_paused_the_account_and_when_or_neither": paused_by_somebody_at_no_time,
    "one_lookup_at_a_time": two_lookups_at_a_time,
    "what_failed_has_ended": a_failure_without_an_end,
    "an_order_is_once_in_a_lookup": an_order_twice_in_a_lookup,
    "nothing_is_known_before_asking": found_without_asking,
    "Worker.name": two_workers_of_one_name,
    "Chore.name": a_chore_twice,
    "one_count_for_an_hour": two_counts_for_an_hour,
    "one_row_for_a_page_and_limit": two_rows_of_a_page,
    "who_retired_it_and_when_and_then_it_is_not_active": retired_by_nobody,
    "Person.username": two_people_of_one_username,
    "Event.uid": an_event_copied,
    "ChainLink.event": two_links_of_one_event,
    "ChainLink.number": two_links_of_one_number,
    "one_row_of_figures_a_day": two_rows_of_figures,
    "a_reason_for_refusal_once_a_day": a_reason_two_times,
    "one_change_of_a_kind_waits": a_change_asked_for_twice,
    "a_change_is_confirmed_before_it_is_done": a_change_that_nobody_confirmed,
    "nobody_asks_for_themselves": a_change_for_oneself,
    "an_identity_is_one_person": two_people_of_one_identity,
    "one_share_of_a_value_a_day": a_share_two_times,
    "one_share_of_a_value_a_month": a_share_two_times_in_a_month,
    "one_row_of_figures_a_month": two_rows_of_figures_of_a_month,
    "a_reason_for_refusal_once_a_month": a_reason_two_times_in_a_month,
    "a_name_is_known_once": a_supplier_known_twice,
    "StaleDay.day": a_stale_day_twice,
    "a_name_is_one_filter_of_a_person": a_name_for_two_filters,
    "an_export_of_a_person_at_a_time": refused_exports.two_exports_of_a_person_on_their_way,
    "what_is_being_made_has_a_task": refused_exports.an_export_made_by_nobody,
    "what_failed_says_why": refused_exports.an_export_that_failed_for_no_reason,
    "a_part_is_once_in_a_file": refused_exports.two_pieces_of_one_number,
    "a_machine_never_signs_in": a_machine_with_a_password,
    "a_person_answers_for_a_machine": a_machine_that_answers_for_itself,
    "Machine.person": a_person_who_is_two_machines,
    "ApiToken.key": two_tokens_of_one_key,
    "an_external_id_is_one_request_of_a_machine": two_requests_of_one_external_id,
    "a_key_is_answered_once": two_answers_to_one_key,
    "one_maintenance_at_a_time": a_maintenance_beside,
    "Maintenance.id": a_maintenance_that_is_there,
    "who_confirmed_the_restore_and_when": a_restore_confirmed_by_nobody,
    "Upload.token": a_file_with_the_token_of_another,
}


@pytest.mark.parametrize("name", PROOFS)
def test_the_database_refuses(name, shop, cast):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        PROOFS[name](shop, cast)
    if "." not in name and (connection.vendor == "postgresql" or "CHECK" in str(refused.value)):
        assert name in str(refused.value)


def test_every_constraint_of_every_model_has_its_proof():
    declared = {
        constraint.name
        for model in apps.get_app_config("cancellations").get_models()
        for constraint in model._meta.constraints
    }
    unique = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("cancellations").get_models()
        for field in model._meta.fields
        if field.unique and not isinstance(field, models.AutoField)
    }
    assert declared | unique == set(PROOFS)


def test_an_order_may_be_open_for_another_operation_or_shop(shop, shop_of_others, cast):
    submitted(shop, cast.lina, ["CG1"])
    submitted(shop, cast.lina, ["CG1"], operation=1)
    submitted(shop_of_others, cast.heping, ["CG1"], token=uuid.uuid4())
