"""The settings of the real processes that tests start: the application's own, with two exceptions.

With the application's hasher every first sign-in would store the password anew, which takes half a second of work. And
a process that gives way to everything else on the machine would wait for all the other tests.
"""

import os

from wdtadmin.settings import *  # noqa: F403

STATIC_ROOT = os.environ.get("TEST_STATIC_ROOT")  # none: the tests of faults ask for no page
PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]
EXPORTS_NICENESS = 0
