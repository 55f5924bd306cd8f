"""How the site is built from these pages: `sphinx-build -W --keep-going -b html docs site`.

Knows no page. Sphinx reads the names in this file. It adds the link from an English page to the
Turkish one of the same name, and back; links to an .md file that is no page; and docstrings, which
are plain text with `code` in backticks, as reStructuredText for the API reference; and the pages of
the bundled models, parts of which are in the course.
"""

import dataclasses
import re
from pathlib import Path

import charnn
from charnn.deployment.web import web_page

project = "charnn"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
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

autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88  # longer ones get a line for each argument
python_use_unqualified_type_names = True

LIVE = ("classifier", "generator")
TURKISH = "tr/"  # the folder of the Turkish pages


def other_language(page: str, pages: set[str]) -> tuple[str, str, str] | None:
    """The same page in the other language as (page, language, what the link says), if it is there.

    `page` and `pages` are names as Sphinx has them: paths from docs/, without an ending.
    """
    if page.startswith(TURKISH):
        name = page.removeprefix(TURKISH)
        names, language, says = (f"course/{name}", name), "en", "English"
    else:
        names, language, says = (TURKISH + page.removeprefix("course/"),), "tr", "Türkçe"
    return next(((name, language, says) for name in names if name in pages), None)


def add_language(app, pagename, templatename, context, doctree):
    """For _templates/page.html: the page's language, and the same page in the other one."""
    if pagename.startswith(TURKISH):
        context["language"] = "tr"
    context["other_language"] = other_language(pagename, app.env.found_docs)


def mark_files(app, docname, source):
    """Makes a link to an .md file outside docs/ one to the file, which MyST takes for a page."""
    up = docname.count("/") + 1
    source[0] = re.sub(rf"\]\(((?:\.\./){{{up}}}\w[^)#]*\.md)\)", r"](path:\1)", source[0])


# Code, or what reStructuredText would take for more than text.
MARKS = re.compile(r"(`[^`]+`)|([*|\\]|_(?=\W|$))")


def as_markup(line: str) -> str:
    """A line of plain text with `code` in backticks as reStructuredText."""
    return MARKS.sub(lambda found: f"`{found[1]}`" if found[1] else f"\\{found[2]}", line)


def rewrite_docstring(app, what, name, obj, options, lines):
    """Makes a docstring's indented blocks literal, and marks only code in the rest."""
    rewritten = []
    literal = False
    for line in lines:
        if not line.strip():
            rewritten.append("")
        elif line.startswith(">>> ") or (rewritten and rewritten[-1].startswith(">>> ")):
            rewritten.append(line)  # a doctest block is known as such
        elif line.startswith("    "):
            if not literal:
                rewritten += ["", "::", ""]
            rewritten.append(line)
        else:
            if literal:
                rewritten.append("")
            rewritten.append(as_markup(line))
        literal = line.startswith("    ") or (literal and not line.strip())
    if what == "class" and dataclasses.is_dataclass(obj):
        rewritten += ["", *options_of(obj), ""]
    lines[:] = rewritten


def options_of(config):
    """The fields of a dataclass whose metadata has a help text, as a list of definitions."""
    for field in dataclasses.fields(config):
        if "help" in field.metadata:
            yield f"``{field.name}`` = {field.default!r}"
            yield f"    {as_markup(field.metadata['help'])}"
            yield ""


def skip_plain_fields(app, what, name, obj, skip, options):
    """Leaves out the fields of a NamedTuple, of which Python only says that they are fields."""
    return True if type(obj).__name__ == "_tuplegetter" else None


def write_live_pages(app, exception):
    """The pages of the bundled models, of which the course has parts in it."""
    if exception is None and app.builder.name == "html":
        for name in LIVE:
            page = web_page(charnn.load(name))
            (Path(app.outdir) / f"live-{name}.html").write_text(page, encoding="utf-8")


def setup(app):
    """Sphinx calls this with itself."""
    app.connect("build-finished", write_live_pages)
    app.connect("source-read", mark_files)
    app.connect("html-page-context", add_language)
    app.connect("autodoc-process-docstring", rewrite_docstring)
    app.connect("autodoc-skip-member", skip_plain_fields)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
