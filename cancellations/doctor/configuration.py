"""What the settings say: whether they are right by themselves and fit together."""

import filecmp
import zoneinfo
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.http.request import validate_host
from django.utils.translation import gettext as _

from cancellations.doctor.findings import Finding, State
from wdtadmin.variables import value

FEWEST_CHARACTERS = 10  # different ones, of a key that somebody did not think up
LOOPBACK = ("127.", "localhost:", "[::1]", "unix:")


def settings_are_right() -> Iterator[Finding]:
    """Django's system checks and ours, with those of a deployment; none of them opens the database."""
    messages = checks.run_checks(include_deployment_checks=True, databases=[])
    found = [message for message in messages if not message.is_silenced()]
    for message in found:
        state = State.WRONG if message.level >= checks.ERROR else State.WARNING
        yield Finding(state, str(message.msg), str(message.hint or _("See docs/settings.md.")))
    if settings.DEBUG:
        yield Finding(State.WRONG, _("DEBUG is on: error pages show the code."), _("Set DEBUG=false."))
    if not found and not settings.DEBUG:
        yield Finding(State.FINE, _("The system checks of a deployment find nothing."))


def keys_are_keys() -> Iterator[Finding]:
    """Nobody thought them up or used one twice; that they are long enough the system checks say."""
    keys = {"SECRET_KEY": [settings.SECRET_KEY]}
    keys |= {"CREDENTIAL_KEYS": settings.CREDENTIAL_KEYS, "AUDIT_KEYS": settings.AUDIT_KEYS}
    weak = [name for name, several in keys.items() if any(len(set(key)) < FEWEST_CHARACTERS for key in several)]
    for name in weak:
        sentence = _("%(name)s holds a key that can be guessed.") % {"name": name}
        yield Finding(State.WRONG, sentence, _("Make one with: manage.py init --key %(name)s") % {"name": name})
    counted = Counter(key for several in keys.values() for key in several)
    twice = [name for name, several in keys.items() if any(counted[key] > 1 for key in several)]
    if twice:
        sentence = _("The same key is used more than once: %(names)s.") % {"names": ", ".join(twice)}
        yield Finding(State.WRONG, sentence, _("Make one for each: manage.py init --key NAME"))
    if not weak and not twice:
        yield Finding(State.FINE, _("The keys are different, and none can be guessed."))


def site_fits_together() -> Iterator[Finding]:
    """Host names, the proxy's headers and TLS: each pair that contradicts itself."""
    found = [*_hosts(), *_proxy()]
    yield from found or [Finding(State.FINE, _("Host names, proxy headers and TLS fit together."))]


def _hosts() -> Iterator[Finding]:
    hosts = settings.ALLOWED_HOSTS
    if "*" in hosts:
        yield Finding(
            State.WARNING,
            _("ALLOWED_HOSTS accepts every host name."),
            _("Name the hosts of the site there."),
        )
    elif any(host.endswith("example.com") for host in hosts):
        yield Finding(State.WRONG, _("ALLOWED_HOSTS still names the example."), _("Name the hosts of the site there."))
    parts = urlsplit(settings.PUBLIC_URL)
    if not settings.PUBLIC_URL:
        yield Finding(
            State.WARNING,
            _("PUBLIC_URL is not set: nobody is told by mail or in a group."),
            _("Set it to the address at which people open the application."),
        )
    elif not validate_host(parts.hostname or "", hosts):
        yield Finding(
            State.WRONG,
            _("The host of PUBLIC_URL is not in ALLOWED_HOSTS: links in notices do not work."),
            _("Add it to ALLOWED_HOSTS, or correct PUBLIC_URL."),
        )
    elif (parts.scheme == "http") != settings.PLAIN_HTTP:
        yield Finding(
            State.WRONG,
            _("PUBLIC_URL and PLAIN_HTTP contradict each other about TLS."),
            _("Begin PUBLIC_URL with https://, or with http:// where PLAIN_HTTP=true."),
        )


def _proxy() -> Iterator[Finding]:
    is_behind, proxies = bool(settings.SECURE_PROXY_SSL_HEADER), settings.TRUSTED_PROXIES
    if settings.PLAIN_HTTP and not value("BIND").startswith(LOOPBACK):
        yield Finding(
            State.WARNING,
            _("Passwords can be read on the way: PLAIN_HTTP is on, and others reach BIND."),
            _("Put a proxy with TLS in front, and set PLAIN_HTTP=false."),
        )
    if settings.PLAIN_HTTP and is_behind:
        yield Finding(
            State.WRONG,
            _("BEHIND_TLS_PROXY and PLAIN_HTTP contradict each other."),
            _("Set PLAIN_HTTP=false if a proxy speaks TLS, else BEHIND_TLS_PROXY=false."),
        )
    if not settings.PLAIN_HTTP and not is_behind:
        yield Finding(
            State.WRONG,
            _("Every page leads to itself: TLS is required, and no proxy is believed to speak it."),
            _("Set BEHIND_TLS_PROXY=true behind a proxy with TLS; gunicorn itself has none here."),
        )
    if is_behind and not proxies:
        yield Finding(
            State.WARNING,
            _("TRUSTED_PROXIES is 0 behind a proxy: everybody seems to come from one address."),
            _("Set TRUSTED_PROXIES to the number of proxies in front."),
        )


def static_files_are_collected() -> Iterator[Finding]:
    """Each of the project's files lies in STATIC_ROOT as it is here: an update has to collect them again."""
    if not settings.STATIC_ROOT:
        yield Finding(State.FINE, _("Static files are served from where they lie."))
        return
    sources = {name: storage.path(name) for finder in get_finders() for name, storage in finder.list([])}
    root = Path(settings.STATIC_ROOT)
    old = [
        name
        for name, path in sources.items()
        if not (root / name).exists() or not filecmp.cmp(path, root / name, shallow=False)
    ]
    if old or not (root / "staticfiles.json").exists():
        yield Finding(
            State.WRONG,
            _("Static files are missing or of another version: %(count)s of %(all)s.")
            % {"count": len(old), "all": len(sources)},
            _("Run: manage.py collectstatic --noinput"),
        )
    else:
        yield Finding(State.FINE, _("All %(count)s static files are collected.") % {"count": len(sources)})


def time_zone_is_known() -> Iterator[Finding]:
    """The ERP's times are UTC+8; without the system's data there is no such zone."""
    name = settings.TIME_ZONE
    try:
        offset = datetime.now(zoneinfo.ZoneInfo(name)).utcoffset()
    except zoneinfo.ZoneInfoNotFoundError:
        offset = None
    if offset == timedelta(hours=8):
        yield Finding(State.FINE, _("The time zone %(name)s is known.") % {"name": name})
    else:
        yield Finding(
            State.WRONG,
            _("The time zone %(name)s is not known, or not UTC+8.") % {"name": name},
            _("Install the system's package tzdata."),
        )
