"""Reads what the ERP answered. Pure: text in, values out; nothing in the text makes it raise."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cancellations.wdt.errors import State, Why
from cancellations.wdt.signing import EPOCH
from cancellations.wdt.values import integer, parse, text

# Reference section 2: what these statuses mean, and that nothing was executed.
NOT_EXECUTED_STATUS = {2: Why.ARGUMENT, 3: Why.SIGN, 6: Why.IP, 7: Why.CLOCK, 8: Why.ARGUMENT}
# Status 1 stands for bad arguments and for bad authentication; only the words tell which.
ARGUMENT_WORDS = ("参数错误", "invalid argument", "参数不")
# Status 100, by words; both commas occur, so only the part before the comma counts.
NOT_EXECUTED_WORDS = {
    "超过每分钟最大调用频率限制": Why.RATE,
    "超过每分钟最大并发次数限制": Why.RATE,
    "权限不足": Why.PERMISSION,
    "无仓库权限": Why.PERMISSION,
    "must not be null": Why.ARGUMENT,
    "不能为空": Why.ARGUMENT,
    "每次调用不得超过": Why.ARGUMENT,
    "The API used internal only": Why.PERMISSION,
}


@dataclass(frozen=True)
class Answer:
    """One exchange as far as it is understood.

    `message` is the ERP's own words, `text` the whole body as it came; `data` is set only when ANSWERED.
    """

    state: State
    why: Why | None = None
    message: str = ""
    data: Any = None
    http_status: int | None = None
    text: str = ""


@dataclass(frozen=True)
class CancelResult:
    """What cancelByType said of each order that was sent: every one is in exactly one of the three.

    `refused` maps an order to the ERP's words; `done` was reported as done, `proved` telling whether the answer
    covers the whole call (nothing failed) or the order is only not named among the failed (reference section 3:
    likely, but to be verified); `unclear` maps an order to what the answer says of the call.
    """

    done: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    unclear: Mapping[str, str] = field(default_factory=dict)
    proved: bool = False


def read_answer(http_status: int, body: str) -> Answer:
    """The envelope of any method's answer: `{"status": int, "message": str?, "data": …?}` under HTTP 200."""
    body = body.replace("\x00", "\ufffd")  # PostgreSQL cannot store NUL
    if http_status != 200:
        return Answer(State.UNKNOWN, Why.HTTP, http_status=http_status, text=body)
    envelope = parse(body)
    status = integer(envelope.get("status")) if isinstance(envelope, dict) else None
    if status is None:
        return Answer(State.UNKNOWN, Why.UNREADABLE, http_status=http_status, text=body)
    message = text(envelope.get("message"))
    state, why = _judge(status, message)
    data = envelope.get("data") if state is State.ANSWERED else None
    return Answer(state, why, message, data, http_status, body)


def _judge(status: int, message: str) -> tuple[State, Why | None]:
    if status == 0:
        return State.ANSWERED, None
    if status == 1:
        lowered = message.lower()
        argument = any(words in lowered for words in ARGUMENT_WORDS)
        return State.NOT_EXECUTED, Why.ARGUMENT if argument else Why.SIGN
    if status in NOT_EXECUTED_STATUS:
        return State.NOT_EXECUTED, NOT_EXECUTED_STATUS[status]
    if status == 100:
        for words, why in NOT_EXECUTED_WORDS.items():
            if words in message:
                return State.NOT_EXECUTED, why
    return State.UNKNOWN, Why.ERP_ERROR


def read_cancel(data: Any, sent: Sequence[str]) -> CancelResult:
    """What the `data` of a cancelByType answer says of each order in `sent`.

    Status 0 of the envelope says nothing: the failures are in `data.code` and `data.message` (the vendor's page).
    """
    code = integer(data.get("code")) if isinstance(data, dict) else None
    if code is None:
        return _all_unclear(sent, "")
    count = integer(data.get("error_count"))
    message = text(data.get("message"))
    if code == 0:
        if not count and message.strip() in ("", "[]", "null"):
            return CancelResult(done=tuple(sent), proved=True)
        return _all_unclear(sent, message)  # it contradicts itself
    errors = _errors(data.get("message"))
    refused, complete = _by_order(errors, sent)
    if complete and count == len(errors):
        return CancelResult(done=tuple(no for no in sent if no not in refused), refused=refused)
    # Some failure could not be laid to an order we sent: any of the others may be the one.
    return CancelResult(refused=refused, unclear={no: message for no in sent if no not in refused})


def _all_unclear(sent: Sequence[str], message: str) -> CancelResult:
    return CancelResult(unclear=dict.fromkeys(sent, message))


def _errors(message: Any) -> list[tuple[str | None, str]]:
    """(order number if it has a key of its own, words) of each failure; empty if it is not a list of them."""
    listed = parse(message) if isinstance(message, str) else message
    if isinstance(listed, dict):
        listed = [listed]
    if not isinstance(listed, list):
        return []
    return [_error(entry) for entry in listed]


def _error(entry: Any) -> tuple[str | None, str]:
    if not isinstance(entry, dict):
        return None, text(entry)
    number = next((entry[key] for key in ("purchase_no", "order_no", "no") if entry.get(key)), None)
    words = next((entry[key] for key in ("error", "message", "err_msg") if entry.get(key)), None)
    return (None if number is None else text(number)), text(entry if words is None else words)


def _by_order(errors: list[tuple[str | None, str]], sent: Sequence[str]) -> tuple[dict[str, str], bool]:
    """The words by order, and whether every failure names an order that was sent."""
    known = set(sent)
    refused: dict[str, str] = {}
    complete = bool(errors)
    for number, words in errors:
        named, reason = _named(words)
        order_no = next((no for no in (number, named, *_mentioned(words, sent)) if no in known), None)
        if order_no is None:
            complete = False
        else:
            refused[order_no] = reason if order_no == named else words
    return refused, complete


def _named(words: str) -> tuple[str | None, str]:
    """The number and the reason of `采购单编号:<no>,<reason>`; half- and full-width punctuation both occur."""
    match = re.match(r"\s*采购单编?号\s*[:：]\s*([^,，\s]{1,40})\s*[,，]\s*(.*)", words, re.DOTALL)
    return (match[1], match[2]) if match else (None, words)


def _mentioned(words: str, sent: Sequence[str]) -> list[str]:
    """The one order number that the words mention, if it is exactly one: `CG1` is not mentioned by `CG12`."""
    found = [no for no in sent if no in words and re.search(rf"(?<![\w./-]){re.escape(no)}(?![\w./-])", words)]
    return found if len(found) == 1 else []


def read_now(data: Any) -> int | None:
    """Unix seconds of system.Core.now; its epoch is not stated: a value under 1e9 counts from 2012."""
    seconds = integer(data)
    if seconds is None or not 0 <= seconds < 1e11:
        return None
    return seconds + EPOCH if seconds < 1e9 else seconds
