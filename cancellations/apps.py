from django.apps import AppConfig


class CancellationsConfig(AppConfig):
    name = "cancellations"

    def ready(self) -> None:
        from cancellations import checks, tasks  # noqa: F401 - registers the system checks
        from cancellations.workflow import waking

        waking.enqueue = tasks.wake
