"""Page: HTML in one file, without scripts and without anything that would have to be fetched.

Every text goes through ``escape``: titles and names were written by strangers.
"""

from __future__ import annotations

import html
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from flows.pictures.canvas import Picture, clean
from flows.pictures.charts import number

#: Rows of a table in a page; more belong into a file of their own.
MOST_ROWS: Final = 200
_CELL_CHARS: Final = 300

#: Nothing may be fetched and no script run, should an escape ever be missing.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_STYLE: Final = """
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.25rem 1rem 3rem;max-width:64rem;background:#fff;color:#1f2933;
 font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .25rem}
h2{font-size:1.2rem;margin:0 0 .5rem}
h3{font-size:1rem;margin:1rem 0 .25rem}
p{margin:.25rem 0 .75rem;max-width:44rem}
.note{color:#52606d;font-size:.875rem}
.name{margin:0;font-weight:600}
.name+ul{margin-top:0}
.lead{font-size:1.1rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:1rem 0;padding:0}
.figures div{border-left:4px solid #0072b2;padding:.1rem .75rem}
.figures dt{color:#52606d;font-size:.875rem}
.figures dd{margin:0;font-size:1.5rem;font-weight:600;line-height:1.2}
.sections{columns:27rem 2;column-gap:2.5rem}
section{border-top:1px solid #e4e7eb;padding:1rem 0;break-inside:avoid}
section.wide{column-span:all}
figure{margin:0 0 .5rem;max-width:36rem}
figure svg{display:block;width:100%;height:auto}
figure text{paint-order:stroke;stroke:#fff;stroke-width:2.5px;stroke-linejoin:round}
figcaption{color:#52606d;font-size:.875rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;width:100%;margin:0 0 .75rem}
caption{text-align:left;color:#52606d;font-size:.875rem;padding:0 0 .25rem}
th,td{text-align:left;padding:.3rem .9rem .3rem 0;border-bottom:1px solid #e4e7eb;vertical-align:top;
 overflow-wrap:break-word}
th{color:#52606d;font-weight:600;border-bottom-color:#9aa5b1}
th[scope=row]{color:inherit;font-weight:400;border-bottom-color:#e4e7eb;min-width:6rem}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.seen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
ul{padding-left:1.2rem;margin:.25rem 0 .75rem}
li{margin:.2rem 0}
details summary{cursor:pointer;color:#0b5394}
footer{margin-top:2.5rem;border-top:1px solid #e4e7eb;padding-top:.75rem;color:#52606d;font-size:.875rem}
@media print{body{max-width:none}section{break-inside:avoid}}
"""


def escape(value: object, most_chars: int | None = None) -> str:
    """A text as HTML, in elements and in attributes, without control characters."""
    return html.escape(clean(value, most_chars), quote=True)


def shown(value: Any) -> str:
    """A value as a person reads it: not escaped yet."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return number(value)
    return day(value) if isinstance(value, date) else str(value)


def day(value: date) -> str:
    return f"{value.day} {value:%b %Y}"


def percent(share: float | None) -> str:
    if share is None:
        return ""
    return f"{share:.0%}" if share >= 0.1 or share == 0 else f"{share:.1%}"  # ruff: ignore[magic-value-comparison]


@dataclass(frozen=True, slots=True)
class Html:
    """HTML that is safe as it stands."""

    text: str


def paragraph(text: str, kind: str = "") -> Html:
    return Html(f"<p{f' class={kind}' if kind else ''}>{escape(text)}</p>")


def table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], right: Sequence[str] = ()) -> Html:
    """A table with a caption; columns of numbers, and those in ``right``, stand to the right.

    The first column names the row.
    """
    numeric = [
        name in right
        or (
            any(isinstance(row[place], int | float | Decimal) for row in rows)
            and not any(isinstance(row[place], bool) for row in rows)
        )
        for place, name in enumerate(columns)
    ]
    head = "".join(
        f'<th scope="col"{" class=n" if is_number else ""}>{escape(name)}</th>'
        for name, is_number in zip(columns, numeric, strict=True)
    )
    lines = []
    for row in rows[:MOST_ROWS]:
        cells = [
            f"<td{' class=n' if is_number else ''}>{escape(shown(value), _CELL_CHARS)}</td>"
            for value, is_number in zip(row, numeric, strict=True)
        ]
        if cells and not numeric[0]:
            cells[0] = f'<th scope="row">{cells[0].removeprefix("<td>").removesuffix("</td>")}</th>'
        lines.append(f"<tr>{''.join(cells)}</tr>")
    hidden = len(rows) - MOST_ROWS
    more = f"<p class=note>{hidden:,} more rows are not shown.</p>" if hidden > 0 else ""
    return Html(
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table><caption>{escape(caption)}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>{more}"
    )


def figure(drawn: Picture, caption: str) -> Html:
    """A picture with what it shows in words, for those who do not see it."""
    svg = drawn.svg.replace(
        '<svg aria-hidden="true" focusable="false" ', f'<svg role="img" aria-label="{escape(drawn.alt)}" ', 1
    )
    return Html(f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>")


def figures(pairs: Iterable[tuple[str, str]]) -> Html:
    """Headline figures: what each is, and its value."""
    inside = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
    return Html(f'<dl class="figures">{inside}</dl>')


def items(texts: Iterable[str]) -> Html:
    return Html("<ul>" + "".join(f"<li>{escape(text, _CELL_CHARS)}</li>" for text in texts) + "</ul>")


def folded(summary: str, parts: Iterable[Html]) -> Html:
    """Parts that are there when one asks for them."""
    inside = "".join(part.text for part in parts)
    return Html(f"<details><summary>{escape(summary)}</summary>{inside}</details>")


def section(title: str, parts: Iterable[Html], *, is_wide: bool = False) -> Html:
    inside = "\n".join(part.text for part in parts)
    return Html(f"<section{' class=wide' if is_wide else ''}><h2>{escape(title)}</h2>\n{inside}\n</section>")


def page(title: str, head: Iterable[Html], sections: Iterable[Html], foot: str) -> str:
    """A whole page."""
    above = "\n".join(part.text for part in head)
    body = "\n".join(part.text for part in sections)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{escape(title)}</h1>\n{above}</header>\n"
        f'<main class="sections">\n{body}\n</main>\n<footer>{escape(foot)}</footer>\n</body>\n</html>\n'
    )


def write_page(text: str, path: Path) -> None:
    """Write a page so that a reader finds the former one or the new one, and nothing between."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
