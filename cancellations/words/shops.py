"""How the ERP's environments are called."""

from django.utils.translation import pgettext_lazy

ENVIRONMENTS = {
    "production": pgettext_lazy("environment", "Production"),
    "test": pgettext_lazy("environment", "Test"),
}


def environment(name: str) -> str:
    """An environment in words; one that the server's settings add has its own name."""
    return str(ENVIRONMENTS.get(name, name))
