"""What is stored. Fields, constraints and querysets; the rules of the workflow live in `workflow`."""

from cancellations.models.calls import ApiCall
from cancellations.models.cancellations import CancellationRequest, DailyNumber, Operation
from cancellations.models.events import Event
from cancellations.models.lines import OrderLine
from cancellations.models.lookups import Because, Lookup, OrderSnapshot, Verdict
from cancellations.models.shops import Credential, Shop
from cancellations.models.uploads import Upload

__all__ = [
    "ApiCall",
    "Because",
    "CancellationRequest",
    "Credential",
    "DailyNumber",
    "Event",
    "Lookup",
    "Operation",
    "OrderLine",
    "OrderSnapshot",
    "Shop",
    "Upload",
    "Verdict",
]
