"""The text of Markdown without its marks. No renderer: prose needs no more than this."""

from __future__ import annotations

import re
from typing import Final

from transforms.parse.markup import is_markup, plain_text

_HEADING: Final = re.compile(r"\A\s*#[ \t]+(?P<title>[^\n]{1,500}?)[ \t]*#*[ \t]*(?:\n|\Z)")
_UNDERLINED: Final = re.compile(r"\A\s*(?P<title>[^\n]{1,500})\n=+[ \t]*(?:\n|\Z)")
#: Marks and what stays of them, in this order. Every pattern is linear: no part can match in two ways.
_MARKS: Final = tuple(
    (re.compile(pattern, re.MULTILINE), kept)
    for pattern, kept in (
        (r"^[ \t]{0,3}(?:```|~~~)[^\n]*$", ""),
        (r"^[ \t]{0,3}\[[^\]\n]{1,200}\]:[ \t]+\S+[^\n]*$", ""),  # a link's address, set apart
        (r"^[ \t]{0,3}#{1,6}[ \t]+", ""),
        (r"^[ \t]{0,3}(?:=+|-{2,}|(?:\* ?){3,}|_{3,})[ \t]*$", ""),
        (r"^[ \t]{0,3}(?:> ?)+", ""),
        (r"^[ \t]*[*+-][ \t]+", ""),
        (r"!\[[^\]\n]{0,500}\]\(<?data:[^()\s]*\)", ""),  # the picture itself, of any length
        (r"!\[[^\]\n]{0,500}\]\([^()\n]{0,2000}\)", ""),
        (r"\[(?P<kept>[^\[\]\n]{1,1000})\]\([^()\n]{0,2000}\)", r"\g<kept>"),
        (r"\[(?P<kept>[^\[\]\n]{1,1000})\]\[[^\[\]\n]{0,200}\]", r"\g<kept>"),
        (r"<(?P<kept>https?://[^<>\s]{1,2000})>", r"\g<kept>"),
        (r"(?<![\w*\\])(?P<mark>\*{1,3})(?=[^\s*])(?P<kept>[^*\n]{1,2000})(?<=\S)(?P=mark)(?![\w*])", r"\g<kept>"),
        (r"(?<![\w_\\])(?P<mark>_{1,3})(?=[^\s_])(?P<kept>[^_\n]{1,2000})(?<=\S)(?P=mark)(?![\w_])", r"\g<kept>"),
        (r"~~(?P<kept>[^~\n]{1,2000})~~", r"\g<kept>"),
        (r"`(?P<kept>[^`\n]{1,2000})`", r"\g<kept>"),
        (r"\\(?P<kept>[!-/:-@\[-`{-~])", r"\g<kept>"),
    )
)


def markdown_title(text: str) -> tuple[str | None, str]:
    """The heading that the text begins with, without marks, and what follows it."""
    match = _HEADING.match(text) or _UNDERLINED.match(text)
    return (markdown_text(match["title"]), text[match.end() :]) if match else (None, text)


def markdown_text(text: str) -> str:
    """The text without marks, links and pictures; embedded HTML becomes text, too."""
    for pattern, kept in _MARKS:
        text = pattern.sub(kept, text)
    if is_markup(text):
        # Blank lines separate paragraphs in Markdown and mean nothing in HTML.
        text = "\n\n".join(plain_text(part) for part in re.split(r"\n[ \t]*\n", text))
    return text.strip("\n")
