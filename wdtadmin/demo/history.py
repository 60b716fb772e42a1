"""Two months of made history: who asked for what on which day, and what became of it.

It is made by the application's own verbs and sending under a clock that is set, so marks, chain and figures are real.
"""

import heapq
from datetime import datetime, time, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from cancellations.audit import chain
from cancellations.figures import counting
from cancellations.models import Operation
from wdtadmin.demo import chores, stories
from wdtadmin.demo.world import Case, World

CANCEL, STOP, WMS = Operation.CANCEL, Operation.STOP_WAITING, Operation.WMS_STOP_WAITING
FLAGSHIP, STORE, OUTLET = range(3)
BEGINNING = 62  # days ago
FRIDAY = 4


def case(
    story: Any,
    shop: str,
    clerk: str,
    reason: str,
    *,
    operation: int = CANCEL,
    manager: str | None = "wangqiang",
    note: str = "",
    mishap: Any = "",
    file: Any = "",
    **kinds: Any,
) -> Case:
    """The orders are given as `editing=3, missing=1`; what is `checked` is cancelled too, where it is named."""
    return Case(
        *(story, shop, clerk, reason, kinds),
        operation=operation,
        allow_checked=operation == CANCEL and "checked" in kinds,
        manager=manager,
        note=note,
        mishap=mishap,
        source={"file": file, "place": "Sheet1!A2"} if file else {},
    )


# (days ago, time of the day, what happens); on a weekend it happened on the Friday before
REQUESTS = (
    (59, "09:40", case(stories.finished, FLAGSHIP, "lina", "供应商停产", editing=6, arrived=1)),
    (58, "14:05", case(stories.finished, STORE, "sunyue", "重复下单", editing=4, cancelled=1)),
    (
        56,
        "10:20",
        case(stories.rejected, FLAGSHIP, "liuyang", "换季清理", note="仍有在途货物，先与供应商确认", editing=7),
    ),
    (54, "11:15", case(stories.finished, OUTLET, "sunyue", "余量不再到货", operation=STOP, partly=6, arrived=2)),
    (52, "16:30", case(stories.finished, FLAGSHIP, "lina", "价格录入有误", checked=4, editing=2)),
    (50, "09:10", case(stories.withdrawn, STORE, "lina", "供应商交期延后", editing=5)),
    (48, "13:25", case(stories.finished, FLAGSHIP, "zhoulan", "供应商停产", mishap="cut_after", editing=5)),
    (46, "10:50", case(stories.stopped_and_copied, OUTLET, "sunyue", "换季清理", file="秋季清理.xlsx", editing=16)),
    (44, "15:45", case(stories.finished, OUTLET, "liuyang", "委外仓停止收货", operation=WMS, outsourced=5, checked=1)),
    (42, "09:30", case(stories.submitted, STORE, "sunyue", "供应商合并", editing=6)),
    (41, "11:40", case(stories.finished, FLAGSHIP, "lina", "供应商无法按期交货", editing=5, missing=1)),
    (39, "14:20", case(stories.finished, STORE, "sunyue", "客户取消团购", mishap="http_500", editing=3)),
    (37, "10:15", case(stories.contradicted, FLAGSHIP, "lina", "质检不合格", editing=6)),
    (35, "16:10", case(stories.finished, FLAGSHIP, "zhoulan", "余量不再到货", operation=STOP, partly=6, arrived=1)),
    (33, "09:55", case(stories.paused_and_resumed, OUTLET, "sunyue", "重复下单", mishap="ip", editing=4)),
    (31, "13:35", case(stories.looked_at_again, FLAGSHIP, "lina", "供应商停产", editing=5, arrived=2)),
    (30, "10:05", case(stories.rejected, STORE, "zhoulan", "调整采购计划", note="请按仓库拆成两张申请", editing=4)),
    (28, "15:20", case(stories.finished, FLAGSHIP, "liuyang", "改由华南分仓采购", manager="zhoulan", editing=8)),
    (
        *(26, "11:00"),
        case(
            *(stories.decided_by_hand, OUTLET, "sunyue", "委外仓停止收货"),
            operation=WMS,
            mishap="html_after",
            note="已在旺店通中逐单核对，均已停止等待",
            outsourced=4,
        ),
    ),
    (25, "09:20", case(stories.given_up, FLAGSHIP, "lina", "重复下单", editing=2)),
    (
        23,
        "14:50",
        case(stories.finished, STORE, "lina", "供应商无法按期交货", manager="zhoulan", editing=7, arrived=2),
    ),
    (21, "10:30", case(stories.finished, FLAGSHIP, "sunyue", "质检不合格", mishap="cut_after", editing=4, invisible=1)),
    (19, "16:00", case(stories.stopped_in_time, FLAGSHIP, "lina", "换季清理", editing=5)),
    (17, "09:45", case(stories.finished, OUTLET, "zhoulan", "价格录入有误", checked=6, arrived=1)),
    (15, "13:10", case(stories.finished, FLAGSHIP, "lina", "供应商停产", file="停产清单.csv", editing=11, cancelled=2)),
    (13, "11:25", case(stories.finished, STORE, "sunyue", "余量不再到货", operation=STOP, partly=4, arrived=2)),
    (11, "15:05", case(stories.rejected, OUTLET, "sunyue", "客户取消团购", note="客户已改为延期交货", editing=3)),
    (9, "10:40", case(stories.finished, FLAGSHIP, "zhoulan", "重复下单", editing=6, arrived=3, missing=1)),
    (7, "09:35", case(stories.stopped, OUTLET, "zhoulan", "供应商合并", editing=14)),
    (6, "14:15", case(stories.finished, FLAGSHIP, "sunyue", "改由华南分仓采购", mishap="empty", editing=6)),
    (
        *(5, "15:30"),
        case(stories.finished, OUTLET, "sunyue", "委外仓停止收货", operation=WMS, mishap="html_after", outsourced=3),
    ),
    (4, "11:50", case(stories.finished, FLAGSHIP, "lina", "委外仓停止收货", operation=WMS, outsourced=5, checked=2)),
    (3, "16:20", case(stories.finished, STORE, "lina", "质检不合格", mishap="cut_after", editing=3, invisible=2)),
)
# (hours ago, what happens): recent, whatever the time of the day
RECENT = (
    (26, case(stories.paused, OUTLET, "sunyue", "供应商停产", mishap="permission", editing=8)),
    (22, case(stories.submitted, STORE, "sunyue", "供应商无法按期交货", editing=6, arrived=2)),
    (5, case(stories.submitted, FLAGSHIP, "lina", "换季清理", file="冬季清理.xlsx", editing=9, checked=2, missing=1)),
    (3, case(stories.drafted, FLAGSHIP, "lina", "价格录入有误", editing=4, partly=1)),
    (2, case(stories.submitted, FLAGSHIP, "zhoulan", "余量不再到货", operation=STOP, partly=7, arrived=1)),
)
BESIDES = (
    (61, "08:50", chores.shops_set_up),
    (61, "10:00", chores.sweeps),
    (11, "03:00", chores.verifications),
    (45, "17:30", chores.exports),
    (29, "21:00", chores.account_paused),
    (12, "18:10", chores.person_left),
)


def begins(now: datetime) -> datetime:
    """The moment at which the cast is made."""
    return _day(now, BEGINNING, "08:30")


def make(world: World, now: datetime) -> None:
    """Lets all of it happen, one moment after the other, up to `now`; then the chain and the figures are complete."""
    with world.clock.counts():
        # (moment, story that begins then), in no order.
        timeline = [(_day(now, days, at), what.story(world, what)) for days, at, what in REQUESTS]
        timeline += [(now - timedelta(hours=hours), what.story(world, what)) for hours, what in RECENT]
        timeline += [(_day(now, days, at), chore(world)) for days, at, chore in BESIDES]
        number = count()
        waiting = [(moment, next(number), story) for moment, story in timeline]
        heapq.heapify(waiting)
        # Does what is next; what a story has left to do after `now` stays undone.
        while waiting and waiting[0][0] < now:
            moment, _, story = heapq.heappop(waiting)
            world.clock.move_to(moment)
            wait = next(story, None)
            if wait is not None:
                heapq.heappush(waiting, (world.clock.moment + wait, next(number), story))
    chain.extend_fully()
    counting.catch_up(seconds=None)


def _day(now, days_ago, at):
    """That time of a working day in China."""
    day = timezone.localdate(now) - timedelta(days=days_ago)
    day -= timedelta(days=max(0, day.weekday() - FRIDAY))
    return datetime.combine(day, time.fromisoformat(at), timezone.get_default_timezone())
