"""Feeds by their entries: the same articles as from the whole, each with a name that stays."""

from __future__ import annotations

import polars as pl
import pytest

from parse_samples import ATOM, FILES, JSON_FEED, RDF, RSS, parse_one
from transforms.parse import feeds
from transforms.parse.feeds import named_entries
from transforms.parse.reading import Options

_SAID = ["title", "body", "url", "byline", "published_on", "published_at", "language"]


def _rss(*items: str) -> bytes:
    return (
        f"<rss version='2.0'><channel><title>T</title><language>en</language>{''.join(items)}</channel></rss>".encode()
    )


def _item(text: str, **told: str) -> str:
    fields = "".join(f"<{name}>{value}</{name}>" for name, value in told.items())
    return f"<item>{fields}<description>{text}</description></item>"


def _keys(content: bytes) -> list[str]:
    return [entry.key for entry in named_entries(content, Options())]


@pytest.mark.parametrize("feed", [RSS, RDF, ATOM, JSON_FEED], ids=["rss", "rdf", "atom", "json"])
def test_the_entries_say_what_the_feed_says(feed: bytes) -> None:
    parts = [parse_one(entry.content, "entry").articles for entry in named_entries(feed, Options())]
    whole = parse_one(feed, "feed").articles.select(_SAID).sort(_SAID)
    assert not whole.is_empty()
    assert pl.concat(parts).select(_SAID).sort(_SAID).equals(whole)


def test_an_entry_keeps_its_name_when_its_text_and_the_others_change() -> None:
    before = _rss(_item("The Severn rose.", guid="a"), _item("The Wye fell.", link="https://example.org/wye"))
    after = _rss(
        _item("The Usk froze.", guid="c"),
        _item("The Wye rose.", title="New", link="https://example.org/wye"),
        _item("The Severn fell.", guid="<![CDATA[ a ]]>"),
    )
    severn, wye = _keys(before)
    assert _keys(after)[1:] == [wye, severn]
    assert len({severn, wye, *_keys(after)}) == 3
    assert _keys(after.replace(b"Usk", b"Taff")) == _keys(after)


def test_entries_of_one_id_are_told_apart_and_one_that_comes_twice_is_one() -> None:
    severn, wye = _item("One.", guid="same", link="https://example.org/1"), _item("Two.", guid="same")
    assert len(set(_keys(_rss(severn, wye)))) == 2
    assert len(set(_keys(_rss(severn, severn.replace("One", "Three"), wye)))) == 3
    assert len(_keys(_rss(severn, severn))) == 1


def test_entries_without_id_and_link_go_by_their_text() -> None:
    first, second = _keys(_rss(_item("One."), _item("Two.")))
    assert _keys(_rss(_item("Three."), _item("One.")))[1] == first
    assert second not in _keys(_rss(_item("Three."), _item("One.")))


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", FILES["page.html"], FILES["seed.txt"], _rss(), b'{"version": 1}']
)
def test_what_is_no_feed_has_no_entries(content: bytes) -> None:
    assert named_entries(content, Options()) == []


def test_tags_in_cdata_and_comments_are_none() -> None:
    feed = _rss("<!-- <item> -->", _item("<![CDATA[Use </item> and <item> tags.]]>", guid="a"), _item("Two.", guid="b"))
    bodies = [parse_one(entry.content, "e").articles["body"].item() for entry in named_entries(feed, Options())]
    assert len(bodies) == 2
    assert bodies[0].startswith("Use")


def test_a_large_feed_is_read_by_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [_item(f"Text number {number}.", guid=f"{number}", title=f"T {number}") for number in range(50)]
    feed = _rss(*items, "<item><title>No text</title></item>")
    whole = parse_one(feed, "feed")
    monkeypatch.setattr(feeds, "_PIECE_CHARS", 500)
    by_pieces = parse_one(feed, "feed")
    assert len(whole.articles) == 50
    assert by_pieces.articles.equals(whole.articles)
    assert by_pieces.rejects.equals(whole.rejects)


def test_an_entry_that_is_too_large_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_PIECE_CHARS", 100)
    monkeypatch.setattr(feeds, "_LARGEST_ENTRY_CHARS", 300)
    articles, rejects = parse_one(_rss(_item("One."), _item("x " * 200), _item("Two.")), "feed")
    assert articles.select("record_no", "body").rows() == [(0, "One."), (2, "Two.")]
    assert rejects.select("record_no", "rule").rows() == [(1, "too_large")]


def test_an_end_that_is_missing_costs_its_own_piece_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_PIECE_CHARS", 10)
    broken = "<item><description>Broken.</description>"
    articles, _ = parse_one(_rss(_item("One."), broken, _item("Two.")), "feed")
    assert articles["body"].to_list() == ["One.", "Broken.", "Two."]


def test_an_entry_that_feedparser_fails_on_is_refused_alone() -> None:
    # Not well-formed, so that its loose parser reads it, which fails on the end of a height that is none.
    feed = _rss(_item("One.", guid="a"), _item("Two.</height> R&D", guid="b"), _item("Three.", guid="c"))
    articles, rejects = parse_one(feed, "feed")
    assert articles.select("record_no", "body").rows() == [(0, "One."), (2, "Three.")]
    assert rejects.select("record_no", "rule").rows() == [(1, "not_xml")]
