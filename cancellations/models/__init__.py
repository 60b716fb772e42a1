"""What is stored. Fields, constraints and querysets; the rules of the workflow live in `workflow`."""

from cancellations.models.calls import ApiCall
from cancellations.models.cancellations import CancellationRequest, DailyNumber, Operation
from cancellations.models.events import Event
from cancellations.models.lines import OrderLine
from cancellations.models.shops import Credential, Shop

__all__ = [
    "ApiCall",
    "CancellationRequest",
    "Credential",
    "DailyNumber",
    "Event",
    "Operation",
    "OrderLine",
    "Shop",
]
