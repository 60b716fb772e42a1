"""What is stored. Fields, constraints and querysets; the rules of the workflow live in `workflow`."""

from cancellations.models.access import AccessChange
from cancellations.models.backups import Backup
from cancellations.models.calendar import CalendarDay
from cancellations.models.calls import ApiCall
from cancellations.models.cancellations import CancellationRequest, DailyNumber, Operation, ReasonKind
from cancellations.models.chain import AuditCheck, ChainLink
from cancellations.models.events import Event
from cancellations.models.exports import Export, ExportPart
from cancellations.models.figures import (
    DailyFigures,
    DailyRefusals,
    DailyShares,
    FiguresCursor,
    MonthlyFigures,
    MonthlyRefusals,
    MonthlyShares,
    StaleDay,
)
from cancellations.models.filters import SavedFilter
from cancellations.models.lines import OrderLine
from cancellations.models.lookups import (
    ErpStatus,
    Forecast,
    ForecastReason,
    KnownName,
    Lookup,
    OrderSnapshot,
    StockinStatus,
)
from cancellations.models.machines import ApiAnswer, ApiToken, Machine
from cancellations.models.maintenance import Maintenance
from cancellations.models.notices import GroupRobot, Notice, NoticeSettings
from cancellations.models.page_times import PageTimes
from cancellations.models.people import Person
from cancellations.models.problems import AccountProblem
from cancellations.models.restored import RestoredCopy
from cancellations.models.shops import Credential, Shop
from cancellations.models.uploads import Upload
from cancellations.models.usage import Usage
from cancellations.models.webhooks import Webhook, WebhookDelivery
from cancellations.models.workers import Chore, Worker

__all__ = [
    "AccessChange",
    "AccountProblem",
    "ApiAnswer",
    "ApiCall",
    "ApiToken",
    "AuditCheck",
    "Backup",
    "CalendarDay",
    "CancellationRequest",
    "ChainLink",
    "Chore",
    "Credential",
    "DailyFigures",
    "DailyNumber",
    "DailyRefusals",
    "DailyShares",
    "ErpStatus",
    "Event",
    "Export",
    "ExportPart",
    "FiguresCursor",
    "Forecast",
    "ForecastReason",
    "GroupRobot",
    "KnownName",
    "Lookup",
    "Machine",
    "Maintenance",
    "MonthlyFigures",
    "MonthlyRefusals",
    "MonthlyShares",
    "Notice",
    "NoticeSettings",
    "Operation",
    "OrderLine",
    "OrderSnapshot",
    "PageTimes",
    "Person",
    "ReasonKind",
    "RestoredCopy",
    "SavedFilter",
    "Shop",
    "StaleDay",
    "StockinStatus",
    "Upload",
    "Usage",
    "Webhook",
    "WebhookDelivery",
    "Worker",
]
