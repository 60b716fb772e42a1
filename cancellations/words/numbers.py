"""Amounts, quantities and counts as people in purchasing write them."""

from decimal import Decimal


def money(value: Decimal | str | None) -> str:
    """`¥12,345.60`; a dash where nothing is known."""
    return "–" if value is None else f"¥{Decimal(value):,.2f}"


def up_to_99(count: int) -> str:
    """`7`, and `99+` above: what stands beside a link."""
    return "99+" if count > 99 else str(count)


def quantity(value: Decimal | str | None) -> str:
    """`1,200` or `7.5`: no decimals that say nothing."""
    if value is None:
        return "–"
    whole, _, decimals = f"{Decimal(value):,.4f}".partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole
