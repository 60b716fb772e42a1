"""The demo: people with known passwords, two months of made history, and all processes in one terminal.

It stands outside of the application, works on data of its own only, and nothing of it is for real use: it begins before
Django does, and once Django runs for something else it cannot be imported.
"""

from django.conf import settings

if settings.configured and not getattr(settings, "DEMO_IS_TESTED", False):
    raise ImportError("The demo is no part of the application: start it with 'make demo'.")
