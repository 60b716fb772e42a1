"""A stand-in for all three channels, over real HTTP on one port: for the demo, and for tests.

It checks what the channels document. Where nothing is documented it chooses: the words of its refusals, the number
for a Feishu robot that is gone, which calls count for the rate, and that only the types of message that are sent here
exist. What depends on such a choice must not be believed because it works here.
"""

from cancellations.robots.stand_in.groups import DEMO, Arrival, Known
from cancellations.robots.stand_in.server import WEBHOOK_PATH, StandIn

__all__ = ["DEMO", "WEBHOOK_PATH", "Arrival", "Known", "StandIn"]
