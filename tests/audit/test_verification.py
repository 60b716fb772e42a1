"""Whoever has the database but not the key is found: each proof goes around the guards by plain SQL."""

import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from cancellations.audit import chain, verification
from cancellations.models import AuditCheck, CancellationRequest, ChainLink, Event
from tests.people import approved, draft_of, submitted
from tests.triggers import drop_triggers, put_back

pytestmark = pytest.mark.django_db
EVENTS, LINKS = Event._meta.db_table, ChainLink._meta.db_table
COLUMNS = [field.column for field in Event._meta.fields if field.column != "id"]
REQUESTS = CancellationRequest._meta.db_table
Fault = AuditCheck.Fault


def what(finding):
    return finding.fault, finding.number, finding.event_id


def test_what_nobody_touched_is_in_order(five):
    finding = verification.verify()
    assert what(finding) == ("", None, None)
    assert finding.last.number == 5
    assert finding.last.event_id == five[-1].pk


def test_an_empty_history_is_in_order(db):
    assert verification.verify() == verification.Finding()


def another(column, shop_of_others, cast, cancellation):
    """A value for the column that it could have had."""
    return {
        "uid": uuid4().hex,
        "mac": "0" * 64,
        "at": timezone.now(),
        "kind": "shop_added",
        "actor_id": cast.lina.pk,
        "actor_name": "李娜",
        "shop_id": shop_of_others.pk,
        "cancellation_id": cancellation.pk,
        "person_id": cast.lina.pk,
        "note": "nothing happened",
        "data": '{"changes": {}}',
    }[column]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_in_any_column_is_found(column, five, found_after, shop, shop_of_others, cast):
    value = another(column, shop_of_others, cast, draft_of(shop, cast.lina))
    chain.extend()
    finding = found_after((f"UPDATE {EVENTS} SET {column} = %s WHERE id = %s", value, five[2].pk))
    assert what(finding) == (Fault.CHANGED, 3, five[2].pk)
    assert finding.last.event_id == five[1].pk


def test_a_changed_id_is_found(five, found_after):
    finding = found_after((f"UPDATE {EVENTS} SET id = 900000 WHERE id = %s", five[2].pk))
    assert what(finding) == (Fault.REMOVED, 3, five[2].pk)


def test_the_first_of_several_faults_is_named(five, found_after):
    finding = found_after((f"UPDATE {EVENTS} SET note = 'x' WHERE id IN (%s, %s)", five[1].pk, five[3].pk))
    assert what(finding) == (Fault.CHANGED, 2, five[1].pk)


@pytest.mark.parametrize("value", ["1", "never", "9999-99-99", "infinity"])
def test_a_time_that_is_none_is_found(value, five, found_after):
    if connection.vendor == "postgresql":
        value = "infinity"
    finding = found_after((f"UPDATE {EVENTS} SET at = %s WHERE id = %s", value, five[2].pk))
    assert what(finding) == (Fault.CHANGED, 3, five[2].pk)


def test_an_event_that_was_removed_is_found(five, found_after):
    finding = found_after((f"DELETE FROM {EVENTS} WHERE id = %s", five[2].pk))
    assert what(finding) == (Fault.REMOVED, 3, five[2].pk)


def test_an_event_that_was_removed_with_its_link_is_found(five, found_after):
    finding = found_after(f"DELETE FROM {LINKS} WHERE number = 3", (f"DELETE FROM {EVENTS} WHERE id = %s", five[2].pk))
    assert what(finding) == (Fault.REMOVED, 3, None)
    assert finding.last.event_id == five[1].pk


def test_a_gap_is_not_closed_by_other_numbers(five, found_after):
    finding = found_after(
        f"DELETE FROM {LINKS} WHERE number = 3",
        (f"DELETE FROM {EVENTS} WHERE id = %s", five[2].pk),
        f"UPDATE {LINKS} SET number = 3 WHERE number = 4",
        f"UPDATE {LINKS} SET number = 4 WHERE number = 5",
    )
    assert what(finding) == (Fault.REORDERED, 3, five[3].pk)


def cut(five):
    """The last two events go, and everything that belongs to them."""
    return f"DELETE FROM {LINKS} WHERE number > 3", (f"DELETE FROM {EVENTS} WHERE id > %s", five[2].pk)


def test_a_cut_end_is_found_by_an_anchor_and_by_nothing_else(five, found_after):
    end = {5: verification.verify().last.mac}
    assert what(found_after(*cut(five))) == ("", None, None)
    assert what(found_after(*cut(five), known=end)) == (Fault.CUT, 4, None)
    assert what(verification.verify(end)) == ("", None, None)


def test_a_cut_end_is_found_when_the_chain_has_grown_over_it(five, found_after, write):
    end = {5: verification.verify().last.mac}

    def go_on():
        others = [write("another") for _ in range(3)]
        assert chain.extend() == 3
        return others

    finding = found_after(*cut(five), known=end, then=go_on)
    assert what(finding)[:2] == (Fault.CUT, 5)
    assert finding.event_id > five[-1].pk


def inserted(event, **others):
    """SQL that copies an event's row, but for some columns."""
    values = {column: column for column in COLUMNS} | {"uid": f"'{uuid4().hex}'"} | others
    return (
        f"INSERT INTO {EVENTS} (id, {', '.join(values)}) "
        f"SELECT 900000, {', '.join(values.values())} FROM {EVENTS} WHERE id = {event.pk}"
    )


def test_check_finds_an_inserted_event_and_never_chains_it(five, found_after, caplog):
    taken = []
    insert = inserted(five[2], note="'approved'")
    finding = found_after(insert, then=lambda: taken.extend([chain.extend(), chain.extend_fully()]))
    assert what(finding) == (Fault.INSERTED, None, 900000)
    assert taken == [0, 0]
    assert finding.last.number == 5
    [told] = [record.getMessage() for record in caplog.records if record.name == "cancellations.audit"]
    assert "900000" in told
    assert "approved" not in told


def test_an_event_that_was_inserted_with_a_link_is_found(five, found_after):
    finding = found_after(
        inserted(five[2]), f"INSERT INTO {LINKS} (number, event_id, mac) VALUES (6, 900000, '{'0' * 64}')"
    )
    assert what(finding) == (Fault.CHANGED, 6, 900000)


@pytest.mark.parametrize("number", [-1, 0])
def test_no_event_hides_before_the_beginning(number, five, found_after):
    finding = found_after(
        inserted(five[2]), f"INSERT INTO {LINKS} (number, event_id, mac) VALUES ({number}, 900000, '')"
    )
    assert what(finding) == (Fault.INSERTED, number, 900000)


def test_no_event_hides_behind_a_number_that_no_link_can_have(five, found_after, monkeypatch):
    """SQLite takes a text for a number; in PostgreSQL a number can be there twice when its index is gone."""
    if connection.vendor == "sqlite":
        before, number = [], "x"
    else:
        before, number = [f"ALTER TABLE {LINKS} DROP CONSTRAINT {LINKS}_pkey"], 2
    for at_once in (1, 2, 3, 5, 1000):
        monkeypatch.setattr(verification, "AT_ONCE", at_once)
        link = f"INSERT INTO {LINKS} (number, event_id, mac) VALUES ('{number}', 900000, '')"
        finding = found_after(*before, inserted(five[2]), link)
        assert finding.fault == Fault.INSERTED


def test_a_copy_of_an_event_is_refused_although_its_mark_fits(five, found_after):
    """Its uid is there twice: on SQLite in another spelling, in PostgreSQL when the index is gone."""
    if connection.vendor == "sqlite":
        statements = [inserted(five[2], uid=f"'{five[2].uid}'")]
    else:
        constraints = connection.introspection.get_constraints(connection.cursor(), EVENTS)
        name = next(name for name, about in constraints.items() if about["columns"] == ["uid"] and about["unique"])
        statements = [f"ALTER TABLE {EVENTS} DROP CONSTRAINT {name}", inserted(five[2], uid="uid")]
    taken = []
    finding = found_after(*statements, then=lambda: taken.append(chain.extend()))
    assert what(finding) == (Fault.INSERTED, None, 900000)
    assert taken == [0]


def test_two_events_that_were_swapped_are_found(five, found_after):
    a, b = five[1].pk, five[3].pk
    move = f"UPDATE {EVENTS} SET id = %s WHERE id = %s"
    finding = found_after((move, 900000, a), (move, a, b), (move, b, 900000))
    assert what(finding) == (Fault.REORDERED, 2, a)


def test_two_links_that_were_swapped_are_found(five, found_after):
    move = f"UPDATE {LINKS} SET number = %s WHERE number = %s"
    finding = found_after((move, 90, 2), (move, 2, 4), (move, 4, 90))
    assert what(finding) == (Fault.REORDERED, 2, five[3].pk)


def test_links_that_were_given_the_events_of_others_are_found(five, found_after):
    point = f"UPDATE {LINKS} SET event_id = %s WHERE number = %s"
    finding = found_after((point, 900000, 2), (point, five[1].pk, 4), (point, five[3].pk, 2))
    assert what(finding) == (Fault.REORDERED, 2, five[3].pk)


def test_a_changed_link_is_found(five, found_after):
    finding = found_after(f"UPDATE {LINKS} SET mac = '{'0' * 64}' WHERE number = 5")
    assert what(finding) == (Fault.REORDERED, 5, five[4].pk)


def test_a_link_that_was_removed_is_found(five, found_after):
    assert what(found_after(f"DELETE FROM {LINKS} WHERE number = 2")) == (Fault.REMOVED, 2, None)


def test_check_finds_an_event_kept_out_of_the_chain(five, write, shop, cast):
    Event.write("shop_changed", by=cast.zhaolei, shop=shop, at=timezone.now())
    assert not verification.verify().fault
    kept_out = write()
    assert what(verification.verify()) == (Fault.INSERTED, None, kept_out.pk)


def test_a_long_history_is_read_piece_by_piece(five, found_after, monkeypatch):
    for at_once in (1, 2, 4, 5):
        monkeypatch.setattr(verification, "AT_ONCE", at_once)
        assert verification.verify().last.number == 5
        finding = found_after((f"DELETE FROM {EVENTS} WHERE id = %s", five[2].pk))
        assert what(finding) == (Fault.REMOVED, 3, five[2].pk)


def test_marks_of_an_old_key_count_as_long_as_it_is_in_the_list(five, write, settings):
    old, new = settings.AUDIT_KEYS[0], "another-key-" * 4
    settings.AUDIT_KEYS = [new, old]
    write()
    assert chain.extend() == 1
    assert verification.verify().last.number == 6
    settings.AUDIT_KEYS = [new]
    assert what(verification.verify()) == (Fault.CHANGED, 1, five[0].pk)


def test_the_command_says_how_many_are_intact_and_the_end(five, write, capsys):
    write("not chained yet")
    call_command("verify_audit")
    said = capsys.readouterr().out
    check = AuditCheck.objects.get()
    assert "All 6 events are intact." in said
    assert f"6:{check.mac}" in said
    assert (check.events, check.fault) == (6, "")


def test_the_command_ends_with_a_fault_and_names_it(five):
    other = "0" * 64
    with pytest.raises(CommandError) as error:
        call_command("verify_audit", anchor=[f"4:{other}"])
    assert error.value.returncode == 1
    assert str(error.value) == (
        "The end of the audit trail was cut off. "
        f"Event {five[3].pk} is affected, link 4 of the chain. "
        f"The 3 earlier events are intact, up to event {five[2].pk}."
    )
    assert AuditCheck.objects.get().fault_number == 4


@pytest.mark.parametrize("given", [{"anchor": ["4:12"]}, {"anchor_file": ["empty"]}, {"anchor_file": ["absent"]}])
def test_an_unreadable_anchor_is_not_taken_for_a_match(given, five, tmp_path):
    (tmp_path / "empty").touch()
    files = [tmp_path / name for name in given.get("anchor_file", [])]
    with pytest.raises(CommandError, match="nothing was verified"):
        call_command("verify_audit", anchor=given.get("anchor", []), anchor_file=files)
    assert not AuditCheck.objects.exists()


def test_a_worker_that_is_to_end_stops_in_between(five):
    with pytest.raises(verification.Stopped):
        verification.verify(is_stopping=lambda: True)


def test_nothing_is_logged_of_what_is_in_order(five, caplog):
    with caplog.at_level(logging.INFO):
        verification.check()
    assert not caplog.records


def test_what_came_out_says_how_far_everything_is_in_order(db):
    about = {"at": timezone.now() - timedelta(days=1), "fault": Fault.REMOVED, "fault_number": 1}
    assert AuditCheck(events=0, **about).in_words.endswith("No earlier event is intact.")


def test_a_key_that_comes_twice_is_found(five, found_after):
    """On SQLite SQL reads the first value, Python the last. PostgreSQL keeps the last alone."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT CAST(data AS text) FROM {EVENTS} WHERE id = %s", [five[2].pk])
        [text] = cursor.fetchone()
    twice = '{"changes": {}, ' + text[1:] if connection.vendor == "sqlite" else text[:-1] + ', "changes": {}}'
    finding = found_after((f"UPDATE {EVENTS} SET data = %s WHERE id = %s", twice, five[2].pk))
    assert what(finding) == (Fault.CHANGED, 3, five[2].pk)


def test_an_event_that_was_withheld_and_given_back_is_found(five, found_after, write, an_hour_ago):
    columns = ", ".join(["id", *COLUMNS])

    def give_back():
        Event.write("shop_changed", by=None, at=timezone.now())
        chain.extend()
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {EVENTS} ({columns}) SELECT {columns} FROM withheld")
        assert chain.extend_fully() == 1

    withheld = write("withheld")
    finding = found_after(
        (f"CREATE TABLE withheld AS SELECT * FROM {EVENTS} WHERE id = %s", withheld.pk),
        (f"DELETE FROM {EVENTS} WHERE id = %s", withheld.pk),
        then=give_back,
    )
    assert what(finding) == (Fault.INSERTED, 7, withheld.pk)


def test_an_event_that_was_committed_late_is_in_order(five, write, found_after):
    first, second = Event.objects.all()[:2]
    assert first.at - second.at < verification.LOOSE_FOR
    assert what(found_after()) == ("", None, None)


@pytest.mark.parametrize("table", [EVENTS, LINKS])
def test_missing_guards_are_said(table, five):
    with transaction.atomic():
        statements = drop_triggers()
        put_back(
            statement for statement in statements if f" ON {table}" not in f" ON {statement}".replace("public.", "")
        )
        finding = verification.verify()
        transaction.set_rollback(True)
    assert finding.fault == Fault.UNGUARDED
    assert len(finding.about.split(", ")) == (3 if connection.vendor == "sqlite" else 2)
    check = AuditCheck(events=5, last_event_id=five[-1].pk, fault=finding.fault, fault_about=finding.about)
    assert "guards of the audit trail are missing. Affected: " in check.in_words


def test_a_guard_refuses_to_replace_on_any_connection(five):
    """On SQLite a replacement deletes without asking the triggers, unless the connection says `recursive_triggers`."""
    columns = ", ".join(["id", *COLUMNS])
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if sqlite:
            cursor.execute("PRAGMA recursive_triggers=OFF")
        for table, key, names in ((EVENTS, "id", columns), (LINKS, "number", "number, event_id, mac")):
            instead = f" ON CONFLICT ({key}) DO UPDATE SET {key} = excluded.{key}"
            with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
                cursor.execute(
                    f"INSERT {'OR REPLACE ' if sqlite else ''}INTO {table} ({names}) SELECT {names} FROM {table}"
                    + ("" if sqlite else instead)
                )
        if sqlite:
            cursor.execute("PRAGMA recursive_triggers=ON")


FORGERIES = {
    "an approval": "status = 'APPROVED', decided_by_id = %(boss)s, decided_at = submitted_at, "
    "decided_hash = content_hash WHERE status = 'SUBMITTED'",
    "the decider": "decided_by_id = %(other)s WHERE status = 'APPROVED'",
    "the requester": "requester_id = %(third)s WHERE status = 'APPROVED'",
    "the content": "content_hash = 'x', decided_hash = 'x' WHERE status = 'APPROVED'",
    "the reason": "reason = '老板同意' WHERE status = 'APPROVED'",
    "its category": "reason_kind = 'price' WHERE status = 'APPROVED'",
    "an end": "status = 'FINISHED', ended_at = decided_at, reason = 'x' WHERE status = 'APPROVED'",
}


@pytest.mark.parametrize("forged", FORGERIES)
def test_a_request_without_its_approval_is_named(forged, shop, cast):
    fine = approved(shop, cast.lina, cast.wangqiang, ["CG1"])
    other = (submitted if forged == "an approval" else approved)(
        *((shop, cast.lina) if forged == "an approval" else (shop, cast.lina, cast.wangqiang)), ["CG2"]
    )
    assert not verification.verify().fault
    people = {"boss": cast.wangqiang.pk, "other": cast.zhoulan.pk, "third": cast.sunyue.pk, "pk": other.pk}
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {REQUESTS} SET {FORGERIES[forged]} AND id = %(pk)s", people)
    finding = verification.verify()
    assert (finding.fault, finding.about) == (Fault.UNVOUCHED, other.number)
    assert fine.number not in finding.about
