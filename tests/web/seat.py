"""A real browser at the pages of a real server: Debian's Chromium, driven by playwright."""

from axe_playwright_python.sync_playwright import Axe

CHROMIUM = "/usr/bin/chromium"

LOOKS = {
    "light": {"viewport": {"width": 1200, "height": 900}},
    "dark": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True},
}


class Seat:
    """Somebody at a browser. `words` are what it had to complain about."""

    def __init__(self, house, port, browser, person=None, look="light"):
        self.look = look
        self.base = f"http://127.0.0.1:{port}"
        self.context = browser.new_context(**LOOKS[look], reduced_motion="reduce")  # axe looks at no half-done change
        if person:
            cookie = house.bot.web_parts.sessions.cookie(person, house.now)
            self.context.add_cookies([{"name": "mailbot", "value": cookie, "url": self.base}])
        self.page = self.context.new_page()
        self.words = []
        self.page.on("console", lambda said: self.words.append(said.text))

    def goto(self, path):
        self.page.goto(self.base + path)
        return self.page

    def faults(self):
        """What axe-core finds wrong with the page: (rule, where) each; in the dark nothing but its colours is new."""
        options = {"runOnly": ["color-contrast"]} if self.look == "dark" else None
        found = Axe().run(self.page, options=options).response["violations"]
        return [(one["id"], node["target"], node.get("failureSummary")) for one in found for node in one["nodes"]]

    def is_wider_than_its_screen(self):
        return self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
