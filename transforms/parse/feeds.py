"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed; an entry with a text is an article.

feedparser reads the XML. Document types are cut off before it sees them: no feed needs an entity of its own,
and entities are what bombs and stolen files are made of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from transforms.parse.decode import decode_text
from transforms.parse.feed_entries import PROLOG, CutFeed, NamedEntry, cut_feed, name_json_entries, name_xml_entries
from transforms.parse.limits import MIB, RefusedError
from transforms.parse.markup import keep_bad_references, markup_text, plain_text
from transforms.parse.reading import HEAD_BYTES, Context, Format, Head, Options, Stream, read_text
from transforms.parse.records import Article, Item, Note, Refusal

# Feeds are below 1 MB; feedparser takes 4 s for a megabyte, 10 s if it is not well-formed. Larger ones are read by
# pieces of this size, of which a reader of streams gets one at a time.
_PIECE_CHARS: Final = MIB
_LARGEST_ENTRY_CHARS: Final = 4 * MIB
_JSON_FEED: Final = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org', re.IGNORECASE)


def _root(text: str) -> str:
    match = PROLOG.match(text)
    return match["root"].casefold() if match else ""


def _plain(markup: str | None) -> str | None:
    if not markup:
        return None
    return plain_text(markup)


def _best_content(entry: Mapping[str, Any]) -> str | None:
    """The full text; the summary when there is none, or when it is the longer of the two."""
    contents = [each.get("value") or "" for each in entry.get("content", ())]
    texts = [_plain(text) or "" for text in [*contents, entry.get("summary") or ""]]
    return max(texts, key=len, default="") or None


def _link(entry: Mapping[str, Any]) -> str | None:
    original = entry.get("feedburner_origlink")
    links = [each.get("href") for each in entry.get("links", ()) if each.get("rel", "alternate") == "alternate"]
    return original or next((link for link in links if link), None) or entry.get("link") or entry.get("id")


def _byline(entry: Mapping[str, Any]) -> str | None:
    names = [each.get("name") for each in entry.get("authors", ()) if isinstance(each, Mapping)]
    return ", ".join(dict.fromkeys(name.strip() for name in names if name and name.strip())) or entry.get("author")


def _entry(entry: Mapping[str, Any], language: str | None) -> Article:
    content: Mapping[str, Any] = next(iter(entry.get("content", ())), {})
    return Article(
        body=_best_content(entry),
        title=_plain(entry.get("title")),
        published=entry.get("published") or entry.get("created") or entry.get("updated"),
        byline=_byline(entry),
        url=_link(entry),
        language=content.get("language") or entry.get("language") or language,
    )


def _refusing(make: Iterator[Any], read: Any, notes: tuple[Note, ...], first_no: int = 1) -> Iterator[Item]:
    """Each entry on its own: an article, or a refusal."""
    for number, entry in enumerate(make, first_no):
        try:
            article = read(entry)
        except RefusedError as error:
            yield Refusal(error.rule, f"entry {number:,}: {error.reason}", error.excerpt)
            continue
        if not article.body or not article.body.strip():
            reason = f"entry {number:,} has no text, only a link: fetch its page"
            yield Refusal("body_missing", reason, article.title or article.url)
            continue
        article.notes += notes
        yield article


def _feed(text: str) -> Any:
    """What feedparser makes of a feed. Raises ``RefusedError`` where it fails, as it does on odd bytes."""
    import feedparser  # ruff: ignore[import-outside-top-level] - only feeds need it

    try:
        return feedparser.parse(
            f'<?xml version="1.0" encoding="utf-8"?>\n{text}'.encode(),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception as error:
        reason = f"not well-formed: feedparser gives up: {type(error).__name__}: {str(error)[:200]}"
        raise RefusedError("not_xml", reason, text[:1000]) from error


def _missing(feed: Any, expected: int, text: str) -> Iterator[Refusal]:
    if feed.get("bozo") and (missing := expected - len(feed.entries)) > 0:
        reason = f"not well-formed: {missing:,} of its entries were not found: {feed.bozo_exception}"[:300]
        yield Refusal("not_xml", reason, text[:1000])


def _pieces(entries: list[str]) -> Iterator[list[str]]:
    """Neighbours together, ``_PIECE_CHARS`` at most; a longer entry alone."""
    piece: list[str] = []
    held = 0
    for entry in entries:
        if piece and held + len(entry) > _PIECE_CHARS:
            yield piece
            piece, held = [], 0
        piece.append(entry)
        held += len(entry)
    if piece:
        yield piece


def _read_large(text: str, notes: tuple[Note, ...]) -> Iterator[Item]:
    cut = cut_feed(text)
    if cut is None:
        raise RefusedError("no_article", f"a feed of {len(text):,} characters that has no entry", text[:1000])
    first_no = 1
    for piece in _pieces(cut.entries):
        if len(piece[0]) > _LARGEST_ENTRY_CHARS:
            reason = (
                f"entry {first_no:,} has {len(piece[0]):,} characters, more than {_LARGEST_ENTRY_CHARS:,}; split it"
            )
            yield Refusal("too_large", reason, piece[0][:1000])
        else:
            yield from _read_piece(cut, piece, first_no, notes)
        first_no += len(piece)


def _read_piece(cut: CutFeed, piece: list[str], first_no: int, notes: tuple[Note, ...]) -> Iterator[Item]:
    """Some entries of a feed; one by one, if they cannot be read together."""
    try:
        feed = _feed(keep_bad_references(cut.head + "".join(piece) + cut.tail))
    except RefusedError as error:
        if len(piece) == 1:
            yield Refusal(error.rule, f"entry {first_no:,}: {error.reason}", piece[0][:1000])
        else:
            for number, entry in enumerate(piece, first_no):
                yield from _read_piece(cut, [entry], number, notes)
        return
    language = feed.feed.get("language")
    yield from _refusing(iter(feed.entries), lambda entry: _entry(entry, language), notes, first_no)
    yield from _missing(feed, len(piece), "".join(piece))


def _read_xml(stream: Stream, context: Context) -> Iterator[Item]:
    text = read_text(stream, context)
    if len(text.text) > _PIECE_CHARS:
        yield from _read_large(text.text, text.notes)
        return
    start = PROLOG.match(text.text)
    # From the root on: a document type can only stand before it.
    cleaned = keep_bad_references(text.text[start.start("root") - 1 :] if start else text.text)
    try:
        feed = _feed(cleaned)
    except RefusedError:
        cut = cut_feed(text.text)
        if cut is None:
            raise
        yield from _read_piece(cut, cut.entries, 1, text.notes)
        return
    if not feed.entries:
        problem = f": {feed.bozo_exception}" if feed.get("bozo") else ""
        raise RefusedError("no_article", f"the feed has no entry{problem}"[:300], text.text[:1000])
    language = feed.feed.get("language")
    yield from _refusing(iter(feed.entries), lambda entry: _entry(entry, language), text.notes)
    yield from _missing(feed, _count_entries(cleaned), text.text)


def _count_entries(text: str) -> int:
    return len(re.findall(r"<(?:item|entry|atom:entry|rss:item)[\s>]", text))


def _json_entry(item: Any, language: str | None) -> Article:
    if not isinstance(item, Mapping):
        raise RefusedError("not_an_article", f"expected an object, came {type(item).__name__}")

    def told(name: str) -> str | None:
        value = item.get(name)
        return value if isinstance(value, str) else None

    listed = item.get("authors")
    authors = listed if isinstance(listed, list) else [item.get("author")]
    names = [each.get("name") for each in authors if isinstance(each, Mapping)]
    html = told("content_html")
    return Article(
        body=told("content_text") or (markup_text(html) if html else None) or told("summary"),
        title=told("title"),
        published=told("date_published") or told("date_modified"),
        byline=", ".join(name for name in names if isinstance(name, str)) or None,
        url=told("url") or told("external_url") or told("id"),
        language=told("language") or language,
    )


def _read_json(stream: Stream, context: Context) -> Iterator[Item]:
    text = read_text(stream, context)
    try:
        feed = json.loads(text.text)
    except (ValueError, RecursionError) as error:
        raise RefusedError("not_json", f"a JSON Feed that is not JSON: {error}", text.text[:1000]) from error
    items = feed.get("items") if isinstance(feed, Mapping) else None
    if not isinstance(items, list) or not items:
        raise RefusedError("no_article", "the feed has no entry", text.text[:1000])
    language = feed.get("language") if isinstance(feed.get("language"), str) else None
    yield from _refusing(iter(items), lambda item: _json_entry(item, language), text.notes)


def _is_xml_feed(head: Head) -> bool:
    root = _root(head.start)
    if root == "rdf:rdf":
        return (
            "<item" in head.start or "purl.org/rss" in head.start or "rss/0.9" in head.start or "<channel" in head.start
        )
    return root in {"rss", "feed", "atom:feed", "channel"}


XML: Final = Format(
    name="feed",
    version=2,
    expectation="RSS or Atom",
    matches=_is_xml_feed,
    read=_read_xml,
)
JSON: Final = Format(
    name="json_feed",
    version=1,
    expectation="JSON Feed",
    matches=lambda head: head.start.startswith("{") and _JSON_FEED.search(head.start[:2000]) is not None,
    read=_read_json,
)


def named_entries(content: bytes, options: Options) -> list[NamedEntry]:
    """The entries of a feed, each as a feed of its own with a name that stays; none if it is none, or cannot be cut.

    An entry comes once. What an entry's feed holds is what it would be read as in the whole one, but for its place.
    """
    head = Head(content[:HEAD_BYTES], "feed")
    try:
        text = decode_text(content, None, options.encoding).text
    except RefusedError:
        return []
    if JSON.matches(head):
        return name_json_entries(text)
    return name_xml_entries(text) if XML.matches(head) else []
