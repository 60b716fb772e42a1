from django.apps import AppConfig


class CancellationsConfig(AppConfig):
    name = "cancellations"

    def ready(self):
        from cancellations import checks  # noqa: F401 - registers the system checks
