"""The rows as JSON, as Markdown, and as a page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

TITLE = "Public ChatKit servers"
INTRO = (
    "Packages that anybody can install, each as its own documentation shows it, on a few lines of ours that stand in "
    "examples/, judged with a stand-in for Gemini behind it. A row says what these lines did with these releases on "
    "that day, not what a careful application can make of them. Most findings are in parts that an application is "
    "free to replace: the store, the endpoint, the conversion of the history. The first root cause is the one that "
    "explains most of what failed."
)
AGAIN = "nox -s servers"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: auto; padding: 1rem; }
  article { border-top: 1px solid color-mix(in srgb, currentColor 30%, transparent); padding: 1rem 0; }
  h2 { font-size: 1.1rem; margin: 0; }
  p { margin: .25rem 0; }
  dl { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: .2rem 1rem; margin: .75rem 0 0; }
  dt { opacity: .75; }
  dd { margin: 0; overflow-wrap: anywhere; }
  @media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
</style>
</head>
<body>
<h1>{{ title }}</h1>
<p>{{ intro }} Made by <code>{{ again }}</code>.</p>
{% for row in rows %}
<article>
  <h2>{{ row.name }}</h2>
  <p>{{ row.language }}: {{ row.says }}</p>
  <dl>
    {% for name, text in facts(row) %}<dt>{{ name }}</dt><dd>{{ text }}</dd>
    {% endfor %}
  </dl>
</article>
{% endfor %}
</body>
</html>
"""


def write(rows: Sequence[Mapping[str, Any]], out: Path) -> None:
    """Write servers.json, servers.md and servers.html."""
    out.mkdir(parents=True, exist_ok=True)
    told = json.dumps({"made by": AGAIN, "rows": rows}, indent=1, ensure_ascii=False)
    (out / "servers.json").write_text(told + "\n", "utf-8")
    (out / "servers.md").write_text(_markdown(rows), "utf-8")
    page = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(_PAGE)
    (out / "servers.html").write_text(
        page.render(title=TITLE, intro=INTRO, again=AGAIN, rows=rows, facts=facts), "utf-8"
    )


def facts(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a row says, each with its name."""
    if row["trouble"]:
        return [("judged", f"no, {row['trouble']}"), ("on", row["day"]), ("installed by", row["install"])]
    told = [
        ("verdict", row["headline"]),
        ("MUST kept", _of(row["must"])),
        ("SHOULD kept", _of(row["should"])),
        ("levels", _levels(row) or "none was judged whole"),
        ("first root cause", f"{row['root']}: {row['got']}" if row["root"] else "nothing to mend"),
        ("usual cause", row["cause"]),
        ("versions", ", ".join(f"{name} {version}" for name, version in row["versions"].items())),
        ("on", f"{row['day']}, {row['seconds']:g} s"),
        ("installed by", row["install"]),
        ("judged by", row["command"]),
    ]
    return [(name, text) for name, text in told if text]


def _markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        f"# {TITLE}",
        "",
        INTRO,
        "",
        f"Made by `{AGAIN}`; the same as a page: [servers.html](servers.html).",
        "",
        "| server | language | MUST kept | SHOULD kept | levels reached | first root cause | day |",
        "|---|---|---:|---:|---|---|---|",
    ]
    for row in rows:
        cells = [row["name"], row["language"]]
        if row["trouble"]:
            cells += ["", "", "", f"not judged: {row['trouble']}", row["day"]]
        else:
            reached = [name for name, word in row["levels"].items() if word.startswith("reached")]
            root = f"`{row['root']}`" if row["root"] else "none"
            cells += [_of(row["must"]), _of(row["should"]), ", ".join(reached) or "none", root, row["day"]]
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    for row in rows:
        lines += ["", f"## {row['name']}", "", f"{row['says'][0].upper()}{row['says'][1:]}.", ""]
        lines += [f"- {name}: {_shown(name, text)}" for name, text in facts(row)]
    return "\n".join([*lines, ""])


def _shown(name: str, text: str) -> str:
    """A fact in Markdown: what is typed, and what a server said, stand in code spans."""
    if name in ("installed by", "judged by"):
        return f"`{text}`"
    said, colon, got = text.partition(": ")
    return f"`{said}`: {_code(got)}" if name == "first root cause" and colon else _cell(text)


def _code(text: str) -> str:
    return "`` " + " ".join(text.split()).replace("``", "` `") + " ``"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _of(pair: Sequence[int]) -> str:
    return f"{pair[0]} of {pair[1]}"


def _levels(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {word}" for name, word in row["levels"].items())
