"""axe finds nothing on any page: by every rule on a desk, and by what other words, colours and less space may break."""

import pytest

from tests.journeys.axe import ALL, PHONE, SPACE_AND_COLOURS, Inspector
from tests.journeys.every_page import WAYS, Visitor, make_world
from tests.security.urls import PAGES, PUBLIC

# What is opened by a link and shows no page of its own: it leads on, is a file, a part of a page, or takes a form only.
NO_PAGES = {
    *("home", "template", "export-file", "cancellation-progress", "cancellation-numbers", "history-names"),
    *("notice-bell", "api-openapi"),
    *("set_language", "favicon"),
}


@pytest.fixture
def hold():
    """What is approved is not sent while the test looks at it."""
    return 3600


# rule -> what keeps people out of the page for signing in
FAULTS = {
    "label": "document.querySelector('label[for=id_username]').remove()",
    "color-contrast": "document.querySelector('h1').style.color = '#ccc'",
    "target-size": "document.querySelectorAll('.site-foot button').forEach((each) => (each.style.cssText = "
    "'font-size: 4px; padding: 0; height: 5px; min-height: 0; display: inline'))",
    "heading-order": "document.querySelector('main').insertAdjacentHTML('beforeend', '<h5>x</h5>')",
}


def test_axe_finds_faults_and_says_where_and_how_to_mend_them(visit, site, cast):
    page, inspector = visit(None), Inspector()
    inspector.look(page)
    assert not inspector.places
    for fault in FAULTS.values():
        page.evaluate(fault)
    inspector.look(page, "broken")
    assert {rule.partition(":")[0] for rule, *_ in inspector.places} == set(FAULTS)
    words = inspector.in_words()
    for told in ("on /sign-in/ broken", "#id_username", "does not have an implicit (wrapped) <label>"):
        assert told in words


WALKS = {
    "by every rule": ({"language": "zh-CN"}, ALL),
    "in English, in the dark, on a phone": (
        {"language": "en-US", "dark": True, "width": PHONE["width"]},
        SPACE_AND_COLOURS,
    ),
}


@pytest.mark.parametrize("walk", WALKS)
def test_axe_finds_nothing_on_any_page(walk, visit, site, shop, cast):
    how, rules = WALKS[walk]
    world, inspector = make_world(shop, cast), Inspector(rules)
    for person, way in WAYS.items():
        way(world, Visitor(visit(person, **how), inspector.look))
    assert not inspector.places, f"axe has found:\n\n{inspector.in_words()}"
    unseen = (set(PAGES) | set(PUBLIC)) - NO_PAGES - inspector.seen
    assert not unseen, f"Nobody has looked at {sorted(unseen)}: open each in tests/journeys/every_page.py."
