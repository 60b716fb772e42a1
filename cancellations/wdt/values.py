"""Values as the ERP sends them: numbers as numbers here and as text there, times in two shapes. Nothing raises."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

ERP_ZONE = timezone(timedelta(hours=8))
LARGEST_AMOUNT = Decimal(10) ** 13


def parse(text: str) -> Any:
    """The value of a JSON text; None if it is not one, or is nested deeper than anything meant to be read."""
    try:
        return json.loads(text, parse_float=Decimal)  # a float would change amounts
    except (ValueError, RecursionError):
        return None


def integer(value: Any) -> int | None:
    """A whole number that came as a number or as text; never True, NaN or a number of a thousand digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(-?[0-9]{1,18})(?:\.0{1,9})?\s*", value)
        return int(match[1]) if match else None
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= 10**18 or number != number.to_integral_value():
        return None
    return int(number)


def decimal(value: Any) -> Decimal | None:
    """An amount or a quantity, with at most four decimals; None if it is not a number that anybody would order."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    text = str(value).strip()
    if not re.fullmatch(r"-?[0-9]{1,20}(\.[0-9]{0,20})?|-?[0-9](\.[0-9]{1,20})?[Ee][+-]?[0-9]{1,2}", text):
        return None
    number = Decimal(text)
    return number.quantize(Decimal("0.0001")) if abs(number) < LARGEST_AMOUNT else None


def text(value: Any, longest: int | None = None) -> str:
    """Text of a value for people and for the database: without NUL and lone surrogates, which it cannot store."""
    if value is None:
        return ""
    try:
        plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):  # nested deeper than this Python writes
        return ""
    return plain.replace("\x00", "").encode("utf-8", "replace").decode()[:longest]


def identifier(value: Any, longest: int | None = None) -> str:
    """A number of a document; one that came as 23011215.0 is 23011215 (reference section 8)."""
    whole = None if isinstance(value, str) else integer(value)
    return text(value if whole is None else str(whole), longest).strip()


def moment(value: Any) -> datetime | None:
    """A time in UTC: milliseconds or seconds since 1970 as a number or as text, or `YYYY-MM-DD HH:MM:SS` at UTC+8."""
    number = integer(value)
    try:
        if number is not None:
            seconds = number / 1000 if number >= 10**11 else number  # as milliseconds that would be before 1974
            return datetime.fromtimestamp(seconds, UTC) if number > 0 else None
        return datetime.strptime(value.strip()[:19] + "+0800", "%Y-%m-%d %H:%M:%S%z").astimezone(UTC)
    except (AttributeError, ValueError, OverflowError, OSError):
        return None


def erp_time(moment: datetime) -> str:
    """A moment as the ERP's filters want it: `YYYY-MM-DD HH:MM:SS` at UTC+8."""
    return moment.astimezone(ERP_ZONE).strftime("%Y-%m-%d %H:%M:%S")
