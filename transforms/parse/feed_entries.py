"""The entries of a feed, each on its own: its text, its name, and a feed of it alone.

An XML feed is cut at its tags, not parsed: what stands in an entry stays as it is, well-formed or not.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

#: Where the document proper begins, and the name of its root element.
PROLOG: Final = re.compile(
    r"\s*(?:<\?[^>]{0,2000}\?>\s*|<!--(?:(?!-->).){0,10000}-->\s*|<!doctype[^\[>]{0,2000}(?:\[[^\]]{0,60000}\]\s*)?>\s*)*<(?P<root>[A-Za-z_][\w.:-]{0,60})",
    re.IGNORECASE | re.DOTALL,
)
# A tag of an entry; what stands in CDATA or in a comment is none. Nothing here looks past the next tag.
_MARK: Final = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    r"|<(?P<end>/?)(?P<name>(?:atom:|rss:)?(?:item|entry))(?=[\s/>])[^<>]{0,20000}?(?P<empty>/?)>",
    re.IGNORECASE | re.DOTALL,
)
_OPENING: Final = re.compile(r"<(?P<name>[\w.:-]{1,60})(?:\s[^<>]{0,20000})?>")
_LANGUAGE: Final = re.compile(r"<(?:dc:)?language(?:\s[^<>]{0,200})?>[^<>]{0,100}</(?:dc:)?language>", re.IGNORECASE)
_HEAD_CHARS: Final = 100_000
_ID_HEX_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class CutFeed:
    """A feed cut into pieces: ``head`` + any of the ``entries`` + ``tail`` is a feed of these entries.

    Of what the feed tells of itself the head keeps its language alone.
    """

    head: str
    entries: list[str]
    tail: str


class NamedEntry(NamedTuple):
    """An entry as a feed of its own, UTF-8. ``key`` is the same for every state of the entry."""

    key: str
    content: bytes


def _slices(text: str) -> Iterator[tuple[int, int]]:
    """Where the entries stand; one that does not end, ends where the next begins."""
    start = wanted = None
    for mark in _MARK.finditer(text):
        name = mark["name"]
        if name is None or wanted not in {None, name.casefold()}:
            continue
        if not mark["end"]:
            if start is not None:
                yield start, mark.start()
            start, wanted = mark.start(), name.casefold()
        if start is not None and (mark["end"] or mark["empty"]):
            yield start, mark.end()
            start = None
    if start is not None:
        yield start, len(text)


def cut_feed(text: str) -> CutFeed | None:
    """The entries of an RSS or Atom feed; None when there is none, or the feed has no beginning."""
    begin = PROLOG.match(text)
    slices = list(_slices(text)) if begin else []
    if not begin or not slices:
        return None
    before = text[begin.start("root") - 1 : slices[0][0]]
    root = _OPENING.match(before)
    if root is None:
        return None
    language = _LANGUAGE.search(before[:_HEAD_CHARS])
    told = language[0] if language else ""
    head, tail = root[0], f"</{root['name']}>"
    if root["name"].casefold() == "rss":
        channel = re.search(r"<channel(?:\s[^<>]{0,20000})?>", before[:_HEAD_CHARS], re.IGNORECASE)
        opening = channel[0] if channel else "<channel>"
        head, tail = f"{head}{opening}{told}", f"</{opening[1:8]}>{tail}"
    elif root["name"].casefold() == "rdf:rdf":
        head += f"<channel>{told}</channel>" if told else ""
    entries = [text[start:end] for start, end in slices]
    # A last entry that does not end has the ends of the feed in it.
    entries[-1] = re.sub(
        rf"(?:</(?:channel|{re.escape(root['name'])})\s*>\s*)+\Z", "", entries[-1], flags=re.IGNORECASE
    )
    return CutFeed(head, entries, tail)


def _own_id(entry: str, head: str, tail: str) -> tuple[str, str]:
    """The id and the link of an entry, as they stand there; empty where it tells none."""
    import lxml.etree  # ruff: ignore[import-outside-top-level] - only feeds that are polled need it

    parser = lxml.etree.XMLParser(recover=True, no_network=True, resolve_entities=False, huge_tree=False)
    try:
        root = lxml.etree.fromstring(f"{head}{entry}{tail}".encode(), parser)
    except (lxml.etree.LxmlError, ValueError):
        return "", ""
    found = None if root is None else next(root.iter("{*}item", "{*}entry"), None)
    if found is None:
        return "", ""
    children = [(child.tag.rpartition("}")[2], child) for child in found if isinstance(child.tag, str)]
    about = [str(value) for name, value in found.attrib.items() if str(name).endswith("}about")]
    ids = [child.text for name, child in children if name in {"guid", "id"}]
    links = [child for name, child in children if name == "link" and child.get("rel", "alternate") == "alternate"]
    addresses = [link.get("href") or link.text for link in links]

    def first(values: Iterable[str | None]) -> str:
        return next((html.unescape(value.strip()) for value in values if value and value.strip()), "")

    return first([*ids, *about]), first(addresses)


def _named(entries: list[tuple[str, str, bytes]]) -> list[NamedEntry]:
    """Give entries (id, link, content) their keys: the id, else the link, else the content.

    Where a feed gives one id to several entries, id and link; where these are not enough either, the content.
    """
    distinct = list(dict.fromkeys(entries))
    by_name = Counter(own_id or link for own_id, link, _ in distinct)
    by_both = Counter((own_id, link) for own_id, link, _ in distinct)
    named = []
    for own_id, link, content in distinct:
        name = own_id or link
        if name and by_name[name] == 1:
            key = f"id\0{name}"
        elif name and by_both[own_id, link] == 1:
            key = f"id\0{own_id}\0{link}"
        else:
            key = f"text\0{hashlib.sha256(content).hexdigest()}"
        named.append(
            NamedEntry(hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_HEX_DIGITS], content)
        )
    return named


def name_xml_entries(text: str) -> list[NamedEntry]:
    """Each entry of an RSS or Atom feed once, with its name; none when the feed cannot be cut."""
    cut = cut_feed(text)
    if cut is None:
        return []
    declaration = '<?xml version="1.0" encoding="utf-8"?>\n'
    return _named([
        (*_own_id(entry, cut.head, cut.tail), f"{declaration}{cut.head}\n{entry}\n{cut.tail}\n".encode())
        for entry in cut.entries
    ])


def name_json_entries(text: str) -> list[NamedEntry]:
    """Each entry of a JSON Feed once, with its name; none when it is no such feed."""
    try:
        feed: Any = json.loads(text)
    except (ValueError, RecursionError):
        return []
    items = feed.get("items") if isinstance(feed, Mapping) else None
    if not isinstance(items, list):
        return []
    about = {name: feed[name] for name in ("version", "language") if name in feed}
    entries = []
    for item in items:
        told = item if isinstance(item, Mapping) else {}
        own_id, link = (str(told.get(name) or "") for name in ("id", "url"))
        entries.append((own_id, link, (json.dumps({**about, "items": [item]}, indent=1) + "\n").encode()))
    return _named(entries)
