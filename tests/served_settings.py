"""The settings of the real processes that tests start: the application's own, but for the work of hashing passwords.

With the application's hasher every first sign-in would store the password anew, which takes half a second of work.
"""

from wdtadmin.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]
