"""A person with a browser that knows forms, cookies and TLS, and nothing else."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


class Forms(HTMLParser):
    """The forms of a page: where each leads, and what it would send as it is."""

    def __init__(self, page):
        super().__init__()
        self.found, self._text, self._choice = [], None, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.found.append({"action": given.get("action") or "", "fields": {}})
        elif tag == "option" and self._choice and ("selected" in given or self._choice not in self.found[-1]["fields"]):
            self.found[-1]["fields"][self._choice] = given.get("value", "")
        elif not self.found or not (name := given.get("name")) or "disabled" in given:
            return
        elif tag == "select":
            self._choice = name
        elif tag == "textarea":
            self._text = name
            self.found[-1]["fields"][name] = ""
        elif tag == "input" and given.get("type") in ("checkbox", "radio"):
            if "checked" in given:
                self.found[-1]["fields"].setdefault(name, []).append(given.get("value", "on"))
        elif tag == "input" and given.get("type") != "file":
            self.found[-1]["fields"][name] = given.get("value", "")

    def handle_endtag(self, tag):
        self._text = None if tag == "textarea" else self._text
        self._choice = None if tag == "select" else self._choice

    def handle_data(self, data):
        if self._text:
            self.found[-1]["fields"][self._text] += data.removeprefix("\n")


class Browser:
    """One person's: `visit` and `send` leave `page` as the text that is shown; `sent` counts forms."""

    def __init__(self, address, certificate):
        self.address, self.url, self.page = address, address, ""
        self.sent = 0
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(certificate)
        # The site believes to be at its usual port.
        self.session.headers.update({"Referer": "https://localhost/", "Accept-Language": "en"})

    def visit(self, path):
        return self._show(self.session.get(urljoin(self.address, path), timeout=30, allow_redirects=False))

    def send(self, to="", **filled):
        """Sends the form that leads to an address ending so, filled in."""
        [form] = [form for form in Forms(self.page).found if form["action"].endswith(to) and not _is_small(form)][:1]
        self.sent += 1
        target = urljoin(self.url, form["action"])
        answer = self.session.post(target, data=form["fields"] | filled, timeout=30, allow_redirects=False)
        return self._show(answer)

    def _show(self, answer):
        while answer.is_redirect:
            path = answer.headers["Location"].removeprefix("https://localhost")
            answer = self.session.get(urljoin(self.address, path), timeout=30, allow_redirects=False)
        assert answer.status_code == 200, (
            f"{answer.url}: {answer.status_code}\n{answer.text.partition('error-summary')[2][:2000]}"
        )
        self.url, self.page = answer.url, answer.text
        return self


def _is_small(form):
    """Those at the edges of each page: language, search, signing out."""
    return any(name in form["action"] for name in ("/language/", "/search/", "/sign-out/"))
