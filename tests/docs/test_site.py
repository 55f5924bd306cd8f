"""The site that is made of the pages: that its links lead somewhere, in both languages, in a browser too."""

import importlib.util
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from helpers import ROOT, load_script

COURSE = load_script(ROOT / "scripts" / "build_course.py")
ENGLISH = sorted(COURSE.ENGLISH.glob(COURSE.PAGES))
TURKISH = sorted(COURSE.TURKISH.glob(COURSE.PAGES))
# The pages beside the course that are there in Turkish, too.
BESIDE = [page.stem for page in sorted(COURSE.TURKISH.glob("*.md")) if page not in TURKISH]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built site."""
    if importlib.util.find_spec("sphinx") is None:
        pytest.skip("Sphinx is not installed: pip install -e '.[docs]'")
    out = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        ROOT / "docs",
        out,
    ]
    built = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (built.returncode, built.stderr) == (0, "")
    return out


class Links(HTMLParser):
    """What a page of HTML links to and loads, what can be linked to in it, and its language."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors, self.language = [], set(), None
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        """Called for each tag."""
        for name, value in attrs:
            if name in ("href", "src"):
                # What follows "#" of a page within this one is what it is to show.
                self.links.append(value.partition("#")[0] if tag == "iframe" else value)
            elif name == "id":
                self.anchors.add(value)
            elif (tag, name) == ("html", "lang"):
                self.language = value


@pytest.mark.slow
def test_every_link_within_the_site_leads_somewhere(site):
    pages = {path.resolve(): Links(path) for path in site.rglob("*.html")}
    for path, page in pages.items():
        for link in page.links:
            url = urlsplit(link)
            if url.scheme in ("http", "https", "data"):
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            assert target.is_file(), f"{path.name}: {link}"
            if url.fragment and target in pages:
                assert unquote(url.fragment) in pages[target].anchors, f"{path.name}: {link}"


@pytest.mark.slow
def test_a_page_says_its_language_and_leads_to_the_other(site):
    for english, turkish in [
        *((name, f"tr/{name}") for name in BESIDE),
        *((f"course/{page.stem}", f"tr/{page.stem}") for page in ENGLISH),
    ]:
        one, other = (Links(site / f"{page}.html") for page in (english, turkish))
        assert (one.language, other.language) == ("en", "tr")
        assert "../" * english.count("/") + f"{turkish}.html" in one.links
        assert f"../{english}.html" in other.links
    assert Links(site / "networks.html").language == "en"


# Only code and tables scroll sideways; the theme puts a page that is too wide into .content, which would scroll too.
FITS = "[document.documentElement, document.querySelector('.content')].filter(Boolean).every(box => box.scrollWidth <= box.clientWidth)"


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_in_a_browser_a_page_fits_and_needs_nothing_from_elsewhere(site, browser, width, scheme):
    trouble = []
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on(
        "request",
        lambda made: made.url.startswith(("file://", "data:")) or trouble.append(made.url),
    )
    for path in sorted(site.rglob("*.html")):
        page.goto(path.as_uri())
        assert page.evaluate(FITS), path.name
        assert trouble == [], path.name
    page.evaluate("document.querySelector('article').style.width = '2000px'")
    assert not page.evaluate(FITS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "there", "said"),
    [
        ("course/06-gru", "#network", "Japanese"),
        ("tr/03-sequence", "#beliefs", "Japanese"),
        ("course/10-temperature", "#written", "bits per character"),
    ],
)
def test_a_part_of_the_page_is_in_the_course(site, browser, name, there, said):
    page = browser.new_page()
    trouble = []
    page.on("console", lambda message: trouble.append(message.text))
    page.goto((site / f"{name}.html").as_uri())
    page.locator("iframe").scroll_into_view_if_needed()
    part = page.frame_locator("iframe")
    part.locator(there).get_by_text(said).first.wait_for()
    assert not part.locator("footer").is_visible()
    assert not part.locator("h1").is_visible()
    assert trouble == []
    page.close()
