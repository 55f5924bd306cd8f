"""The page of a model: opened from the disk in a browser, it answers as the commands do."""

import json
import re
import zlib
from base64 import b64decode

import pytest
from helpers import call
from random_models import random_classifier, random_generator
from tiny_models import KINDS

import charnn
from charnn.deployment.web import HERE, MODULES, script, web_page

LONGEST = 300  # lines of a JavaScript file, and
WIDEST = 100  # columns, as of Python's

PAGES = [kind for kind in KINDS if kind != "word_generator"]  # which has none, and says so


def packed(page, what):
    """What a page holds, as bytes."""
    text = re.search(rf'<script id="{what}" type="text/plain">(.*?)</script>', page, re.DOTALL)[1]
    return zlib.decompress(b64decode(text)) if text else b""


# ---------------------------------------------------------------- the page as text


def test_the_model_is_in_the_page_as_its_file_is(tmp_path):
    model = random_classifier()
    model.save(tmp_path / "model")
    page = web_page(model)
    assert packed(page, "model") == (tmp_path / "model").read_bytes()
    assert packed(page, "table") == (HERE / "ascii.txt").read_bytes()


def test_a_model_that_reads_what_is_written_needs_no_table():
    assert packed(web_page(random_generator()), "table") == b""


@pytest.mark.slow
def test_the_page_needs_nothing_else_and_says_what_the_model_is():
    page = web_page(charnn.load(device="cpu"))
    assert not re.search(
        r'https?://|<link(?! rel="icon" href="data:,")|src=|@import',
        page.replace("http://www.w3.org/2000/svg", ""),
    )
    assert page.count("<script") == page.count("</script>") == 6
    assert ">Type a name: 32 labels, accuracy 0.746</title>" in page
    assert "0.746 on 2,437 names it never saw" in page
    assert "must not be used for decisions about people" in page
    assert len(page) < 2_500_000


def test_every_javascript_file_is_in_the_page_and_not_too_long():
    files = {path.stem: path.read_text(encoding="utf-8") for path in HERE.glob("*.js")}
    assert files.keys() == set(MODULES)
    for name, source in files.items():
        lines = source.splitlines()
        assert len(lines) <= LONGEST, name
        assert max(map(len, lines)) <= WIDEST, name


def test_only_the_page_knows_of_a_page():
    engine = MODULES[: MODULES.index("near") + 1]
    assert not re.search(r"\b(document|window)\.", script(engine))


# ---------------------------------------------------------------- in a browser


class Opened:
    """A page from the disk in a browser, with what goes wrong there and what it asks for."""

    def __init__(self, browser, path, width=1280, scheme="light"):
        self.page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
        self.trouble, self.requests = [], []
        self.page.on("console", lambda message: self.trouble.append(message.text))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("request", lambda made: self.requests.append(made.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("#working:not([hidden]), #state.trouble")
        self.path = path

    def type(self, text):
        """Types a text; the pictures come a moment later."""
        self.page.fill("#text", text)
        self.page.wait_for_timeout(200)

    def lines(self, where):
        """The texts of the elements of a list."""
        return self.page.locator(where).all_inner_texts()

    def close(self):
        """Asserts that nothing went wrong and nothing was asked for."""
        assert self.trouble == []
        assert self.requests == [self.path.as_uri()]
        self.page.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages of both bundled models."""
    out = tmp_path_factory.mktemp("pages")
    for name in ("classifier", "generator"):
        (out / f"{name}.html").write_text(web_page(charnn.load(name, "cpu")), encoding="utf-8")
    return out


def written(model, page, tmp_path):
    """The path of a model's page, on the disk."""
    path = tmp_path / "page.html"
    path.write_text(page or web_page(model), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_answer_is_the_commands(pages, browser, width, scheme, tmp_path):
    opened = Opened(browser, pages / "classifier.html", width, scheme)
    for name in ("Hinton", "Kovačević", "Škvorecký"):
        opened.type(name)
        result = call("charnn.predict", name, "--json", "--top", 3)
        expected = json.loads(result.stdout)["predictions"]
        shown = opened.lines("#bars li")[:3]
        for line, row in zip(shown, expected, strict=True):
            label, number = re.fullmatch(r"(\S+)\s+(?:[<>] )?([\d.]+) %", line).groups()
            assert label == row["label"]
            assert float(number) == pytest.approx(100 * row["probability"], abs=0.1)
    model = charnn.load(device="cpu")
    last = model.predict("Škvorecký", top=1)[0]
    rows = opened.page.locator("#each tr").all_text_contents()
    assert len(rows) == len("skvorecky")
    assert rows[-1] == "y" + rows[-1][1:]
    assert rows[-1][1:].startswith(f"{last[0]} {100 * last[1]:.1f} %")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    picture = tmp_path / f"{width}-{scheme}.png"
    opened.page.screenshot(path=picture, full_page=True)
    assert picture.read_bytes().startswith(b"\x89PNG")
    opened.close()


@pytest.mark.slow
def test_the_gates_are_chosen_by_keyboard(pages, browser):
    opened = Opened(browser, pages / "classifier.html")
    opened.type("Satoshi")
    pressed = "#gates button[aria-pressed=true]"
    assert opened.lines("#gates button") == [
        "reset gate",
        "update gate",
        "candidate",
        "hidden state",
    ]
    assert opened.lines(pressed) == ["reset gate"]
    opened.page.get_by_role("button", name="reset gate").focus()
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Enter")
    assert opened.lines(pressed) == ["update gate"]
    assert opened.page.evaluate("document.activeElement.textContent") == "update gate"
    image = opened.page.get_by_role("img", name="update gate of 128 units at each of 7 steps")
    assert image.is_visible()
    opened.page.get_by_role("button", name="recurrent 1, backwards").click()
    assert opened.lines(pressed) == ["update gate"]
    opened.close()


@pytest.mark.slow
def test_what_is_unknown_or_too_long_is_said(pages, browser):
    opened = Opened(browser, pages / "classifier.html")
    opened.type("Straße!")
    assert opened.lines("#read") == ["Read as “strasse?”. Unknown to the model: !"]
    opened.type("🙂")
    assert opened.page.get_by_text("No letter of it is known to the model").is_visible()
    opened.type("王")
    assert "transliterates poorly" in opened.lines("#read")[0]
    opened.type("x" * 10_001)
    assert opened.lines("#wrong") == ["This text is too long: up to 10,000 characters are read."]
    assert not opened.page.locator("#results").is_visible()
    opened.type("Ada")
    assert opened.page.locator("#results").is_visible()
    opened.type("")
    assert not opened.page.locator("#results").is_visible()
    opened.close()


@pytest.mark.slow
def test_the_generators_page_writes_and_scores(pages, browser):
    opened = Opened(browser, pages / "generator.html")
    opened.page.select_option("#label", label="Turkish")
    opened.page.fill("#prefix", "Yı")
    opened.page.get_by_role("button", name="Write", exact=True).click()
    opened.page.wait_for_selector("#stop[disabled]")  # the names come letter by letter
    texts = opened.lines("#written .text")
    assert len(texts) == 8
    assert all(text.startswith("Yı") for text in texts)
    assert all("Turkish" in about for about in opened.lines("#written small"))
    opened.page.fill("#prefix", "王")
    opened.page.keyboard.press("Enter")
    assert opened.lines("#wrong") == ["The model does not know 王; leave it out."]
    opened.type("Satoshi")
    opened.page.select_option("#of-label", label="Japanese")
    opened.page.wait_for_timeout(300)
    result = call("charnn.generate", "--label", "Japanese", "--score", "Satoshi", "--json")
    bits = json.loads(result.stdout)["bits_per_char"]
    assert opened.lines("#mean") == [f"{bits:.2f} bits per character"]
    assert opened.page.locator("#bits li").count() == len("Satoshi") + 1
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*PAGES, "random_classifier", "random_generator"])
def test_every_kind_of_model_has_a_page(kind, folder, reviews, browser, tmp_path):
    random_ones = {"random_classifier": random_classifier, "random_generator": random_generator}
    build = random_ones.get(kind)
    model = build(layers=2, cell="lstm-peephole") if build else KINDS[kind](folder, reviews)
    opened = Opened(browser, written(model, None, tmp_path), width=390)
    assert opened.lines("#state.trouble") == []
    opened.type("a lovely story")
    assert opened.page.locator("#results canvas").is_visible()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("what", ["model", "table"])
@pytest.mark.parametrize("damage", ["cut", "changed", "no base64", "gone"])
def test_a_page_with_a_damaged_model_says_so(model, browser, tmp_path, what, damage):
    page = web_page(charnn.load(model, "cpu"))
    start = page.index(f'<script id="{what}" type="text/plain">') + len(
        f'<script id="{what}" type="text/plain">'
    )
    end = page.index("</script>", start)
    text = page[start:end]
    middle = len(text) // 2
    changed = {
        "cut": text[: middle // 4 * 4],
        "changed": text[:middle]
        + ("AAAAAAAA" if text[middle] != "A" else "BBBBBBBB")
        + text[middle + 8 :],
        "no base64": text[:middle] + "%" + text[middle:],
        "gone": "",
    }[damage]
    opened = Opened(browser, written(None, page[:start] + changed + page[end:], tmp_path))
    if (what, damage) == ("table", "gone"):
        said = "This model reads ASCII, and the table that says how is missing."
    else:
        said = f"The {what} in this page is damaged, so it cannot answer; export the page again."
    alert = opened.page.get_by_role("alert").filter(visible=True)
    assert alert.inner_text() == said
    opened.close()
