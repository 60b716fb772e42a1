"""Tells a group about a request, through a robot of WeCom, DingTalk or Feishu. Knows neither Django nor the database.

A message goes to one robot in one call. When it goes, to whom and how often it is tried again is decided elsewhere.
"""

from cancellations.robots.addresses import AddressRefused, check_address
from cancellations.robots.answers import CODES, Meaning, State, Verdict
from cancellations.robots.bodies import Message
from cancellations.robots.channels import FIRST_WORD, LIMITS, PACE, Robot
from cancellations.robots.delivery import deliver

__all__ = [
    "CODES",
    "FIRST_WORD",
    "LIMITS",
    "PACE",
    "AddressRefused",
    "Meaning",
    "Message",
    "Robot",
    "State",
    "Verdict",
    "check_address",
    "deliver",
]
