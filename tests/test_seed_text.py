"""The seed format, exactly, and what it refuses."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from transforms.parse import choose_format, name_format, parse
from transforms.parse.format import Parsed
from transforms.parse.reading import Head, Options
from transforms.parse.seed_text import FORMAT, is_surely_seed_text


def _parse(content: bytes) -> Parsed:
    return parse(pl.DataFrame({"source": ["s"], "path": ["a.txt"], "content": [content]}))


@pytest.mark.parametrize(
    ("content", "day", "title", "body"),
    [
        pytest.param(
            b" date 2024-01-11 A title\n\nOne.\n\nTwo.\n", date(2024, 1, 11), "A title", "One.\n\nTwo.", id="plain"
        ),
        pytest.param(b"\xef\xbb\xbf date 2024-01-11 A title\n\nOne.", date(2024, 1, 11), "A title", "One.", id="bom"),
        pytest.param(b" date 2024-01-11 A title\r\n\r\nOne.\r\n", date(2024, 1, 11), "A title", "One.", id="crlf"),
        pytest.param(b" date 2024-01-11\n\nOne.\n", date(2024, 1, 11), None, "One.", id="no title"),
        pytest.param(b" date 2024-01-11   \n\nOne.\n", date(2024, 1, 11), None, "One.", id="blank title"),
        pytest.param(b"date 2024-01-11 T\nOne.", date(2024, 1, 11), "T", "One.", id="no leading or parting blank"),
        pytest.param(b" date 2024-02-29 Leap\n\nOne.", date(2024, 2, 29), "Leap", "One.", id="leap day"),
        pytest.param(
            b" date 2024-01-11 It's a date 2023-01-01\n\n x",
            date(2024, 1, 11),
            "It's a date 2023-01-01",
            "x",
            id="date in title",
        ),
        pytest.param(" date 2024-01-11 Été 🙂\n\nÇa va.".encode(), date(2024, 1, 11), "Été 🙂", "Ça va.", id="unicode"),
    ],
)
def test_reads(content: bytes, day: date, title: str | None, body: str) -> None:
    articles, rejects = _parse(content)
    assert rejects.is_empty()
    article = articles.row(0, named=True)
    assert (article["source"], article["path"], article["record_no"]) == ("s", "a.txt", 0)
    assert (article["published_on"], article["title"], article["body"].strip()) == (day, title, body)


@pytest.mark.parametrize(
    ("content", "rule", "words"),
    [
        (b"", "empty_file", "the file is empty"),
        (b"\xef\xbb\xbf \n", "empty_file", "the file is empty"),
        (b" date 2024-02-30 T\n\nOne.", "date_impossible", "the date 2024-02-30 does not exist"),
        (b" date 2024-13-01 T\n\nOne.", "date_impossible", "the date 2024-13-01 does not exist"),
        (b" date A title\n\nOne.", "date_missing", "came 'date A title'"),
        (b" date 11 January 2024 T\n\nOne.", "date_missing", "add the date"),
        (b" date 2024-01-11 T\n\n \n", "body_missing", "add the article's text"),
        (b" date 2024-01-11 T", "body_missing", "add the article's text"),
        (b"\x89PNG\r\n\x1a\n", "not_utf8", "byte 0x89 at offset 0 of 8"),
        ("Stra\xdfe".encode("latin-1"), "not_utf8", "convert the file to UTF-8, name its encoding in sources.toml"),
        (b" date 2024-01-11 T\n\nOne\x00.", "not_text", "a NUL byte at offset 23 of 25"),
    ],
)
def test_refuses_with_a_reason(content: bytes, rule: str, words: str) -> None:
    articles, rejects = _parse(content)
    assert articles.is_empty()
    reject = rejects.row(0, named=True)
    assert (reject["record_no"], reject["stage"], reject["rule"]) == (-1, "parse", rule)
    assert words in reject["reason"]


def test_a_refusal_can_be_shown_on_a_terminal() -> None:
    reject = _parse(b"date \x1b[31mred\x07\n\nmore").rejects.row(0, named=True)
    assert "\x1b" not in reject["reason"] + reject["excerpt"]
    assert reject["excerpt"] == "date [31mred more"


@pytest.mark.parametrize("day", ["0201-01-01", "1604-12-31", "2050-01-01"])
def test_an_implausible_date_is_told_beside_the_article(day: str) -> None:
    articles, rejects = _parse(f" date {day} T\n\nOne.".encode())
    assert articles.select("title", "published_on").rows() == [("T", None)]
    assert rejects.select("record_no", "rule").rows() == [(0, "date_implausible")]
    assert day in rejects["reason"][0]


def test_a_bad_file_does_not_touch_its_neighbours() -> None:
    contents = [b" date 2024-01-11 A\n\nOne.", b"\xff", b" date 2024-01-12 B\n\nTwo."]
    articles, rejects = parse(pl.DataFrame({"source": ["s"] * 3, "path": ["a", "b", "c"], "content": contents}))
    assert articles["path"].to_list() == ["a", "c"]
    assert rejects["path"].to_list() == ["b"]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "shift_jis", "gb18030", "iso2022_jp"])
@pytest.mark.parametrize(
    "start", [" date 2024-01-11 T", "date 2024-13-99\n", "\n date 2024-01-11 T", "  date 0201-01-01 T"]
)
def test_what_is_told_by_its_first_bytes_is_told_so_by_its_text(start: str, encoding: str) -> None:
    body = {"latin-1": "É", "cp1252": "É"}.get(encoding, "日本")
    content = f"{start}\n\n{body} and more of it.\n".encode(encoding)
    assert is_surely_seed_text(content)
    assert choose_format(Head(content, "a.txt"), Options()) is FORMAT
    assert name_format("a.txt", content) == FORMAT.name
    assert name_format("a.txt", content, Options(format="html")) == "html"


@pytest.mark.parametrize(
    "content",
    [
        b"date\t2024-01-11 title\n",
        " date 2024-01-11 T\n\nOne.".encode("utf-16-le"),
        b"date 2024-01-11 T\0" + bytes(495),
        b"dated 2024-01-11 T\n",
    ],
)
def test_what_the_first_bytes_do_not_tell_is_left_to_the_text(content: bytes) -> None:
    assert not is_surely_seed_text(content)


def test_a_word_where_archives_have_their_mark_makes_no_archive() -> None:
    content = b" date 2024-01-11 T\n\n".ljust(257, b".") + b"ustar is a format."
    assert name_format("a.txt", content) == FORMAT.name
    assert len(_parse(content).articles) == 1
