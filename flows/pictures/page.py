"""Page: HTML in one file, without scripts and without anything that would have to be fetched.

Every text goes through ``escape``: titles and names were written by strangers.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from flows.pictures.canvas import VARIABLES, Picture
from flows.pictures.words import clean, shown
from warehouse.folder import write_atomically

#: Rows of a table in a page; more belong into a file of their own.
MOST_ROWS: Final = 200
_CELL_CHARS: Final = 300
#: Longer texts need a wide column, or a phone would show them a word a line.
_LONG_CHARS: Final = 30

#: Nothing may be fetched and no script run, should an escape ever be missing.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_LIGHT: Final = ";".join(f"{name}:{light}" for light, (name, _) in VARIABLES.items())
_DARK: Final = ";".join(f"{name}:{dark}" for name, dark in VARIABLES.values())

_STYLE: Final = (
    f":root{{color-scheme:light dark;{_LIGHT};--link:#0b5394}}\n"
    f"@media screen and (prefers-color-scheme:dark){{:root{{{_DARK};--link:#8ec5f0}}}}\n"
    """*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 3rem;max-width:68rem;background:var(--paper);color:var(--ink);
 font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:break-word}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .25rem}
h2{font-size:1.2rem;line-height:1.3;margin:0 0 .5rem}
h3{font-size:1rem;margin:1rem 0 .25rem}
p{margin:.25rem 0 .75rem;max-width:44rem}
a,summary{color:var(--link)}
code{font:.8125rem/1.4 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.note{color:var(--muted);font-size:.875rem}
.origin{color:var(--muted);font-size:.8125rem;margin:.25rem 0 .5rem;max-width:none}
.origin span{white-space:nowrap}
.name{margin:.5rem 0 0}
.name+ul{margin-top:0}
.lead{font-size:1.15rem;max-width:52rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1.25rem 0;padding:0}
.figures div{border-left:4px solid var(--c1);padding:.1rem .75rem}
.figures dt{color:var(--muted);font-size:.875rem}
.figures dd{margin:0}
.figures .value{font-size:1.6rem;font-weight:600;line-height:1.2}
.columns{columns:27rem 2;column-gap:2.5rem}
section{border-top:1px solid var(--grid);padding:1.1rem 0;break-inside:avoid}
section.wide{column-span:all}
figure{margin:0 0 .5rem}
figure svg{display:block;width:100%;max-width:40rem;height:auto}
figure svg *{stroke-linejoin:round;stroke-linecap:butt}
figure text{paint-order:stroke;stroke:var(--paper);stroke-width:2.5px;stroke-linejoin:round}
figcaption{color:var(--muted);font-size:.875rem;max-width:44rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;width:100%;margin:0 0 .75rem}
caption{text-align:left;color:var(--muted);font-size:.875rem;padding:0 0 .25rem}
caption span{display:block;position:sticky;left:0;max-width:calc(100vw - 2rem)}
th,td{text-align:left;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--grid);vertical-align:top}
th:last-child,td:last-child{padding-right:0}
th{color:var(--muted);font-weight:600;border-bottom-color:var(--axis)}
th[scope=col]{vertical-align:bottom}
th[scope=row]{color:inherit;font-weight:400;border-bottom-color:var(--grid)}
td,th{white-space:nowrap}
.long{min-width:14rem;white-space:normal}
.n{text-align:right;font-variant-numeric:tabular-nums}
ul{padding-left:1.2rem;margin:.25rem 0 .75rem}
ul.plain{list-style:none;padding:0}
li{margin:.25rem 0}
details{margin:.25rem 0}
summary{cursor:pointer}
footer{margin-top:1.5rem;border-top:1px solid var(--grid);padding-top:.75rem;color:var(--muted);font-size:.875rem}
@media (max-width:30rem){h1{font-size:1.4rem}.lead{font-size:1.05rem}.figures{grid-template-columns:1fr 1fr}}
@media print{html{font-size:62.5%}body{max-width:none;padding:0}section{break-inside:auto}
 figure,li,.scroll{break-inside:avoid}h2,h3,.name{break-after:avoid}.origin{break-before:avoid}.scroll{overflow:visible}a{color:inherit}}
"""
)


def escape(value: object, most_chars: int | None = None) -> str:
    """A text as HTML, in elements and in attributes, without control characters."""
    return html.escape(clean(value, most_chars), quote=True)


@dataclass(frozen=True, slots=True)
class Html:
    """HTML that is safe as it stands."""

    text: str


Words = str | Html


def _inline(words: Words, most_chars: int | None = None) -> str:
    return words.text if isinstance(words, Html) else escape(words, most_chars)


def joined(*parts: Words) -> Html:
    """Parts of a sentence, texts among them escaped."""
    return Html("".join(map(_inline, parts)))


def strong(text: str) -> Html:
    return Html(f"<strong>{escape(text)}</strong>")


def code(text: str) -> Html:
    return Html(f"<code>{escape(text)}</code>")


def link(text: str, url: str | None) -> Html:
    """A link that tells its site nothing of this page; only the text where the address is none of the web."""
    try:
        is_web = url is not None and urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        is_web = False
    if not is_web:
        return Html(escape(text, _CELL_CHARS))
    return Html(f'<a href="{escape(url)}" rel="noreferrer noopener">{escape(text, _CELL_CHARS)}</a>')


def paragraph(words: Words, kind: str = "") -> Html:
    return Html(f"<p{f' class={kind}' if kind else ''}>{_inline(words)}</p>")


def _command(text: str) -> str:
    """A command line that breaks before an option, and nowhere else."""
    words = escape(text).split(" --")
    return (
        "<code>"
        + " ".join(f"<span>{'--' if place else ''}{word}</span>" for place, word in enumerate(words))
        + "</code>"
    )


def origin(*commands: str) -> Html:
    """The commands that give the figures above them."""
    return Html(f'<p class="origin">From {"<br>and ".join(map(_command, commands))}</p>')


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _cell(text: str, *, is_number: bool, is_first: bool) -> str:
    kind = ' class="n"' if is_number else ' class="long"' if len(text) > _LONG_CHARS else ""
    return f'<th scope="row"{kind}>{text}</th>' if is_first and not is_number else f"<td{kind}>{text}</td>"


def table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], right: Sequence[str] = ()) -> Html:
    """A table with a caption; columns of numbers, and those in ``right``, stand to the right.

    The first column names the row. Cells are values of any kind, or ``Html``.
    """
    numeric = [name in right or any(_is_number(row[place]) for row in rows) for place, name in enumerate(columns)]
    head = "".join(
        f'<th scope="col"{" class=n" if is_number else ""}>{escape(name)}</th>'
        for name, is_number in zip(columns, numeric, strict=True)
    )
    lines = []
    for row in rows[:MOST_ROWS]:
        texts = [_inline(value if isinstance(value, Html) else shown(value), _CELL_CHARS) for value in row]
        cells = [
            _cell(text, is_number=is_number, is_first=place == 0)
            for place, (text, is_number) in enumerate(zip(texts, numeric, strict=True))
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    hidden = len(rows) - MOST_ROWS
    more = f"<p class=note>{hidden:,} more rows are not shown.</p>" if hidden > 0 else ""
    title = escape(caption)
    return Html(
        f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        f"<table><caption><span>{title}</span></caption><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>{more}"
    )


def figure(drawn: Picture, caption: Words) -> Html:
    """A picture with what it shows in words, for those who do not see it."""
    svg = drawn.svg.replace("<svg ", f'<svg role="img" aria-label="{escape(drawn.alt)}" ', 1)
    return Html(f"<figure>{svg}<figcaption>{_inline(caption)}</figcaption></figure>")


def figures(rows: Iterable[tuple[str, str, str]]) -> Html:
    """Headline figures: what each is, its value, and what it is compared with."""
    inside = "".join(
        f'<div><dt>{escape(name)}</dt><dd class="value">{escape(value)}</dd><dd class="note">{escape(aside)}</dd></div>'
        for name, value, aside in rows
    )
    return Html(f'<dl class="figures">{inside}</dl>')


def items(each: Iterable[Words], kind: str = "") -> Html:
    inside = "".join(f"<li>{_inline(words, _CELL_CHARS)}</li>" for words in each)
    return Html(f"<ul{f' class={kind}' if kind else ''}>{inside}</ul>")


def folded(summary: str, parts: Iterable[Html]) -> Html:
    """Parts that are there when one asks for them."""
    inside = "".join(part.text for part in parts)
    return Html(f"<details><summary>{escape(summary)}</summary>{inside}</details>")


def section(title: str, parts: Iterable[Html], *, is_wide: bool = False) -> Html:
    inside = "\n".join(part.text for part in parts)
    return Html(f"<section{' class=wide' if is_wide else ''}><h2>{escape(title)}</h2>\n{inside}\n</section>")


def page(title: str, head: Iterable[Html], sections: Iterable[Html], foot: Iterable[Html]) -> str:
    """A whole page."""
    above, body, below = ("\n".join(part.text for part in parts) for parts in (head, sections, foot))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{escape(title)}</h1>\n{above}</header>\n"
        f'<main class="columns">\n{body}\n</main>\n<footer>{below}</footer>\n</body>\n</html>\n'
    )


def write_page(text: str, path: Path) -> None:
    """Write a page so that a reader finds the former one or the new one, and nothing between.

    Raises ``OSError`` for what cannot be written.
    """
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")  # a pipe takes it, and a folder says that it is one
    elif not path.parent.is_dir():
        raise NotADirectoryError(f"{path.parent}: no such folder to write {path.name} to")
    else:
        write_atomically(path.resolve(), text)
