"""The settings of production, with Django's own admin beside them: the list that ours is compared with."""

from wdtadmin.settings import *  # noqa: F403
from wdtadmin.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin"]
ROOT_URLCONF = "bench.history_urls"
ALLOWED_HOSTS = ["testserver", "127.0.0.1"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
