"""What a page says of itself for machines: JSON-LD, Open Graph and meta elements.

Sources of the names: schema.org (Article and its kinds), ogp.me, Dublin Core, and the meta elements that
news sites set for Parse.ly, Sailthru and Google.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

_ARTICLE_TYPES: Final = frozenset({
    "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle", "blogposting",
    "reviewnewsarticle", "backgroundnewsarticle", "askpublicnewsarticle", "socialmediaposting", "liveblogposting",
    "report", "techarticle", "scholarlyarticle", "satiricalarticle", "advertisercontentarticle",
})  # fmt: skip
_PUBLISHED: Final = (
    "article:published_time", "article.published", "og:article:published_time", "og:published_time", "datepublished",
    "pubdate", "publishdate", "publish_date", "publish-date", "published_time", "publication_date", "parsely-pub-date",
    "sailthru.date", "dc.date.issued", "dcterms.created", "dcterms.issued", "dc.date", "dcterms.date",
    "dc.date.created", "article_date_original", "originalpublicationdate", "citation_publication_date",
    "cxenseparse:recs:publishtime", "date",
)  # fmt: skip
_TITLES: Final = (
    "og:title",
    "twitter:title",
    "dc.title",
    "dcterms.title",
    "parsely-title",
    "sailthru.title",
    "headline",
)
_BYLINES: Final = (
    "author", "article:author", "byl", "byline", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator",
)  # fmt: skip
_MARKS: Final = re.compile(r"\s+[-–—|»·]\s+|｜|\s+::\s+")
_MOST_HEADLINES: Final = 5
_MOST_NODES: Final = 5_000
_LONGEST_JSON_CHARS: Final = 4_000_000


@dataclass(slots=True)
class PageMetadata:
    """What was found; each is None when the page does not tell it."""

    title: str | None = None
    published: str | None = None
    byline: str | None = None
    url: str | None = None
    language: str | None = None
    body: str | None = None


def _nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object within a JSON value, outer ones first; a list instead of recursion."""
    queue = [value]
    for _ in range(_MOST_NODES):
        if not queue:
            return
        current = queue.pop(0)
        if isinstance(current, Mapping):
            yield current
            queue.extend(each for each in current.values() if isinstance(each, Mapping | list))
        elif isinstance(current, list):
            queue.extend(each for each in current[:_MOST_NODES] if isinstance(each, Mapping | list))


def _is_article(node: Mapping[str, Any]) -> bool:
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and kind.rpartition("/")[2].casefold() in _ARTICLE_TYPES for kind in listed)


def _names(value: Any) -> str | None:
    listed = value if isinstance(value, list) else [value]
    names = [each.get("name") if isinstance(each, Mapping) else each for each in listed]
    flat = [name for each in names for name in (each if isinstance(each, list) else [each])]
    kept = [name.strip() for name in flat if isinstance(name, str) and name.strip() and "://" not in name]
    return ", ".join(dict.fromkeys(kept)) or None


def _string(value: Any) -> str | None:
    """A text in JSON-LD; many sites escape it as HTML."""
    return html.unescape(value).strip() or None if isinstance(value, str) else None


def _linked_data(root: Any) -> Mapping[str, Any]:
    """The first article among the page's JSON-LD; of several, the one with a date."""
    found: list[Mapping[str, Any]] = []
    for script in root.iterfind(".//script[@type]"):
        content = script.text or ""
        if script.get("type").strip().lower() != "application/ld+json" or len(content) > _LONGEST_JSON_CHARS:
            continue
        # Some pages put it in a comment or a CDATA section.
        start, end = (
            min((content.find(each) for each in "[{" if each in content), default=0),
            max(map(content.rfind, "]}")),
        )
        try:
            value = json.loads(content[start : end + 1], strict=False)
        except (ValueError, RecursionError):
            continue
        found.extend(node for node in _nodes(value) if _is_article(node))
    dated = [node for node in found if _string(node.get("datePublished"))]
    return next(iter(dated or found), {})


def _meta(root: Any) -> dict[str, str]:
    metas: dict[str, str] = {}
    for element in root.iterfind(".//meta[@content]"):
        content = element.get("content").strip()
        for attribute in ("property", "name", "itemprop"):
            name = element.get(attribute)
            if name and content:
                metas.setdefault(name.strip().casefold(), content)
    return metas


def _first(metas: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((metas[name] for name in names if name in metas), None)


def _time_element(root: Any) -> str | None:
    """The date of publication that is marked up in the text."""
    for path in (".//time[@pubdate]", ".//*[@itemprop='datePublished']"):
        for element in root.iterfind(path):
            value = element.get("datetime") or element.get("content") or (element.text or "")
            if value.strip():
                return str(value)
    return None


def is_same(first: str, second: str) -> bool:
    return re.sub(r"\W+", "", first).casefold() == re.sub(r"\W+", "", second).casefold()


def _without_site(title: str, headlines: tuple[str, ...], site: str | None) -> str:
    """The title without the name of the site: what a headline or the site's name proves to be one."""
    for mark in _MARKS.finditer(title):
        start, end = title[: mark.start()], title[mark.end() :]
        if start and (any(is_same(start, each) for each in headlines) or (site and is_same(end, site))):
            return start.strip()
    return title


def _best_title(titles: list[str], headlines: tuple[str, ...], site: str | None) -> str | None:
    """The first title that is a headline on the page, else the first of all."""
    cut = [_without_site(title, headlines, site) for title in titles]
    return next((title for title in cut if any(is_same(title, each) for each in headlines)), next(iter(cut), None))


def page_metadata(root: Any) -> PageMetadata:
    """Read the metadata of a page (its root element, from lxml)."""
    linked = _linked_data(root)
    metas = _meta(root)
    canonical = next(
        (each.get("href") for each in root.iterfind(".//link[@rel='canonical']") if each.get("href")), None
    )
    page = linked.get("mainEntityOfPage")
    title_element = root.find(".//title")
    byline = _first(metas, _BYLINES)
    first_headings = islice(root.iter("h1"), _MOST_HEADLINES)
    headlines = tuple(" ".join("".join(each.itertext()).split()) for each in first_headings)
    titles = [
        _string(linked.get("headline")),
        *(metas.get(name) for name in _TITLES),
        _string(title_element.text if title_element is not None else None),
    ]
    return PageMetadata(
        title=_best_title([each for each in titles if each], headlines, metas.get("og:site_name")),
        published=_string(linked.get("datePublished")) or _first(metas, _PUBLISHED) or _time_element(root),
        byline=_names(linked.get("author")) or (byline if byline and "://" not in byline else None),
        url=_string(canonical)
        or metas.get("og:url")
        or _string(page.get("@id") if isinstance(page, Mapping) else page)
        or _string(linked.get("url")),
        language=_string(root.get("lang")) or _string(linked.get("inLanguage")) or metas.get("content-language"),
        body=_string(linked.get("articleBody")),
    )
