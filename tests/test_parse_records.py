"""JSON, JSON Lines, CSV, TSV and Parquet: fields, numbering, and records that are refused on their own."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest

from parse_samples import (
    CSV,
    JSON,
    JSON_LINES,
    LATEST,
    RECORD,
    TSV,
    only_article,
    only_reject,
    parquet,
    parse_one,
    zipped,
)
from transforms.parse import Options, parse_stream
from transforms.parse.collect import CHUNK_RECORDS
from transforms.parse.limits import Limits


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (json.dumps(RECORD).encode(), "a.json"),
        (json.dumps([RECORD]).encode(), "a.json"),
        (json.dumps({"response": {"results": [RECORD]}}).encode(), "noname"),
        (json.dumps(RECORD).encode() + b"\n", "a.jsonl"),
        (parquet([RECORD]), "a.parquet"),
    ],
)
def test_reads_every_field(content: bytes, path: str) -> None:
    article = only_article(content, path)
    assert (article["title"], article["body"], article["byline"]) == (
        "Tides of the Severn",
        "The Severn rises.",
        "Ada Rivers",
    )
    assert (article["url"], article["language"]) == ("https://example.org/severn", "en")
    assert (article["published_on"], article["published_at"], article["record_no"]) == (date(2024, 3, 1), None, 0)


def test_csv_keeps_delimiters_and_line_breaks_within_quotes() -> None:
    article = only_article(CSV, "a.csv")
    assert (article["title"], article["body"]) == ("Tides, of the Severn", "It\nrises.")


def test_a_table_that_begins_with_a_date_is_no_seed_text() -> None:
    assert only_article(TSV, "a.txt")["body"] == "The Severn rises."


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_header(delimiter: str) -> None:
    content = f"headline{delimiter}content\nA, b; c{delimiter}x\n".replace("A, b; c", '"A, b; c"').encode()
    assert only_article(content, "a.csv")["title"] == "A, b; c"


def test_a_mapping_overrules_the_guesses() -> None:
    record = {"body": "not this", "full": {"words": "this"}, "title": "t", "when": "5/4/2024"}
    article = only_article(
        json.dumps(record).encode(), "a.json", fields={"body": "full.words", "published": "when"}, day_first=True
    )
    assert (article["body"], article["published_on"]) == ("this", date(2024, 4, 5))


def test_an_unknown_column_in_a_mapping_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown columns in the field mapping"):
        parse_one(JSON, "a.json", fields={"text": "body"})


def test_unknown_options_are_errors() -> None:
    with pytest.raises(ValueError, match="unknown time zone 'Mars/Base'"):
        parse_one(JSON, "a.json", time_zone="Mars/Base")
    with pytest.raises(ValueError, match="unknown format 'word'"):
        parse_one(JSON, "a.json", format="word")


def test_a_format_can_be_named_and_a_container_is_still_opened() -> None:
    content = zipped(("a.bin", b"Not a record.\n"))
    assert only_article(content, "a", format="text")["body"] == "Not a record.\n"


def test_markup_in_a_field_becomes_text() -> None:
    record = {"title": "Fish &amp; chips", "body": "<p>One.</p><script>x()</script><p>Two<br>three.</p>"}
    article = only_article(json.dumps(record).encode(), "a.json")
    assert (article["title"], article["body"]) == ("Fish & chips", "One.\n\nTwo\nthree.")


def test_each_record_is_refused_on_its_own_and_keeps_its_number() -> None:
    good = json.dumps(RECORD).encode()
    content = b"\n".join((
        good,
        b"{broken",
        b'{"title": "no text"}',
        b'{"body": "\xff"}',
        b'{"body": "\\ud800"}',
        b"[1]",
        good,
    ))
    articles, rejects = parse_one(content, "a.jsonl")
    assert articles["record_no"].to_list() == [0, 6]
    assert list(zip(rejects["record_no"], rejects["rule"], strict=True)) == [
        (1, "not_json"),
        (2, "body_missing"),
        (3, "not_utf8"),
        (4, "not_unicode"),
        (5, "not_an_article"),
    ]
    assert rejects["reason"][0].startswith("line 2: ")


def test_a_broken_csv_record_does_not_take_the_next_with_it() -> None:
    content = b'title,body\na,one\n"b"x,two\nc,three\nd,four,five\ne,six\n'
    articles, rejects = parse_one(content, "a.csv")
    assert articles["body"].to_list() == ["one", "three", "six"]
    assert list(zip(rejects["record_no"], rejects["rule"], strict=True)) == [(1, "not_csv"), (3, "not_csv")]


def test_quotes_behind_backslashes_are_quotes() -> None:
    content = (
        rb"""title,body
a,"He said \"yes\", and
went. \"So\""
b,"ends with \"",
c,"doubled ""too""\n"
d,"not \"closed
e,five
"""
    ).replace(b'"",\n', b'""\n')
    articles, rejects = parse_one(content, "a.csv")
    assert articles.select("title", "body").rows() == [
        ("a", 'He said "yes", and\nwent. "So"'),
        ("b", 'ends with "'),
        ("c", 'doubled "too"\\n'),
    ]
    assert rejects["rule"].to_list() == ["not_csv"]


def test_no_line_is_lost_when_a_record_is_read_once_more() -> None:
    content = b'title,body\n"a \\"",one\nb,"two" \nc,three\n'
    articles, rejects = parse_one(content, "a.csv")
    assert articles.select("title", "body").rows() == [('a "', "one"), ("c", "three")]
    assert rejects["reason"].str.head(7).to_list() == ["line 3:"]


def test_the_line_that_excel_wants_is_no_header() -> None:
    content = b"sep=;\r\ntitle;body\r\na;one, two\r\n"
    article = only_article(content, "a.csv")
    assert (article["title"], article["body"]) == ("a", "one, two")
    assert only_article(content, "noname")["body"] == "one, two"


def test_a_quote_that_is_never_closed_ends_at_the_limit() -> None:
    content = b'title,body\na,one\n"b,two\n' + b"c,three\n" * 50
    articles, rejects = parse_one(content, "a.csv", limits=Limits(record_bytes=100))
    assert rejects["rule"][0] == "too_large"
    assert len(articles) + len(rejects) > 2


def test_a_file_of_nothing_but_broken_records_is_given_up() -> None:
    content = b'{"text": "The Severn rises."}\n' + b"x\n" * 500
    articles, rejects = parse_one(content, "a.jsonl", limits=Limits(refusals=100, bytes_per_refusal=100))
    assert len(articles) == 1
    told = rejects.filter(rule="too_many_refused").row(0, named=True)
    assert told["record_no"] == -1
    # 100, 10 for 1,030 bytes, one for the article, and the one that is too many.
    assert told["reason"].startswith("112 of its first 113 records were refused")
    assert len(rejects) == 113
    # As many as are kept may be refused of any file.
    articles, rejects = parse_one(b'{"text": "a"}\nx\n' * 500, "a.jsonl", limits=Limits(refusals=100))
    assert (len(articles), len(rejects)) == (500, 500)


def test_a_formula_is_text() -> None:
    article = only_article(b"title,body\n=1+1,=cmd|' /C calc'!A0\n", "a.csv")
    assert (article["title"], article["body"]) == ("=1+1", "=cmd|' /C calc'!A0")


def test_a_table_without_a_text_column_says_what_there_is() -> None:
    for content, path in ((b"alpha,beta\n1,2\n", "a.csv"), (parquet([{"alpha": 1, "beta": 2}]), "a.parquet")):
        reject = only_reject(content, path)
        assert (reject["record_no"], reject["rule"]) == (-1, "fields_unknown")
        assert "alpha, beta" in reject["reason"]


def test_a_line_that_is_too_long_is_skipped_without_the_others() -> None:
    content = JSON_LINES + b'{"body": "' + b"x" * 2000 + b'"}\n' + JSON_LINES
    articles, rejects = parse_one(content, "a.jsonl", limits=Limits(record_bytes=1000))
    assert articles["record_no"].to_list() == [0, 1, 3, 4]
    assert rejects.select("record_no", "rule").rows() == [(2, "too_large")]


@pytest.mark.parametrize("content", [b'{"a":' * 100_000, b"[" * 100_000 + b"[1]", b'{"body": ' + b"[" * 99_000])
def test_json_nested_too_deep_is_refused(content: bytes) -> None:
    assert only_reject(content, "a.json")["rule"] in {"too_deep", "not_json"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-16-be"])
def test_lines_and_tables_in_other_encodings(encoding: str) -> None:
    text = '{"title": "Éire", "body": "One."}\n{"title": "Two", "body": "Zwölf."}\n'
    articles, rejects = parse_one(text.encode(encoding), "a.jsonl")
    assert (articles["title"].to_list(), rejects.is_empty()) == (["Éire", "Two"], True)
    article = only_article("title,body\nÉire,Zwölf.\n".encode(encoding), "a.csv")
    assert (article["title"], article["body"]) == ("Éire", "Zwölf.")


def test_a_large_file_comes_in_bounded_chunks_with_the_same_numbers() -> None:
    count = 2 * CHUNK_RECORDS + 7
    content = b"".join(json.dumps({"title": str(number), "body": "x"}).encode() + b"\n" for number in range(count))
    chunks = list(parse_stream("s", "a.jsonl", io.BytesIO(content), Options(latest=LATEST)))
    assert [len(chunk.articles) for chunk in chunks] == [CHUNK_RECORDS, CHUNK_RECORDS, 7]
    titles = [title for chunk in chunks for title in chunk.articles["title"]]
    numbers = [number for chunk in chunks for number in chunk.articles["record_no"]]
    assert titles == [str(number) for number in numbers] == [str(number) for number in range(count)]


def test_the_file_stays_open_and_is_read_from_its_start() -> None:
    file = io.BytesIO(JSON_LINES)
    file.read(5)
    assert sum(len(part.articles) for part in parse_stream("s", "a.jsonl", file)) == 2
    assert not file.closed


def test_a_broken_parquet_file_is_refused() -> None:
    whole = parquet([RECORD])
    for content in (whole[:-20], whole[:4] + b"\0" * 50 + whole[60:], b"PAR1"):
        assert only_reject(content, "a.parquet")["rule"] in {"not_parquet", "unreadable", "body_missing"}


def test_a_text_that_stands_once_for_many_rows_is_a_bomb() -> None:
    content = parquet([{"title": "T", "text": "The Severn rises. " * 200_000}] * 50)
    articles, rejects = parse_one(content, "a.parquet", limits=Limits(ratio=1, free_bytes=40_000_000))
    # The dictionary of 3.6 MB, and four texts at a time.
    assert len(articles) == 8
    assert rejects["rule"].to_list() == ["bomb"]


def test_nulls_and_other_types_in_parquet() -> None:
    rows = [
        {"title": None, "text": "One.", "date": date(2024, 3, 1), "authors": ["A", "B"]},
        {"title": "T", "text": None, "date": None, "authors": None},
    ]
    articles, rejects = parse_one(parquet(rows), "a.parquet")
    assert articles.select("title", "body", "published_on", "byline").rows() == [
        (None, "One.", date(2024, 3, 1), "A, B")
    ]
    assert rejects.select("record_no", "rule").rows() == [(1, "body_missing")]


@pytest.mark.parametrize("nothing", [float("nan"), " ", "n/a", "NaT", None])
def test_what_stands_for_no_date_hides_none(nothing: object) -> None:
    record = {"body": "x", "published": nothing, "date": "2024-03-02"}
    articles, rejects = parse_one(json.dumps(record).encode(), "a.json")
    assert articles["published_on"].to_list() == [date(2024, 3, 2)]
    assert rejects.is_empty()


def test_a_number_that_is_none_is_no_text() -> None:
    articles, rejects = parse_one(b'[{"title": NaN, "text": "x", "date": NaN}, {"title": "T", "text": NaN}]', "a.json")
    assert articles.select("record_no", "title", "published_on").rows() == [(0, None, None)]
    assert rejects.select("record_no", "rule").rows() == [(1, "body_missing")]


def test_a_title_that_is_too_long_is_told() -> None:
    record = {"body": "x", "headline": "y" * 10_001, "name": "Short"}
    articles, rejects = parse_one(json.dumps(record).encode(), "a.json")
    assert articles["title"].to_list() == ["Short"]
    assert rejects.select("record_no", "rule").rows() == [(0, "field_too_long")]


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (b'{"text": "one"}{"text": "two"}', "a.json"),
        (b'{\n "text": "one"\n}\n{\n "text": "two"\n}\n', "a.jsonl"),
        (b'\x1e{\n"text": "one"}\n\x1e{"text":\n"two"}\n', "a.json"),
        (b'{"7": {"text": "one"}, "8": {"text": "two"}}', "a.json"),
        (b'[{"text": "one"}]\n[{"text": "two"}]', "a.json"),
        (b'[{"text": "one"} , {"text": "two"} ] ', "a.json"),
    ],
)
def test_several_values_are_several_articles(content: bytes, path: str) -> None:
    articles, rejects = parse_one(content, path)
    assert articles.select("record_no", "body").rows() == [(0, "one"), (1, "two")]
    assert rejects.is_empty()


def test_of_several_values_those_before_a_broken_one_stand() -> None:
    articles, rejects = parse_one(b'{"text": "one"} {"text": "two"} {"te', "a.json")
    assert articles["body"].to_list() == ["one", "two"]
    assert rejects.select("record_no", "rule").rows() == [(2, "not_json")]


@pytest.mark.parametrize("rest", [b', {"text": "th', b', {"text": three}]', b" ", b"]]", b'; {"text": "x"}]', b",]"])
def test_of_a_list_what_comes_before_a_broken_place_stands(rest: bytes) -> None:
    articles, rejects = parse_one(b'[{"text": "one"}, {"text": "two"}' + rest, "a.json")
    assert articles["body"].to_list() == ["one", "two"]
    assert rejects.select("record_no", "rule").rows() == [(2, "not_json")]


def test_a_value_that_is_none_hides_no_other() -> None:
    articles, rejects = parse_one(b'null [] {"text": "one"} [null]', "a.json", format="json")
    assert articles.select("record_no", "body").rows() == [(1, "one")]
    assert rejects.select("record_no", "rule").rows() == [(0, "not_an_article"), (2, "not_an_article")]


@pytest.mark.parametrize("block_bytes", [1, 2, 7, 100_000])
def test_a_list_of_any_length_is_read_by_pieces(block_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [{"title": f"Tög \U0001f600 {n}", "text": f'[{{"{n}", \\" ]}}', "n": [n * 10_001, {}]} for n in range(9)]
    content = json.dumps(records, ensure_ascii=False, indent=1).encode()
    expected = parse_one(content, "a.json")
    assert len(expected[0]) == 9
    monkeypatch.setattr("transforms.parse.json_records._BLOCK_BYTES", block_bytes)
    for size in (1, 50, 333):
        limits = Limits(document_bytes=size, record_bytes=1_000)
        found = parse_one(content, "a.json", limits=limits)
        assert found[0].equals(expected[0])
        assert found[1].is_empty()
        articles, rejects = parse_one(content[:-40], "a.json", limits=limits)
        assert articles.equals(expected[0].head(8))
        assert rejects.select("record_no", "rule").rows() == [(8, "not_json")]


def test_of_a_large_file_that_is_no_list_is_told_what_to_write() -> None:
    limits = Limits(document_bytes=10)
    assert "write it as JSON Lines" in parse_one(b'{"a": [{"text": "one"}]}', "a.json", limits=limits)[1]["reason"][0]
    large = b'[{"text": "one"}, {"text": "' + b"x" * 5_000 + b'"}]'
    articles, rejects = parse_one(large, "a.json", limits=Limits(document_bytes=10, record_bytes=1_000))
    assert (articles["body"].to_list(), rejects["rule"].to_list()) == (["one"], ["too_large"])


def test_of_columns_of_one_name_the_first_that_is_filled_counts() -> None:
    content = b"date,text,text\n2024-01-01,one,\n2024-01-02,,two\n2024-01-03,three,four\n"
    assert parse_one(content, "a.csv")[0]["body"].to_list() == ["one", "two", "three"]


def test_plain_names_in_other_languages_are_known() -> None:
    article = only_article(b"Titel;Datum;Autor;Text\nEins;2.1.2024;Ada;Es regnet.\n", "a.csv")
    assert (article["title"], article["published_on"], article["byline"]) == ("Eins", date(2024, 1, 2), "Ada")
    spanish = only_article("título,fecha,texto\nUno,2024-01-02,Llueve.\n".encode(), "a.csv")
    assert (spanish["title"], spanish["body"]) == ("Uno", "Llueve.")


def test_a_bad_date_stands_beside_the_article() -> None:
    articles, rejects = parse_one(b'{"body": "x", "date": "0201-01-01"}', "a.json")
    assert articles["published_on"].to_list() == [None]
    assert rejects.select("record_no", "rule", "excerpt").rows() == [(0, "date_implausible", "0201-01-01")]


@pytest.mark.parametrize("text", ["Shares of <A> and <P> rose 2 < 3", "<B> & <I>", "a <b.c> d", "R&D <br.n>"])
def test_share_symbols_are_no_markup(text: str) -> None:
    assert only_article(json.dumps({"title": "t", "body": text}).encode(), "a.json")["body"] == text


def test_the_place_of_a_broken_record_is_that_in_its_line_or_file(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = b'{"text": "a"}\n{"text": "b"}\n{"text": "c"\n'
    assert (
        "line 3: not JSON: Expecting ',' delimiter at character 14;" in parse_one(lines, "a.jsonl").rejects["reason"][0]
    )
    listed = b'[{"text": "aaaa"}, {"text": "bbbb"}, {"text" oops}]'
    told = f"Expecting ':' delimiter at character {listed.index(b'oops') + 1};"
    assert told in parse_one(listed, "a.json").rejects["reason"][0]
    monkeypatch.setattr("transforms.parse.json_records._BLOCK_BYTES", 5)
    assert told in parse_one(listed, "a.json", limits=Limits(document_bytes=20, record_bytes=40)).rejects["reason"][0]
