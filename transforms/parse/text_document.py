"""Plain text and Markdown, with or without front matter: one article a file.

Front matter is YAML between two lines of ``---`` or TOML between two of ``+++``, as static site generators
write it. Without it, a first line that stands alone and is short is the title, and a path such as
``2024-01-11-title.md`` tells the date.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from transforms.parse.dates import date_in_path
from transforms.parse.fields import FieldMap
from transforms.parse.limits import RefusedError
from transforms.parse.markdown import markdown_text, markdown_title
from transforms.parse.reading import Context, Format, Head, Stream, read_text
from transforms.parse.records import Article, Item

_MARKDOWN: Final = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd"})
_TEXT: Final = frozenset({"", ".txt", ".text"})
_FRONT: Final = re.compile(
    r"\A(?P<fence>---|\+\+\+)[ \t]*\n(?P<matter>.*?)^(?:(?P=fence)|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_FRONT_START: Final = re.compile(r"\A(?:---[ \t]*\n\s*[\"']?[\w -]+[\"']?\s*:|\+\+\+[ \t]*\n)")
_LONGEST_MATTER_CHARS: Final = 32_000
# PyYAML looks at all open brackets for every one that follows.
_MOST_BRACKETS: Final = 500
_LONGEST_TITLE_CHARS: Final = 200
_ENDS: Final = (".", "!", "?", "…", ":", ";", ",", "。")


def _yaml(matter: str) -> Any:
    import yaml  # ruff: ignore[import-outside-top-level] - only front matter needs it

    # An alias can stand for itself many times over: billions of nodes from a line (the "billion laughs").
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(matter, yaml.SafeLoader)):
        raise RefusedError("front_matter", "the front matter has YAML aliases, which are not read", matter)
    return yaml.safe_load(matter)


def _front_matter(matter: str, fence: str) -> Mapping[str, Any]:
    """The fields; raises ``RefusedError`` if they cannot be read."""
    if len(matter) > _LONGEST_MATTER_CHARS:
        raise RefusedError("front_matter", f"front matter of {len(matter):,} characters; shorten it", matter[:1000])
    if matter.count("[") + matter.count("{") + matter.count("- -") > _MOST_BRACKETS:
        raise RefusedError("front_matter", "the front matter is nested too deep", matter[:1000])
    try:
        found = tomllib.loads(matter) if fence == "+++" else _yaml(matter)
    except RefusedError:
        raise
    except Exception as error:  # YAML raises errors of many kinds
        message = " ".join(str(error).split())[:200]
        raise RefusedError("front_matter", f"the front matter cannot be read: {message}; correct it", matter) from error
    if found is not None and not isinstance(found, Mapping):
        raise RefusedError("front_matter", "the front matter is no list of fields; write 'name: value' lines", matter)
    return found or {}


def _first_line(text: str) -> tuple[str | None, str]:
    """The title and the rest, if the first line is followed by a blank one and is no sentence."""
    first, _, rest = text.strip("\n").partition("\n")
    line = first.strip()
    is_alone = rest.startswith("\n") or not rest.partition("\n")[0].strip()
    if is_alone and rest.strip() and len(line) <= _LONGEST_TITLE_CHARS and not line.endswith(_ENDS):
        return line, rest
    return None, text


def _read(stream: Stream, context: Context) -> Iterator[Item]:
    document = read_text(stream, context)
    text = document.text
    suffix = PurePosixPath(context.path).suffix.lower()
    article = Article(body=None)
    match = _FRONT.match(text.lstrip())
    if match is not None and _FRONT_START.match(text.lstrip()):
        fields = _front_matter(match["matter"], match["fence"])
        text = text.lstrip()[match.end() :]
        article = FieldMap(context.options.fields).article(fields, body=text)
    if suffix in _MARKDOWN or (match is not None and suffix not in _TEXT):
        heading, rest = markdown_title(text)
        if heading is not None and (article.title is None or article.title == heading):
            article.title, text = heading, rest
        text = markdown_text(text)
    if article.title is None:
        article.title, text = _first_line(text)
    article.body = text
    article.published = article.published if article.published is not None else date_in_path(context.path)
    article.notes += document.notes
    yield article


def _matches(head: Head) -> bool:
    if head.text is None:
        return False
    return head.suffix in _MARKDOWN | _TEXT or _FRONT_START.match(head.start) is not None


FORMAT: Final = Format(
    name="text",
    version=3,
    expectation="text named .txt or .md",
    matches=_matches,
    read=_read,
)
