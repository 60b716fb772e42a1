"""Everything about an installation that can be checked, each with a sentence and a way on.

Reading only, apart from connections to the mail server and to the ERP's address: no mail is sent, no call is made.
"""

from cancellations.doctor.examination import CHECKS, examine, worst
from cancellations.doctor.findings import Finding, State

__all__ = ["CHECKS", "Finding", "State", "examine", "worst"]
