"""The JavaScript engine in a browser, without the page."""

from base64 import b64encode

import pytest

import charnn
from charnn.deployment.web import HERE, MODULES, script, web_page
from charnn.inference import checkpoint


class JavaScript:
    """engine.js, and one model in it."""

    def __init__(self, page):
        self.page, self.trouble = page, []
        page.on("console", lambda message: self.trouble.append(message.text))
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        modules = script(MODULES[: MODULES.index("near") + 1])
        shown = "Object.assign(window, { engine, letters, name_table, near, sampling });"
        page.set_content(f"<script type='module'>{modules}\n{shown}</script>")
        page.evaluate("(table) => { window.table = table; }", (HERE / "ascii.txt").read_text())

    def load(self, content):
        """Loads a model file's bytes, or a model. Gives the message of an error, else ""."""
        if not isinstance(content, bytes):
            content = checkpoint.to_bytes("model", content.arrays(), content.description())
        return self.page.evaluate(
            """(packed) => {
                const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
                try { window.model = engine.load(bytes, table); } catch (error) {
                    return `${error.name}: ${error.message}`;
                }
                return "";
            }""",
            b64encode(content).decode(),
        )

    def __call__(self, function, argument=None):
        """What a JavaScript function says, such as "(names) => names.map(...)"."""
        answer = self.page.evaluate(function, argument)
        assert self.trouble == []
        return answer


@pytest.fixture(scope="module")
def javascript(browser):
    """The engine in a page of its own."""
    return JavaScript(browser.new_page())


class OpenPage:
    """A page from the disk in a browser, with what goes wrong there and what it asks for."""

    def __init__(self, browser, path, width=1280, scheme="light", language="en", **context):
        self.page = browser.new_page(
            viewport={"width": width, "height": 844}, color_scheme=scheme, **context
        )
        self.trouble, self.requests = [], []
        self.page.on("console", lambda message: self.trouble.append(message.text))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("request", lambda made: self.requests.append(made.url))
        self.address = path.as_uri()
        self.page.goto(f"{self.address}#{language}")
        self.page.wait_for_selector("#working:not([hidden]), #state.trouble")

    def lines(self, where):
        """The texts of the elements of a list."""
        return self.page.locator(where).all_inner_texts()

    def focused(self):
        """The text of the element that the keyboard is at."""
        return self.page.evaluate("document.activeElement.textContent")

    def serious(self):
        """What axe-core finds that is serious."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright")
        found = axe.Axe().run(self.page).response["violations"]
        return [
            (one["id"], [node["html"][:200] for node in one["nodes"]])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]

    def close(self):
        """Asserts that nothing went wrong, nothing was asked for and nothing is too wide."""
        width = self.page.viewport_size["width"]
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width
        assert self.trouble == []
        assert [url for url in self.requests if not url.startswith("blob:")] == [self.address]
        self.page.close()


@pytest.fixture(scope="module")
def open_page(browser, tmp_path_factory):
    """Opens the page of a model, or of a bundled one by its name: open_page("generator", 390)."""
    pages, folder = {}, tmp_path_factory.mktemp("opened")

    def opened(model, *options, **more):
        if model not in pages:
            found = charnn.load(model, "cpu") if isinstance(model, str) else model
            path = folder / f"{len(pages)}.html"
            path.write_text(web_page(found), encoding="utf-8")
            pages[model] = path
        return OpenPage(browser, pages[model], *options, **more)

    return opened
