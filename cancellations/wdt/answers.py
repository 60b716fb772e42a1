"""Reads what the ERP answered. Pure: text in, values out; nothing in the text makes it raise."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cancellations.wdt.errors import State, Why
from cancellations.wdt.signing import EPOCH
from cancellations.wdt.values import identifier, integer, parse, text

# Reference section 2: what these statuses mean, and that nothing was executed.
NOT_EXECUTED_STATUS = {2: Why.ARGUMENT, 3: Why.SIGN, 6: Why.IP, 7: Why.CLOCK, 8: Why.ARGUMENT}
# Status 1 stands for bad arguments and for bad authentication; only the words tell which (sections 2 and 8).
ARGUMENT_WORDS = (
    *("参数错误", "参数个数错误", "参数不", "invalid argument", "argument type mismatch", "sid is not found"),
    "for input string",
)
# Status 100, by words. They count only as the whole message: inside a longer text they may concern one order of several
# that were executed (section 8). Both commas occur in the texts of the rate, so only what stands before it counts.
RATE_WORDS = ("超过每分钟最大调用频率限制", "超过每分钟最大并发次数限制", "超过最大并发限制")
NOT_EXECUTED_WORDS = {
    re.compile(words, re.IGNORECASE): why
    for words, why in {
        "权限不足|无仓库访问权限|无该仓库权限|没有该仓库权限|收货仓库列表为空或无权限": Why.PERMISSION,
        r"(?!.*采购单)[^,，:：\d]{0,40}不存在或无权限": Why.PERMISSION,
        "The API used internal only.*": Why.PERMISSION,
        r"[a-z_][\w.\[\]]* must not be null": Why.ARGUMENT,
        r"(参数|[a-z_][\w.\[\]]*|采购单(编?号|列表)?)不能为空": Why.ARGUMENT,
        r"[^,，:：\s]{0,40}每次调用不得超过\d+条(或为空)?": Why.ARGUMENT,
        "此方法仅支持分页查询|参数中必须包含起止时间|您的查询时间过宽.*|状态应该是由逗号分隔开的整数数组": Why.ARGUMENT,
    }.items()
}
NO_RIGHT = "right.required"  # beside `status`, as `code`


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
    if status == 0:
        return Answer(State.ANSWERED, None, message, envelope.get("data"), http_status, body)
    why = NOT_EXECUTED_STATUS.get(status)
    if status == 1:
        why = Why.ARGUMENT if any(words in message.lower() for words in ARGUMENT_WORDS) else Why.SIGN
    elif status == 100:
        bare = message.strip().rstrip("。.!！ ")
        if text(envelope.get("code")) == NO_RIGHT:
            why = Why.PERMISSION
        elif bare.startswith(RATE_WORDS):
            why = Why.RATE
        else:
            why = next((why for words, why in NOT_EXECUTED_WORDS.items() if words.fullmatch(bare)), None)
    state = State.NOT_EXECUTED if why else State.UNKNOWN
    return Answer(state, why or Why.ERP_ERROR, message, None, http_status, body)


def read_cancel(data: Any, sent: Sequence[str]) -> CancelResult:
    """What the `data` of a cancelByType answer says of each order in `sent`.

    Status 0 of the envelope says nothing: the failures are in `data.code` and `data.message` (the vendor's page).
    """
    code = integer(data.get("code")) if isinstance(data, dict) else None
    if code is None:
        return CancelResult(unclear=dict.fromkeys(sent, ""))
    count, told_count = integer(data.get("error_count")), data.get("error_count")
    message = text(data.get("message"))
    if code == 0:
        # Section 8: a success beside a count of failures, or beside any list of them, contradicts itself.
        fails = count != 0 if told_count is not None else False
        fails = fails or any(data.get(key) not in NOTHING for key in ("error_info", "error_data", "error_list"))
        fails = fails or integer(data.get("status")) not in (None, 0)
        if not fails and message.strip() in ("", "[]", "null"):
            return CancelResult(done=tuple(sent), proved=True)
        return CancelResult(unclear=dict.fromkeys(sent, message))
    errors = parse(data["message"]) if isinstance(data.get("message"), str) else data.get("message")
    errors = errors if isinstance(errors, list) else [errors] if isinstance(errors, dict) else []
    refused, complete = _by_order(errors, sent)
    if complete and count == len(errors):
        return CancelResult(done=tuple(no for no in sent if no not in refused), refused=refused)
    # Some failure could not be laid to an order we sent: any of the others may be the one.
    return CancelResult(refused=refused, unclear={no: message for no in sent if no not in refused})


NOTHING: tuple[Any, ...] = (None, "", "[]", "null", [], {}, 0)


def same(order_no: str) -> str:
    """What two spellings of an order number have in common: the ERP compares without regard to case (section 8)."""
    return order_no.strip().casefold()


def _by_order(errors: list[Any], sent: Sequence[str]) -> tuple[dict[str, str], bool]:
    """The words by order, and whether every failure names an order that was sent.

    A failure is laid to the order that it names itself, in a key of its own or in its words; only one that names none
    is searched for a mention.
    """
    known = {same(no): no for no in sent}
    refused: dict[str, str] = {}
    complete = bool(errors)
    for error in errors:
        fields = error if isinstance(error, dict) else {}
        number = next((fields[key] for key in ("purchase_no", "order_no", "no") if fields.get(key)), None)
        told = next((fields[key] for key in ("error", "message", "err_msg") if fields.get(key)), error)
        words = text(told)
        # `采购单编号:<no>,<reason>`; half- and full-width punctuation both occur.
        match = re.match(r"\s*采购单编?号\s*[:：]\s*([^,，\s]{1,40})\s*(?:[,，]\s*(.*))?", words, re.DOTALL)
        named = [same(no) for no in (number and identifier(number), match and match[1]) if no]
        # One that the words mention, if it is exactly one: `CG1` is not mentioned by `CG12`.
        mentioned = [no for no in known if re.search(rf"(?<![\w./-]){re.escape(no)}(?![\w./-])", words.casefold())]
        order_no = next((known[no] for no in named if no in known), None)
        if not named and len(mentioned) == 1:
            order_no = known[mentioned[0]]
        if order_no is None:
            complete = False
        else:
            refused[order_no] = (match[2] or words) if match and same(match[1]) == same(order_no) else words
    return refused, complete


def read_now(data: Any) -> int | None:
    """Unix seconds of system.Core.now; its epoch is not stated: a value under 1e9 counts from 2012."""
    seconds = integer(data)
    if seconds is None or not 0 <= seconds < 1e11:
        return None
    return seconds + EPOCH if seconds < 1e9 else seconds
