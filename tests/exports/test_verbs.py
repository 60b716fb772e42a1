"""Exports in the background: who may ask for how many and take them, and how the machine goes on with them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cancellations.exports import queue
from cancellations.exports import verbs as exports
from cancellations.models import Event, Export, ExportPart
from cancellations.workflow.errors import (
    ExportNotReadable,
    ExportNotReady,
    ExportUnderWay,
    TooManyFiles,
    TooManyRows,
    TooOften,
)

pytestmark = pytest.mark.django_db
State = Export.State
LONG_AGO = "2026-01-01T00:00Z"


def ask(person, query=None, orders=60_000, shops=None):
    return exports.ask(query or {}, by=person, language="zh-hans", orders=orders, shops=shops or {})


def now(export):
    export.refresh_from_db()
    return export.state


def ready(person, shops=(), content=b"PK"):
    """An export that was made of the orders of the shops."""
    ask(person)
    export = queue.take()
    queue.renew(export, shops=[shop.pk for shop in shops])
    queue.keep_part(export, 0, content)
    queue.finish(export, orders=60_000, size=len(content))
    return Export.objects.get(pk=export.pk)


def test_asking_is_an_event_with_what_was_asked_for(shop, cast):
    asked = ask(cast.chenjing, {"shop": str(shop.pk)}, shops={shop.pk: shop.name})
    assert (asked.state, asked.person, asked.orders) == (State.WAITING, cast.chenjing, 60_000)
    event = Event.objects.get(kind=Event.Kind.EXPORTED)
    assert (event.actor, event.shop) == (cast.chenjing, shop)
    assert event.data == {
        "format": "xlsx",
        "filters": {"shop": str(shop.pk)},
        "orders": 60_000,
        "shops": {str(shop.pk): shop.name},
    }


def test_a_person_has_one_on_its_way_and_others_have_theirs(cast):
    ask(cast.lina)
    with pytest.raises(ExportUnderWay):
        ask(cast.lina)
    ask(cast.chenjing)
    queue.take()
    with pytest.raises(ExportUnderWay):
        ask(cast.lina)
    assert Event.objects.filter(kind=Event.Kind.EXPORTED).count() == 2  # what was refused is none


def test_more_than_two_million_orders_are_refused_and_the_csv_is_named(cast):
    with pytest.raises(TooManyRows, match=r"2,000,000.*CSV"):
        ask(cast.lina, orders=exports.MOST_ORDERS + 1)
    ask(cast.lina, orders=exports.MOST_ORDERS)


def test_nobody_fills_the_database_with_files(cast):
    files = [ready(cast.lina) for _ in range(exports.MOST_FILES)]
    with pytest.raises(TooManyFiles):
        ask(cast.lina)
    exports.delete(files[0], by=cast.lina)
    ask(cast.lina)


def test_asking_too_often_leaves_nothing_behind(cast, settings):
    settings.HEAVY_WORK_PER_HOUR = settings.HEAVY_WORK_PER_HOUR | {"export": 0}
    with pytest.raises(TooOften):
        ask(cast.lina)
    assert not Export.objects.exists()


def test_a_file_is_handed_out_when_it_is_ready_and_only_then(shop, cast):
    asked = ask(cast.lina)
    with pytest.raises(ExportNotReady):
        exports.check_may_take(asked, by=cast.lina)
    exports.delete(asked, by=cast.lina)
    exports.check_may_take(ready(cast.lina, [shop]), by=cast.lina)


def test_whoever_may_not_read_one_of_its_shops_any_more_does_not_get_the_file(shop, shop_of_others, cast):
    shop_of_others.members.add(cast.lina)
    file = ready(cast.lina, [shop, shop_of_others])
    exports.check_may_take(file, by=cast.lina)
    shop_of_others.members.remove(cast.lina)
    with pytest.raises(ExportNotReadable):
        exports.check_may_take(file, by=cast.lina)


def test_the_deactivated_get_nothing(shop, cast):
    file = ready(cast.lina, [shop])
    cast.lina.is_active = False
    cast.lina.save()
    with pytest.raises(ExportNotReadable):
        exports.check_may_take(file, by=cast.lina)
    assert not Export.objects.for_user(cast.lina).exists()


def test_nobody_deletes_what_somebody_else_has_asked_for(cast):
    asked = ask(cast.lina)
    exports.delete(asked, by=cast.root)
    assert now(asked) == State.WAITING


def test_they_are_made_one_at_a_time_in_the_order_in_which_they_were_asked_for(cast):
    first, second = ask(cast.lina), ask(cast.chenjing)
    taken = queue.take()
    assert taken == first
    assert queue.take() is None
    queue.finish(taken, orders=1, size=0)
    assert queue.take() == second


def test_with_nothing_to_do_a_look_writes_nothing(cast, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert queue.take() is None
    with django_assert_num_queries(2):
        queue.expire()


def test_whoever_has_lost_the_lease_writes_nothing_more(cast):
    asked = ask(cast.lina)
    frozen = queue.take()
    queue.keep_part(frozen, 0, b"old")
    Export.objects.update(lease_until=LONG_AGO)
    taken_over = queue.take()
    assert (taken_over, taken_over.attempts) == (asked, 2)
    queue.forget_parts(taken_over)
    for write in (
        lambda: queue.renew(frozen, written=9),
        lambda: queue.keep_part(frozen, 1, b"old"),
        lambda: queue.finish(frozen, orders=9, size=9),
        lambda: queue.fail(frozen, Export.Why.NO_ROOM),
        lambda: queue.held(frozen.pk, frozen.lease_token),
    ):
        with pytest.raises(queue.LeaseLost):
            write()
    queue.give_back(frozen, counts=True)
    assert now(asked) == State.MAKING
    assert not ExportPart.objects.exists()
    queue.keep_part(taken_over, 0, b"new")
    queue.finish(taken_over, orders=1, size=3)
    assert [bytes(part.content) for part in asked.parts.all()] == [b"new"]


def test_what_was_deleted_is_lost_for_whoever_makes_it(cast):
    asked = ask(cast.lina)
    being_made = queue.take()
    queue.keep_part(being_made, 0, b"x")
    exports.delete(asked, by=cast.lina)
    with pytest.raises(queue.LeaseLost):
        queue.keep_part(being_made, 1, b"y")
    assert not ExportPart.objects.exists()


def test_a_lease_that_is_renewed_does_not_run_out(cast):
    ask(cast.lina)
    being_made = queue.take()
    Export.objects.update(lease_until=LONG_AGO)
    queue.renew(being_made, written=1000)
    assert queue.take() is None
    assert Export.objects.get().written == 1000


def test_attempts_count_unless_the_process_was_asked_to_end(cast):
    asked = ask(cast.lina)
    for _ in range(10):
        queue.give_back(queue.take(), counts=False)
    for _ in range(queue.MOST_ATTEMPTS):
        queue.give_back(queue.take(), counts=True)
    assert queue.take() is None
    assert (now(asked), asked.why) == (State.FAILED, Export.Why.GAVE_UP)
    ask(cast.lina)  # it stands in nobody's way


def test_a_file_is_removed_after_a_day_and_its_row_stays(cast):
    old, new = ready(cast.lina), ready(cast.chenjing)
    Export.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(hours=24, seconds=1))
    queue.expire()
    assert (now(old), now(new)) == (State.EXPIRED, State.READY)
    assert [part.export for part in ExportPart.objects.all()] == [new]


def test_pieces_of_what_has_failed_or_was_given_back_are_removed_and_of_what_is_being_made_are_not(cast):
    ask(cast.lina)
    failed = queue.take()
    queue.keep_part(failed, 0, b"x")
    queue.fail(failed, Export.Why.NO_ROOM)
    ask(cast.chenjing)
    being_made = queue.take()
    queue.keep_part(being_made, 0, b"x")
    queue.expire()
    assert [part.export for part in ExportPart.objects.all()] == [being_made]
    queue.give_back(being_made, counts=True)
    queue.expire()
    assert not ExportPart.objects.exists()
