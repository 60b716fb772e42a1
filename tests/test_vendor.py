"""Vendored files as they were published, and pages that a strict CSP lets through."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
# What the browsers of people are given, and what only those of the tests are.
VENDORS = [STATIC / "vendor", ROOT / "tests" / "vendor"]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OWN_STATIC = sorted(path for path in STATIC.iterdir() if path.suffix in {".css", ".js", ".svg"})

TEMPLATE_COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
FORBIDDEN_IN_TEMPLATES = {
    "an inline style": re.compile(r"<style|\sstyle\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script in an htmx attribute": re.compile(r"hx-on|hx-(?:vals|headers)\s*=\s*[\"']js:", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
}


def manifest(vendor):
    """Path in the folder -> (SHA-256, name, version, licence)."""
    rows = (line.split("  ") for line in (vendor / "MANIFEST").read_text().splitlines())
    return {path: (sha256, name, version, licence) for sha256, path, name, version, licence in rows}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


VENDORED = [vendor / path for vendor in VENDORS for path in manifest(vendor)]
PACKAGES = sorted(path for vendor in VENDORS for path in vendor.iterdir() if path.is_dir())


@pytest.mark.parametrize("vendor", VENDORS, ids=name_of)
def test_the_manifest_lists_every_vendored_file_and_no_other(vendor):
    found = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()}
    assert found - {"MANIFEST"} == set(manifest(vendor))


@pytest.mark.parametrize("path", VENDORED, ids=name_of)
def test_a_vendored_file_has_its_recorded_hash_and_folder(path):
    vendor = path.parent.parent
    sha256, name, version, _ = manifest(vendor)[path.relative_to(vendor).as_posix()]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    assert path.parent.name == f"{name}-{version}"


@pytest.mark.parametrize("folder", PACKAGES, ids=name_of)
def test_every_vendored_package_brings_its_licence(folder):
    assert (folder / "LICENSE").stat().st_size > 0


def test_no_vendored_file_names_a_source_map_that_is_not_there():
    """Collecting the static files would stop at it."""
    assert [path for path in VENDORED if b"sourceMappingURL" in path.read_bytes()] == []


@pytest.mark.parametrize("path", [*TEMPLATES, *OWN_STATIC], ids=name_of)
def test_nothing_is_fetched_from_elsewhere(path):
    text = re.sub(r'xmlns="[^"]*"', "", path.read_text())
    assert re.search(r"https?://|[\"'(]//", text) is None


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
@pytest.mark.parametrize("what", FORBIDDEN_IN_TEMPLATES)
def test_no_template_holds_what_the_csp_blocks(path, what):
    found = FORBIDDEN_IN_TEMPLATES[what].search(TEMPLATE_COMMENT.sub("", path.read_text()))
    assert found is None, f"{what}: {found.group()}"


def test_every_icon_that_a_template_names_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "icons.svg").read_text()))
    text = "".join(path.read_text() for path in TEMPLATES)
    named = set(re.findall(r'\{% icon "([^"]+)"', text)) | set(re.findall(r'\sicon="([^"]+)"', text))
    assert named
    assert named <= sprite


def test_the_first_page_stays_below_its_weight_limit():
    """Compressed, everything that the base page loads."""
    base = (ROOT / "templates" / "base.html").read_text()
    loaded = re.findall(r"{% static '([^']+\.(?:css|js))' %}", base)
    assert len(loaded) == 7
    assert sum(len(gzip.compress((STATIC / path).read_bytes())) for path in loaded) <= 90_000
