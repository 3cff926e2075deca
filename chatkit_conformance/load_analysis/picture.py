"""From a Matplotlib figure to SVG that lives in the page: the page's colours and type, no style of its own.

A page allows no inline style, so what Matplotlib writes as `style` becomes attributes. Its colours are names here, in
the shape of a colour; each becomes one of the page's variables, so that light and dark pages draw the same picture.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VARIABLES = ("c1", "c2", "c3", "c4", "c5", "line", "soft", "ink", "ok", "bad")
"""The page's colours that a picture may use."""

COLOR = {name: f"#fe00{n:02x}" for n, name in enumerate(VARIABLES)}
"""What Matplotlib is given for each of them."""

_BACK = {value: f"var(--{name})" for name, value in COLOR.items()}
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_LEFT_OUT = ("font", "font-family", "font-size", "font-style", "font-weight")
"""Properties that the page gives to every text."""

SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 11,
    "axes.edgecolor": COLOR["line"],
    "axes.labelcolor": COLOR["soft"],
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.spines.bottom": False,
    "grid.color": COLOR["line"],
    "grid.linewidth": 1,
    "xtick.color": COLOR["soft"],
    "ytick.color": COLOR["soft"],
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "lines.linewidth": 2,
    "lines.markersize": 4,
}


def blank(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty picture, in the page's units. Matplotlib is loaded here: only who draws pays for it."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        return figure, figure.add_subplot()


def as_svg(figure: Figure, title: str) -> Markup:
    """The figure as inline SVG; `title` is what a screen reader says."""
    import matplotlib

    written = io.BytesIO()
    with matplotlib.rc_context({**SETTINGS, "svg.hashsalt": title}):
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    root = ET.fromstring(written.getvalue())  # noqa: S314  # what Matplotlib wrote a line above
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.removeprefix(_SVG) in ("metadata", "style"):
                parent.remove(child)
    for element in root.iter():
        _plain(element)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib.update({"class": "plot", "role": "img", "aria-label": title})
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704  # made by an XML writer, which escapes


def _plain(element: ET.Element) -> None:
    """Turn an element's style into attributes, and take away what a page of HTML does not need: namespaces, names."""
    element.tag = element.tag.removeprefix(_SVG)
    if (link := element.attrib.pop(_LINK, None)) is not None:
        element.set("href", link)
    for part in element.attrib.pop("style", "").split(";"):
        name, _, value = part.partition(":")
        if value and name.strip() not in _LEFT_OUT:
            element.set(name.strip(), value.strip())
    for name, value in element.attrib.items():
        element.set(name, _BACK.get(value, value))
    if re.fullmatch(r"[a-z]+[\w.]*_\d+|figure_\d+", element.get("id", "")):
        del element.attrib["id"]
