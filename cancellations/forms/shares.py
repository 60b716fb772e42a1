"""The hour's share of heavy work, as a form says it."""

from django.core.exceptions import ValidationError

from cancellations.workflow import limits
from cancellations.workflow.errors import TooOften

TOO_OFTEN = "too_often"


def use_share(work, *, by):
    """Counts a piece of heavy work of the person. Raises ValidationError if the hour's share is used up."""
    try:
        limits.use(work, by=by)
    except TooOften as error:
        raise ValidationError(str(error), code=TOO_OFTEN) from error
