"""What a notebook shows: panels of HTML in the colours of its theme, and whether one is running.

What comes from a model or a file goes through `plain`, which escapes it. Needs no library: a model
shows itself wherever it can answer.
"""

import sys
from collections.abc import Iterable
from html import escape
from typing import Any

from charnn.wording import shortened

WIDTH = 736  # pixels of a panel, at most
SHOWN = 60  # characters of a name or label in a panel
LIGHT = (
    "--page:#fff;--text:#1b1f24;--quiet:#57606a;--line:#d0d7de;"
    "--first:#0072b2;--second:#b35900;--deep:#083a6b;--on-deep:#fff"
)
DARK = (
    "--page:#12161b;--text:#e6edf3;--quiet:#9aa6b2;--line:#3a424b;"
    "--first:#58b4ee;--second:#ffb454;--deep:#58a6e8;--on-deep:#000"
)
# `@` is a panel, named three times so that its rules come before those that notebooks have for
# tables. The browser's preference counts where the notebook does not say which theme it has:
# Jupyter's attribute is named first, then the classes of VS Code, then Colab's attribute.
STYLE = (
    """
@{LIGHT}
@media (prefers-color-scheme:dark){@{DARK}}
[data-jp-theme-light=true] @,.vscode-light @{LIGHT}
[data-jp-theme-light=false] @,.vscode-dark @,[theme=dark] @{DARK}
@{background:var(--jp-layout-color0,var(--vscode-editor-background,var(--page)));
color:var(--jp-content-font-color1,var(--vscode-editor-foreground,var(--text)));
border:1px solid var(--line);border-radius:.4rem;box-sizing:border-box;max-width:WIDTHpx;
margin:.2rem 0;padding:.6rem .9rem;font:14px/1.45 system-ui,"Segoe UI",Roboto,"DejaVu Sans",
sans-serif;overflow-wrap:anywhere}
@ p{margin:0 0 .4rem}
@ .quiet{color:var(--quiet)}
@ table{border-collapse:collapse;width:100%;margin:0;table-layout:auto;font-size:inherit}
@ tr{background:none}
@ th,@ td{border:0;padding:.1rem .8rem .1rem 0;text-align:left;vertical-align:top;
font-weight:normal;line-height:1.5;max-width:none;background:none;color:inherit;
white-space:normal}
@ thead th{color:var(--quiet)}
@ .facts th{color:var(--quiet);width:8.5rem}
@ .bars th{width:30%}
@ .bars svg{display:block;width:100%;height:1.3em}
@ .number{text-align:right;width:5rem;padding-right:0;font-variant-numeric:tabular-nums}
@ .line{margin:.4rem 0 0;white-space:pre-wrap;font:12px/1.4 ui-monospace,"DejaVu Sans Mono",
monospace}
@ summary{cursor:pointer}
@ code{background:none;color:inherit;font-size:.95em}
@ .beside{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem}
@ .beside>*{flex:1 1 18rem;min-width:0}
@ .wide{overflow-x:auto;margin:.8rem 0 .4rem}
@ svg text{fill:currentColor;font:13px system-ui,"DejaVu Sans",sans-serif}
@ .first{stroke:var(--first);fill:var(--first)}
@ .second{stroke:var(--second);fill:var(--second)}
@ .ring{stroke:var(--first);fill:none;stroke-width:2}
@ .grid{stroke:var(--line)}
@ .frame{stroke:var(--line);fill:none}
@ .matrix rect:not(.frame){fill:var(--deep)}
@ .matrix g text{font-size:11px}
@ .matrix .on-deep{fill:var(--on-deep)}
@ .beside svg{display:block;max-width:26rem}
@ .legend{display:flex;flex-wrap:wrap;gap:0 1.4rem;margin:0}
@ .legend svg{height:.8em;margin-right:.4em;vertical-align:middle}
""".replace("{LIGHT}", "{" + LIGHT + "}")
    .replace("{DARK}", "{" + DARK + "}")
    .replace("WIDTH", str(WIDTH))
    .replace("@media", "\0")
    .replace("@", ".charnn.charnn.charnn")
    .replace("\0", "@media")
    .strip()
)


def is_running() -> bool:
    """Whether this program runs in a notebook, and not in a terminal or a script."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and "IPKernelApp" in shell.config


def panel(*parts: str, width: int = 0) -> str:
    """HTML parts as one panel, which brings its style and loads nothing.

    It is as wide as lines of text can well be read, or `width` pixels where that is more.
    """
    at_most = f' style="max-width:{width}px"' if width > WIDTH else ""
    return f'<div class="charnn"{at_most}><style>{STYLE}</style>{"".join(parts)}</div>'


def plain(text: object, most: int = SHOWN) -> str:
    """A text as HTML: escaped, on one line, of a long one both ends, of whichever direction."""
    return f"<bdi>{escape(shortened(text, most))}</bdi>"


def title(text: str, remark: str = "") -> str:
    """The first line of a panel, of HTML."""
    return f'<p><b>{text}</b> <span class="quiet">{remark}</span></p>'


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """A table of what there is to know: names and values, which are HTML."""
    cells = [f"<tr><th scope=row>{name}</th><td>{value}</td></tr>" for name, value in rows]
    return f'<table class="facts"><tbody>{"".join(cells)}</tbody></table>'


def bars(rows: Iterable[tuple[object, float, str]]) -> str:
    """A table of bars: a label, the bar's share of the full width, the number that it stands for.

    Labels and numbers are plain text.
    """
    cells = [
        f"<tr><th scope=row>{plain(label)}</th>"
        f'<td><svg aria-hidden="true"><rect class="first" stroke="none" y="20%" height="70%" '
        f'width="{100 * share:.2f}%"/></svg></td><td class="number">{escape(number)}</td></tr>'
        for label, share, number in rows
    ]
    return f'<table class="bars"><tbody>{"".join(cells)}</tbody></table>'
