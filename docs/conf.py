"""How the site is built from these pages: `sphinx-build -W --keep-going -b html docs site`.

Knows no page. Sphinx reads the names in this file. Added to what it does are the link from an English page to the
Turkish one of the same name, and back, and links to an .md file that is no page.
"""

import re

project = "charnn"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "charnn"
language = "en"
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_search_summary = False  # a browser does not let a page from the disk read others
html_use_index = False
html_domain_indices = False
myst_heading_anchors = 3  # so that [text](page.md#a-heading) works

TURKISH = "tr/"  # the folder of the Turkish pages


def other_language(page: str, pages: set[str]) -> tuple[str, str, str] | None:
    """The same page in the other language as (page, language, what the link says), if it is there.

    `page` and `pages` are names as Sphinx has them: paths from docs/, without an ending.
    """
    if page.startswith(TURKISH):
        name = page.removeprefix(TURKISH)
        found = name if name == "index" else f"course/{name}", "en", "English"
    else:
        found = TURKISH + page.removeprefix("course/"), "tr", "Türkçe"
    return found if found[0] in pages else None


def add_language(app, pagename, templatename, context, doctree):
    """The language of the page, and the link to the same page in the other one, for _templates/page.html."""
    if pagename.startswith(TURKISH):
        context["language"] = "tr"
    context["other_language"] = other_language(pagename, app.env.found_docs)


def mark_files(app, docname, source):
    """MyST takes a link to any .md file for a page's; one that leaves docs/ becomes a link to the file itself."""
    up = docname.count("/") + 1
    source[0] = re.sub(rf"\]\(((?:\.\./){{{up}}}\w[^)#]*\.md)\)", r"](path:\1)", source[0])


def setup(app):
    """Sphinx calls this with itself."""
    app.connect("source-read", mark_files)
    app.connect("html-page-context", add_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
