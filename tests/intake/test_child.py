"""What is long is read by a child process: with the same result, in turn, and refused at once where there is none."""

import threading
from contextlib import contextmanager

import pytest

from bench.intake import messy_text
from cancellations.intake import FileRefused, Refusal, TooMuch, child, files, read_file, read_paste, reading

LONG_CHAT = "\n".join(f"王强 10:{n % 60:02}\n单号CG{n:010}，不要了（见附件）" for n in range(9_000))
LONG_TABLE = "单号\t供应商\n" + "\n".join(f"CG{n:010}\t宁波海通贸易有限公司" for n in range(9_000))
LONG_CLEAN = "\n".join(f"CG{n:010}" for n in range(20_000))


@contextmanager
def no_child(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(child, "_COMMAND", ["/bin/false"])
        yield


@pytest.mark.parametrize("text", [LONG_CHAT, LONG_TABLE, messy_text()[:400_000], "\udc80" + LONG_CHAT])
@pytest.mark.parametrize("shapes", [(), ("CG##########",)])
def test_the_child_reads_a_paste_as_this_process_does(text, shapes):
    assert len(text) >= files.LONG
    here = reading.paste_read(text.encode(errors="replace").decode(), None, shapes)
    assert read_paste(text, None, shapes) == here


def test_the_child_reads_a_text_file_as_this_process_does():
    content = LONG_TABLE.replace("\t", ",").encode("gb18030")
    assert read_file("a.csv", content) == reading.text_read(content, None, ())


def test_a_long_paste_is_read_by_the_child_and_a_plain_list_is_not(monkeypatch):
    with no_child(monkeypatch):
        assert len(read_paste(LONG_CLEAN).intake.orders) == 20_000
        with pytest.raises(FileRefused):
            read_paste(LONG_CHAT)
        with pytest.raises(FileRefused):
            read_file("a.csv", LONG_TABLE.encode())


def test_far_too_many_pieces_are_too_much_in_the_child_too():
    with pytest.raises(TooMuch):
        read_paste("单号 " * 130_000)


def held(monkeypatch, *, turns, places):
    """Lists of others are under way: so many are read, so many are read or wait."""
    for name, limit, taken in (("_turns", child.AT_ONCE, turns), ("_places", child.AT_ONCE + child.IN_LINE, places)):
        semaphore = threading.BoundedSemaphore(limit)
        for _ in range(taken):
            semaphore.acquire()
        monkeypatch.setattr(child, name, semaphore)


def test_who_finds_the_line_full_is_refused_without_waiting(monkeypatch):
    held(monkeypatch, turns=child.AT_ONCE, places=child.AT_ONCE + child.IN_LINE)
    monkeypatch.setattr(child, "_turns", None)  # is not even asked
    with pytest.raises(FileRefused) as refused:
        read_paste(LONG_CHAT)
    assert refused.value.reason is Refusal.BUSY


def test_who_waits_in_vain_gives_the_place_back(monkeypatch):
    held(monkeypatch, turns=child.AT_ONCE, places=child.AT_ONCE)
    monkeypatch.setattr(child, "SECONDS_IN_LINE", 0.01)
    for _ in range(2):
        with pytest.raises(FileRefused) as refused:
            read_paste(LONG_CHAT)
        assert refused.value.reason is Refusal.BUSY
    assert child._places.acquire(blocking=False)


def test_a_turn_is_given_back_whatever_the_child_did(monkeypatch):
    held(monkeypatch, turns=child.AT_ONCE - 1, places=child.AT_ONCE - 1)
    with no_child(monkeypatch), pytest.raises(FileRefused):
        read_paste(LONG_CHAT)
    assert read_paste(LONG_CHAT).intake.orders
