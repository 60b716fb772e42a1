"""The room for calls: no call in it makes the system hand out memory, from whatever depth it was called."""

import resource

from django.http import HttpResponse

from cancellations.management.commands.worker import Worker
from cancellations.pages.middleware import security_headers
from wdtadmin.call_stack import ROOM, with_room

CALLS, DEPTHS = 300, range(120)  # over 16 KB of frames


def page_faults(function):
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    function()
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def called_from(depth, function):
    return function() if depth == 0 else called_from(depth - 1, function)


def row():
    return sum(map(abs, [1, 2, 3]))


def rows():
    for _ in range(CALLS):
        row()


def test_a_loop_costs_the_same_from_every_depth():
    rows_with_room = with_room(lambda: called_from(3, rows))
    most = max(called_from(depth, lambda: page_faults(rows_with_room)) for depth in DEPTHS)
    assert most < CALLS / 3


def test_pages_and_tasks_have_it():
    for function in (security_headers(lambda request: HttpResponse()), Worker.run_task):
        assert function.__code__.co_stacksize == ROOM
