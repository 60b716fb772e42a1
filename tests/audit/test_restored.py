"""A chain that ends before an anchor that was written out belongs to an earlier state of the database."""

import pytest

from cancellations import tasks
from cancellations.audit import chain, restored
from cancellations.models import ChainLink, RestoredCopy
from cancellations.models.marks import of_anchor
from tests.people import submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(settings, tmp_path, shop, cast):
    """The file of the anchors, with one of the end of the chain."""
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "anchors.txt")
    submitted(shop, cast.lina)
    tasks.check_history.call(is_daily=True)
    return tmp_path / "anchors.txt"


def anchor(number, seal=None):
    return f"AUDIT ANCHOR {number}:{'a' * 64}:{seal or of_anchor(number, 'a' * 64)}\n"


def test_a_chain_that_reaches_its_last_anchor_is_no_earlier_state(file, shop, cast):
    restored.notice()
    submitted(shop, cast.sunyue, ["CG9"])
    chain.extend()
    restored.notice()
    assert not RestoredCopy.objects.exists()


def test_a_chain_that_ends_before_an_anchor_is_noticed_once(file, cast):
    beyond = ChainLink.objects.count() + 1
    file.write_text(file.read_text() + anchor(beyond))
    for _ in range(2):
        restored.notice()
    assert RestoredCopy.objects.get().anchor == beyond


def test_after_it_was_confirmed_only_a_later_anchor_is_noticed(file, cast):
    file.write_text(anchor(100))
    restored.notice()
    RestoredCopy.objects.update(confirmed_by=cast.root, confirmed_at="2026-11-26T00:00Z")
    restored.notice()
    assert not RestoredCopy.objects.unconfirmed().exists()
    file.write_text(anchor(100) + anchor(101))
    restored.notice()
    assert RestoredCopy.objects.unconfirmed().get().anchor == 101


def test_what_bears_no_seal_of_ours_counts_for_nothing(file):
    file.write_text(anchor(100, seal="b" * 64))
    restored.notice()
    assert not RestoredCopy.objects.exists()


def test_a_file_that_cannot_be_read_stops_nobody(settings, tmp_path, db):
    settings.AUDIT_ANCHOR_FILE = str(tmp_path)
    restored.notice()
    assert not RestoredCopy.objects.exists()
