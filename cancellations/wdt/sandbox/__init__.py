"""A stand-in for the ERP, over real HTTP: for the demo, and for tests that want to know what the ERP really did.

It follows the reference where that says something. Where the reference does not know, it chooses and says so: what
depends on such a choice must not be believed because it works here.
"""

from cancellations.wdt.sandbox.server import Sandbox

__all__ = ["Sandbox"]
