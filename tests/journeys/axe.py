"""axe-core looks at pages in the browser: what a program can find of what keeps people out."""

from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

SCRIPT = (Path(__file__).resolve().parent.parent / "vendor" / "axe-core-4.11.1" / "axe.min.js").read_text()
# Everything that WCAG 2.2 asks for on the levels A and AA, and what axe advises beyond it; no rule is left out.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = {"width": 375, "height": 900}, {"width": 1280, "height": 900}
OTHERWISE_ON_A_PHONE = ".table-stack"
# What is folded away is opened: axe does not see what nobody sees.
FIND = """async (tags) => {
  for (const details of document.querySelectorAll("main details")) details.open = true;
  const found = await axe.run(document, {runOnly: tags, resultTypes: ["violations"]});
  return found.violations.flatMap((rule) => rule.nodes.map((node) => [
    `${rule.id}: ${rule.help}`, node.target.join(" "), node.html.slice(0, 200), node.failureSummary, rule.helpUrl,
  ]));
}"""


class Inspector:
    """Has axe look at one page after the other; keeps what is wrong, with the places, and which URLs were looked at."""

    def __init__(self):
        self.places, self.seen = defaultdict(list), set()

    def look(self, page, what=""):
        """At the page as it stands there; on a phone too, where it is laid out otherwise. `what` names its state."""
        path = urlsplit(page.url).path
        try:
            self.seen.add(resolve(path).view_name)
        except Resolver404:
            assert what == "not found", path
        page.evaluate(SCRIPT)  # not as an element of the page, which the Content-Security-Policy refuses
        self._find(page, f"{path} {what}".strip())
        if page.locator(OTHERWISE_ON_A_PHONE).count():
            page.set_viewport_size(PHONE)
            self._find(page, f"{path} {what} on a phone")
            page.set_viewport_size(DESK)

    def _find(self, page, place):
        for fault in page.evaluate(FIND, TAGS):
            self.places[tuple(fault)].append(place)

    def in_words(self):
        """Each fault once: where, the rule, the element, how to mend it."""
        return "\n\n".join(
            f"{rule}\n  on {', '.join(places)}\n  {element}\n  {html}\n  {mend}\n  {more}"
            for (rule, element, html, mend, more), places in self.places.items()
        )
