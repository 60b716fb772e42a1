from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CancellationsConfig(AppConfig):
    name = "cancellations"
    verbose_name = _("Purchase order cancellations")

    def ready(self):
        from cancellations import checks, tasks  # noqa: F401 - registers the system checks
        from cancellations.workflow import waking

        waking.enqueue = tasks.wake
