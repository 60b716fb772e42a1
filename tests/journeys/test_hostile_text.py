"""What people, files and the ERP might call things, on the real pages in a real browser: it is text, and fits."""

import pytest
from django.db import transaction
from django.urls import reverse

from tests.security.hostile import BIDI, IMAGE, RIGHT_TO_LEFT, SCRIPT, TEMPLATE, world_of

EVERYTHING = f"{IMAGE}{SCRIPT}{TEMPLATE}{BIDI}🦆{'W' * 400}"


@pytest.fixture
def hold():
    """What is approved is not sent while the test looks at it."""
    return 3600


def listen(page):
    """Collects what must not happen: a dialog, a report of the policy, an event handler of a text that ran."""
    happened = []
    page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (e) => console.error('CSP', e.violatedDirective))"
    )
    return happened


def of_lina(world):
    yield from (f"/requests/?view={view}" for view in ("mine", "all"))
    for cancellation in world.requests:
        yield cancellation.get_absolute_url()
        yield reverse("order", args=[cancellation.number, 1])


@pytest.mark.parametrize("text", [EVERYTHING, BIDI, "W" * 10_000], ids=["everything", "bidirectional", "long"])
def test_nothing_runs_and_every_page_fits_a_phone(text, visit, shoot, shop, cast):
    visitors = {name: visit(name, width=375) for name in ("lina", "wangqiang", "zhaolei")}
    happened = {name: listen(page) for name, page in visitors.items()}
    with transaction.atomic():  # at once, so that the worker finds the account paused
        world = world_of(text, shop, cast)
    plan = {
        "lina": list(of_lina(world)),
        "wangqiang": [
            "/requests/?view=decide",
            world.waiting.get_absolute_url(),
            world.doubtful.get_absolute_url(),
            f"{world.doubtful.get_absolute_url()}by-hand/",
        ],
        "zhaolei": ["/shops/", "/shops/add/", "/workers/", "/calendar/"],
    }
    for name, addresses in plan.items():
        for address in addresses:
            visitors[name].goto(address)
            assert visitors[name].url.endswith(address)
            shoot(visitors[name], f"{name}-{address.strip('/').replace('/', '-').replace('?', '-')}")
    clerk = visitors["lina"]
    clerk.goto("/requests/new/")
    clerk.fill("#id_orders", f"CG1\n{text}")
    clerk.fill("#id_reason", text[:500])
    clerk.click("button[value=preview]")
    shoot(clerk, "preview")
    assert not any(happened.values())


@pytest.mark.parametrize("text", [BIDI, RIGHT_TO_LEFT], ids=["overridden", "from the right"])
def test_nothing_beside_a_text_is_turned_round_with_it(text, visit, shoot, shop, cast):
    """What stands after the text in the source stands after it on the screen."""
    with transaction.atomic():  # at once, so that the worker finds the account paused
        world = world_of(text, shop, cast)
    page = visit("lina")
    page.goto(world.doubtful.get_absolute_url())
    shoot(page, "turned-round")
    box = "(node) => { const all = document.createRange(); all.selectNode(node); return all.getBoundingClientRect(); }"
    entry = page.locator("#timeline li div", has=page.locator("strong bdi")).first
    left, right = entry.evaluate(
        f"(div) => {{ const box = {box}; return [box(div.firstChild).right, box(div.childNodes[1]).left]; }}"
    )
    assert left <= right + 1
