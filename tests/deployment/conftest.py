"""The JavaScript engine in a browser, without the page."""

from base64 import b64encode

import pytest

from charnn.deployment.web import HERE, MODULES, script
from charnn.inference import checkpoint


class JavaScript:
    """engine.js, and one model in it."""

    def __init__(self, page):
        self.page, self.trouble = page, []
        page.on("console", lambda message: self.trouble.append(message.text))
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        modules = script(MODULES[: MODULES.index("engine") + 1])
        page.set_content(
            f"<script type='module'>{modules}\nObject.assign(window, {{ engine, letters }});</script>"
        )
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
