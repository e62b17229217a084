"""The text of a piece of HTML, for feeds and fields that hold one; whole pages go through ``html_page``."""

from __future__ import annotations

import html
import re
import sys
from typing import Final

from transforms.parse.limits import RefusedError

# An end tag, a line break or two paragraphs. A start tag alone is none: <A>, <BR.N> and <P> are share symbols.
_TAG: Final = re.compile(
    r"</(?:p|div|span|a|strong|em|b|i|ul|ol|li|h[1-6]|blockquote|figure|table|td|script|style)>|<br\s*/?>|<img\s"
    r"|<p(?:\s[^<>]{0,500})?>(?s:.{0,20000}?)<p(?:\s[^<>]{0,500})?>",
    re.IGNORECASE,
)
_ENTITY: Final = re.compile(
    r"&(?:#\d{1,6}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip);", re.IGNORECASE
)
_REFERENCE: Final = re.compile(r"&#(?P<digits>x[0-9a-f]{1,8}|[0-9]{1,8})\b", re.IGNORECASE)
_BLOCKS: Final = frozenset({
    "p", "div", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table",
    "tr", "section", "article", "header", "footer", "aside", "figure", "figcaption", "hr", "main", "nav", "form",
})  # fmt: skip
_SILENT: Final = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg", "head", "title"})
_GAP: Final = re.compile(r"[ \t]*\n\s*")
_SNIFFED_CHARS: Final = 20_000


def _shown_as_it_is(reference: re.Match[str]) -> str:
    """A character reference; one of no character (half a surrogate pair, too large) as the text that it is."""
    digits = reference["digits"]
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    is_character = 0 < code < sys.maxunicode and not 0xD800 <= code <= 0xDFFF  # ruff: ignore[magic-value-comparison]
    return reference[0] if is_character else f"&amp;{reference[0][1:]}"


def keep_bad_references(text: str) -> str:
    """The text with references to no character made visible: parsers replace or drop them, or fail."""
    return _REFERENCE.sub(_shown_as_it_is, text) if "&#" in text else text


def is_markup(text: str) -> bool:
    """Whether a text is a piece of HTML."""
    return "<" in text and _TAG.search(text[:_SNIFFED_CHARS]) is not None


def plain_text(text: str) -> str:
    """The text of a field that may hold HTML, or text with character references, or text."""
    if is_markup(text):
        return markup_text(text)
    text = keep_bad_references(text)
    return html.unescape(text) if "&" in text and _ENTITY.search(text) is not None else text


def check_depth(parser: object) -> None:
    """Raise ``RefusedError`` if libxml2 gave up on the depth of a document: it drops what is deeper."""
    for entry in getattr(parser, "error_log", ()):
        if "xcessive depth" in entry.message or "too deep" in entry.message.lower():
            raise RefusedError("too_deep", "elements are nested more than 256 deep; no page of text needs that")


def _inline(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""


def markup_text(markup: str) -> str:
    """The visible text, blocks as paragraphs. Raises ``RefusedError`` if it is nested too deep."""
    import lxml.etree  # ruff: ignore[import-outside-top-level] - a run of seed files needs no HTML
    import lxml.html  # ruff: ignore[import-outside-top-level]

    parser = lxml.html.HTMLParser(encoding="utf-8", recover=True, remove_comments=True, remove_pis=True)
    try:
        content = f"<div>{keep_bad_references(markup)}</div>".replace("\0", "").encode()
        root = lxml.html.document_fromstring(content, parser=parser)
    except UnicodeEncodeError:
        raise RefusedError("not_unicode", "the text holds half a surrogate pair, which is no character") from None
    except lxml.etree.LxmlError as error:
        raise RefusedError("markup_unreadable", f"the HTML cannot be read: {error}", markup[:1000]) from error
    check_depth(parser)
    parts: list[str] = []
    silent = None
    # Events instead of recursion: the depth is the document's.
    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if silent is None and tag in _SILENT:
                silent = element
            if silent is None:
                mark = "\n\n" if tag in _BLOCKS else "\n" if tag == "br" else ""
                parts += (mark, (element.text or "") if tag == "pre" else _inline(element.text))
            continue
        if silent is element:
            silent = None
        if silent is None:
            parts += ("\n\n" if tag in _BLOCKS else "", "" if element is root else _inline(element.tail))
    text = "".join(parts)
    return _GAP.sub(lambda gap: "\n\n" if gap[0].count("\n") > 1 else "\n", text).strip()
