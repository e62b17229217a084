"""HTML pages: the main text through trafilatura, the rest from what the page says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from transforms.parse.dates import date_in_path
from transforms.parse.limits import MIB, RefusedError
from transforms.parse.marked_article import with_left_out
from transforms.parse.markup import check_depth, keep_bad_references, plain_text
from transforms.parse.page_metadata import is_same, page_metadata
from transforms.parse.reading import Context, Format, Head, Stream, read_text
from transforms.parse.records import Article, Item, Note

# News pages are below 2 MB; an extractor builds some 30 times that in objects.
_LARGEST_BYTES: Final = 8 * MIB
_LONGEST_TAG_CHARS: Final = 8_192
# The extractor takes 0.15 ms for each; the longest of 122 news pages has 9,893.
_MOST_ELEMENTS: Final = 100_000
# Its patterns take 5 s for a megabyte.
_LARGEST_DATED_CHARS: Final = MIB
_MUCH_SHORTER: Final = 0.5
_DOCUMENT: Final = re.compile(
    r"(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).){0,4000}-->\s*)*(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_TAG_START: Final = re.compile(r"<[a-zA-Z][a-zA-Z0-9:-]{0,30}")
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_FRAGMENT: Final = re.compile(r"<(?:html|head|body|title|meta|p|div|article|section|table|h1)[\s>]", re.IGNORECASE)


def _without_huge_tags(markup: str) -> str:
    """The page without the attributes of tags that are longer than any that a text needs.

    libxml2 compares every attribute with all others of its element, so a tag of a megabyte would take an hour.
    """
    pieces = markup.split(">")
    for number, piece in enumerate(pieces):
        if len(piece) > _LONGEST_TAG_CHARS and (tag := _TAG_START.search(piece)) is not None:
            # The end of a comment stays one.
            end = "--" if piece.endswith("--") else ""
            pieces[number] = piece[: tag.end()] + end
    return ">".join(pieces)


def parse_tree(markup: str) -> Any:
    """The root element of a page, from lxml. Raises ``RefusedError``."""
    import lxml.etree  # ruff: ignore[import-outside-top-level] - a run of seed files needs no HTML
    import lxml.html  # ruff: ignore[import-outside-top-level]

    parser = lxml.html.HTMLParser(encoding="utf-8", recover=True, remove_pis=True)
    try:
        content = _without_huge_tags(keep_bad_references(_DECLARATION.sub("", markup, count=1)))
        root = lxml.html.document_fromstring(content.encode(), parser=parser)
    except (lxml.etree.LxmlError, ValueError, UnicodeEncodeError) as error:
        raise RefusedError("markup_unreadable", f"the HTML cannot be read: {error}", markup[:1000]) from error
    check_depth(parser)
    if sum(1 for _ in islice(root.iter(), _MOST_ELEMENTS + 1)) > _MOST_ELEMENTS:
        raise RefusedError("too_large", f"a page of more than {_MOST_ELEMENTS:,} elements")
    return root


def _suggested_date(markup: str, url: str | None) -> Note | None:
    """A date that stands somewhere in the text: told, and not taken for the date of publication."""
    if len(markup) > _LARGEST_DATED_CHARS:
        return None
    from htmldate import find_date  # ruff: ignore[import-outside-top-level]

    found = find_date(parse_tree(markup), extensive_search=True, original_date=True, url=url)
    if found is None:
        return None
    return Note(
        "date_unsure", f"the page tells no date of publication; its text suggests {found}: kept without it", found
    )


def _opens_with(root: Any, title: str) -> bool:
    """Whether the first paragraph behind the headline says the same as it."""
    headline = next((each for each in root.iter("h1") if is_same(each.text_content(), title)), None)
    paragraph = None if headline is None else next(iter(headline.xpath("following::p[normalize-space()][1]")), None)
    return paragraph is not None and is_same(paragraph.text_content(), title)


def _without_headline(body: str, title: str, root: Any) -> str:
    """The body without the headline, which is no paragraph; but one that repeats it is."""
    first, _, rest = body.partition("\n\n")
    if not is_same(first, title):
        return body
    is_twice = is_same(rest.partition("\n\n")[0], title)
    return body if not is_twice and _opens_with(root, title) else rest


def read_page(markup: str, *, url: str | None, path: str) -> Article:
    """The article of a page; ``url`` is where it was fetched. Raises ``RefusedError``."""
    from trafilatura import bare_extraction  # ruff: ignore[import-outside-top-level] - takes 0.2 s

    root = parse_tree(markup)
    told = page_metadata(root)
    found = bare_extraction(
        root,
        url=url,
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    # trafilatura puts each paragraph on a line of its own.
    body = re.sub(r"\n+", "\n\n", getattr(found, "text", None) or "")
    body = with_left_out(body, root)
    title = told.title or getattr(found, "title", None)
    if title is not None:
        body = _without_headline(body, title, root)
    # Pages that load their text with a script still tell it to search engines.
    if told.body and len(body) < _MUCH_SHORTER * len(told.body):
        body = plain_text(told.body)
    if not body.strip():
        raise RefusedError(
            "body_missing", "no text of an article was found in the page; if it has one, save that", title
        )
    published = told.published or getattr(found, "date", None) or date_in_path(path)
    suggested = _suggested_date(markup, url) if published is None else None
    return Article(
        body=body,
        title=title,
        published=published,
        byline=told.byline or getattr(found, "author", None),
        url=told.url if told.url and told.url.startswith("http") else url,
        language=told.language or getattr(found, "language", None),
        notes=(suggested,) if suggested else (),
    )


def _read(stream: Stream, context: Context) -> Iterator[Item]:
    text = read_text(stream, context)
    if len(text.text) > _LARGEST_BYTES:
        raise RefusedError(
            "too_large", f"a page of {len(text.text):,} characters, more than {_LARGEST_BYTES:,}", text.text[:1000]
        )
    article = read_page(text.text, url=context.url, path=context.path)
    article.notes += text.notes
    yield article


def _matches(head: Head) -> bool:
    if _DOCUMENT.match(head.start):
        return True
    return head.suffix in {".html", ".htm", ".xhtml", ".shtml"} and _FRAGMENT.search(head.start[:20_000]) is not None


FORMAT: Final = Format(
    name="html",
    version=3,
    expectation="HTML",
    matches=_matches,
    read=_read,
)
