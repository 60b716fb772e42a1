"""Exports in the background: who may ask for how many and take them, and how the machine goes on with them."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cancellations import tasks
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


def ask(person, query=None, orders=60_000, shops=None):
    return exports.ask(
        query or {}, by=person, language="zh-hans", orders=orders, shops=shops or {}, enqueue=tasks.enqueue_export
    )


def begun(export):
    return queue.begin(export.pk, export.task_id)


def break_off(export):
    """The task that makes it fails."""
    DBTaskResult.objects.filter(pk=export.task_id).update(status="FAILED")
    tasks.retry_exports()
    export.refresh_from_db()
    return export


def now(export):
    export.refresh_from_db()
    return export.state


def ready(person, shops=(), content=b"PK"):
    """An export that was made of the orders of the shops."""
    export = begun(ask(person))
    queue.keep(export, shops=[shop.pk for shop in shops])
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
    begun(Export.objects.get(person=cast.lina))
    with pytest.raises(ExportUnderWay):
        ask(cast.lina)
    assert Event.objects.filter(kind=Event.Kind.EXPORTED).count() == 2  # what was refused is none


def test_ask_refuses_over_two_million_orders_and_names_csv(cast):
    with pytest.raises(TooManyRows, match=r"2,000,000.*CSV"):
        ask(cast.lina, orders=exports.MAX_ORDERS + 1)
    ask(cast.lina, orders=exports.MAX_ORDERS)


def test_nobody_fills_the_database_with_files(cast):
    files = [ready(cast.lina) for _ in range(exports.MAX_FILES)]
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


def test_download_needs_the_right_to_all_of_its_shops(shop, shop_of_others, cast):
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


def test_asking_enqueues_a_task_on_a_queue_of_its_own(cast):
    asked = ask(cast.lina)
    task = DBTaskResult.objects.get(pk=asked.task_id)
    assert (task.queue_name, task.args_kwargs) == (tasks.EXPORTS, {"args": [asked.pk], "kwargs": {"tries": 1}})


def test_what_is_refused_enqueues_nothing(cast):
    ask(cast.lina)
    with pytest.raises(ExportUnderWay):
        ask(cast.lina)
    assert DBTaskResult.objects.count() == 1


def test_an_export_is_begun_once(cast):
    asked = ask(cast.lina)
    begun(asked)
    with pytest.raises(queue.Superseded):
        begun(asked)


def test_with_nothing_to_do_a_sweep_writes_nothing(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        tasks.retry_exports()
    with django_assert_num_queries(2):
        queue.expire()


def test_the_sweep_leaves_alone_what_waits_and_what_is_made(cast):
    waits, is_made = ask(cast.lina), begun(ask(cast.chenjing))
    DBTaskResult.objects.filter(pk=is_made.task_id).update(status="RUNNING")
    tasks.retry_exports()
    assert DBTaskResult.objects.count() == 2
    assert (now(waits), now(is_made)) == (State.WAITING, State.MAKING)


def test_a_superseded_task_writes_nothing_more(cast):
    asked = ask(cast.lina)
    frozen = begun(asked)
    queue.keep_part(frozen, 0, b"old")
    taken_over = begun(break_off(asked))
    queue.drop_parts(taken_over)
    queue.keep_part(taken_over, 0, b"new")
    for write in (
        lambda: queue.keep(frozen, written=9),
        lambda: queue.keep_part(frozen, 1, b"old"),
        lambda: queue.drop_parts(frozen),
        lambda: queue.finish(frozen, orders=9, size=9),
        lambda: queue.fail(frozen, Export.Why.NO_ROOM),
        lambda: queue.hand_over(frozen, frozen.task_id),
    ):
        with pytest.raises(queue.Superseded):
            write()
    tasks.again(frozen, 1)
    assert DBTaskResult.objects.count() == 2  # nothing was enqueued for the old one
    queue.finish(taken_over, orders=1, size=3)
    assert [bytes(part.content) for part in asked.parts.all()] == [b"new"]


def test_a_cancelled_export_is_lost_for_its_task(cast):
    being_made = begun(ask(cast.lina))
    queue.keep_part(being_made, 0, b"x")
    exports.delete(being_made, by=cast.lina)
    with pytest.raises(queue.Superseded):
        queue.keep_part(being_made, 1, b"y")
    assert not ExportPart.objects.exists()


def test_an_export_fails_after_three_tries(cast):
    asked = ask(cast.lina)
    for _ in range(tasks.MAX_TRIES - 1):
        assert now(break_off(asked)) == State.WAITING
        begun(asked)
    assert now(break_off(asked)) == State.FAILED
    assert asked.why == Export.Why.GAVE_UP
    ask(cast.lina)  # it stands in nobody's way


def test_handing_over_counts_as_no_try(cast):
    asked = ask(cast.lina)
    for _ in range(10):
        tasks.again(begun(asked), 1)
        asked.refresh_from_db()
    assert (asked.state, DBTaskResult.objects.get(pk=asked.task_id).args_kwargs["kwargs"]) == ("waiting", {"tries": 1})


def test_what_a_worker_was_doing_breaks_off_with_it(cast):
    asked = begun(ask(cast.lina))
    DBTaskResult.objects.update(status="RUNNING", worker_ids=["w"], started_at=timezone.now())
    assert tasks.mark_broken_off("another") == 0
    assert tasks.mark_broken_off("w") == 1
    tasks.retry_exports()
    assert now(asked) == State.WAITING


def test_a_file_is_removed_after_a_day_and_its_row_stays(cast):
    old, new = ready(cast.lina), ready(cast.chenjing)
    Export.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(hours=24, seconds=1))
    queue.expire()
    assert (now(old), now(new)) == (State.EXPIRED, State.READY)
    assert [part.export for part in ExportPart.objects.all()] == [new]


def test_only_pieces_of_what_is_made_or_ready_stay(cast):
    failed = begun(ask(cast.lina))
    queue.keep_part(failed, 0, b"x")
    queue.fail(failed, Export.Why.NO_ROOM)
    being_made = begun(ask(cast.chenjing))
    queue.keep_part(being_made, 0, b"x")
    queue.expire()
    assert [part.export for part in ExportPart.objects.all()] == [being_made]
    tasks.again(being_made, 1)
    queue.expire()
    assert not ExportPart.objects.exists()
