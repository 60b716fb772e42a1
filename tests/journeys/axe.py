"""axe-core looks at pages in the browser: what a program can find of what keeps people out."""

from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

SCRIPT = (Path(__file__).resolve().parent.parent / "vendor" / "axe-core-4.11.1" / "axe.min.js").read_text()
# Everything that WCAG 2.2 asks for on the levels A and AA, and what axe advises beyond it; no rule is left out.
ALL = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# What other words or less space may break in the same page, and what other colours may.
SPACE = [
    *("target-size", "scrollable-region-focusable", "empty-table-header", "td-has-header", "th-has-data-cells"),
    *("document-title", "html-has-lang", "html-lang-valid", "valid-lang", "page-has-heading-one", "empty-heading"),
    *("label", "select-name", "button-name", "input-button-name", "link-name", "summary-name", "image-alt"),
]
SPACE_AND_COLOURS = {"type": "rule", "values": [*SPACE, "color-contrast", "link-in-text-block"]}
PHONE, DESK = {"width": 375, "height": 900}, {"width": 1280, "height": 900}
OTHERWISE_ON_A_PHONE = ".table-stack"
# What is folded away is opened: axe does not see what nobody sees.
FIND = """async (rules) => {
  for (const details of document.querySelectorAll("main details")) details.open = true;
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
  return found.violations.flatMap((rule) => rule.nodes.map((node) => [
    `${rule.id}: ${rule.help}`, node.target.join(" "), node.html.slice(0, 200), node.failureSummary, rule.helpUrl,
  ]));
}"""


class Inspector:
    """Has axe look at one page after the other; keeps what is wrong, with the places, and which URLs were looked at."""

    def __init__(self, rules=ALL):
        self.places, self.seen, self._rules = defaultdict(list), set(), rules

    def look(self, page, what=""):
        """At the page as it stands there; on a phone too, where it is laid out otherwise. `what` names its state."""
        path = urlsplit(page.url).path
        try:
            self.seen.add(resolve(path).view_name)
        except Resolver404:
            assert what == "not found", path
        page.evaluate(SCRIPT)  # not as an element of the page, which the Content-Security-Policy refuses
        self._find(page, self._rules, f"{path} {what}".strip())
        if page.viewport_size != PHONE and page.locator(OTHERWISE_ON_A_PHONE).count():
            page.set_viewport_size(PHONE)
            self._find(page, {"type": "rule", "values": SPACE}, f"{path} {what} on a phone")
            page.set_viewport_size(DESK)

    def _find(self, page, rules, place):
        for fault in page.evaluate(FIND, rules):
            self.places[tuple(fault)].append(place)

    def in_words(self):
        """Each fault once: where, the rule, the element, how to mend it."""
        return "\n\n".join(
            f"{rule}\n  on {', '.join(places)}\n  {element}\n  {html}\n  {mend}\n  {more}"
            for (rule, element, html, mend, more), places in self.places.items()
        )
