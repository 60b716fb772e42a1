"""Brings one message to the address of another system, signed as Standard Webhooks has it. Knows neither Django nor
the database: what is said and how often it is tried again is decided elsewhere.
"""

from cancellations.webhooks.addresses import AddressRefused, check_address
from cancellations.webhooks.delivery import Answered, Meaning, deliver
from cancellations.webhooks.signing import new_secret, sign

__all__ = ["AddressRefused", "Answered", "Meaning", "check_address", "deliver", "new_secret", "sign"]
