"""HTML pages, feeds, plain text and Markdown."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from parse_samples import (
    ATOM,
    HTML,
    JSON_FEED,
    MARKDOWN,
    RDF,
    RSS,
    TEXT,
    UNDATED_HTML,
    only_article,
    only_reject,
    parse_one,
)
from transforms.parse.markdown import markdown_text
from transforms.parse.markup import markup_text


def test_a_page_tells_everything() -> None:
    article = only_article(HTML, "noname")
    assert article["title"] == "Tides of the Severn"
    assert (article["byline"], article["language"]) == ("Ada Rivers", "en")
    assert article["url"] == "https://example.org/severn"
    assert article["published_on"] == date(2024, 3, 1)
    assert article["published_at"] == datetime(2024, 3, 2, 4, 30, tzinfo=UTC)
    assert "wave called the bore" in article["body"]
    assert "Sport" not in article["body"]
    assert article["body"].startswith("The Severn has")
    assert article["body"].count("\n\n") == 2


def test_a_paragraph_that_repeats_the_headline_is_text() -> None:
    headline = "Tides of the Severn"
    repeated = HTML.replace(b"</h1>", b"</h1><p>Tides of the Severn</p>")
    assert repeated != HTML
    body = only_article(repeated, "a.html")["body"].strip()
    assert body.split("\n\n")[:1] == [headline]
    assert body.removeprefix(headline).strip() == only_article(HTML, "a.html")["body"].strip()
    alone = (
        f"<html><title>{headline}</title><body><article><h1>{headline}</h1><p>{headline}</p></article></body></html>"
    )
    assert only_article(alone.encode(), "a.html")["body"].strip() == headline


def test_the_title_loses_the_name_of_the_site() -> None:
    page = HTML.replace(b'"headline": "Tides of the Severn", ', b"")
    assert only_article(page, "a.html")["title"] == "Tides of the Severn"


@pytest.mark.parametrize(
    "meta",
    [
        b'<meta property="article:published_time" content="2024-03-02">',
        b'<meta name="DC.date.issued" content="2 March 2024">',
        b'<time pubdate datetime="2024-03-02">today</time>',
    ],
)
def test_a_page_without_linked_data_tells_its_date_in_other_ways(meta: bytes) -> None:
    page = UNDATED_HTML.replace(b"<h1>", meta + b"<h1>")
    assert only_article(page, "a.html")["published_on"] == date(2024, 3, 2)


def test_a_date_in_the_text_of_a_page_is_told_and_not_taken() -> None:
    page = UNDATED_HTML.replace(b"Twice a day", b"This was written on 5 February 2024. Twice a day")
    articles, rejects = parse_one(page, "a.html")
    assert articles["published_on"].to_list() == [None]
    assert rejects.select("record_no", "rule", "excerpt").rows() == [(0, "date_unsure", "2024-02-05")]


def test_a_folder_tells_the_date_only_if_the_page_does_not() -> None:
    assert only_article(HTML, "2023/05/06/a.html")["published_on"] == date(2024, 3, 1)
    assert only_article(UNDATED_HTML, "2023/05/06/a.html")["published_on"] == date(2023, 5, 6)


def test_a_page_without_text_is_refused() -> None:
    told = only_reject(b"<!DOCTYPE html><html><body></body></html>", "a.html")
    assert (told["rule"], told["reason"].partition(";")[0]) == (
        "body_missing",
        "no text of an article was found in the page",
    )


@pytest.mark.parametrize(
    "page",
    [
        b"<html>" + b"<div>" * 5000 + b"deep",
        b"<html><body>" + b"<b><i>x" * 5000,
    ],
)
def test_a_page_that_is_nested_too_deep_is_refused_and_not_cut(page: bytes) -> None:
    assert only_reject(page, "a.html")["rule"] == "too_deep"


def test_a_tag_with_a_hundred_thousand_attributes_costs_nothing() -> None:
    attributes = b" ".join(b"a%d=1" % number for number in range(100_000))
    assert only_article(HTML.replace(b"<h1>", b"<h1 " + attributes + b">"), "a.html")["title"] == "Tides of the Severn"


def test_a_long_comment_still_ends() -> None:
    comment = b"<!-- <p " + b"x " * 10_000 + b"-->"
    assert "wave called the bore" in only_article(HTML.replace(b"<h1>", comment + b"<h1>"), "a.html")["body"]


@pytest.mark.parametrize("feed", [RDF, ATOM, JSON_FEED])
def test_feeds(feed: bytes) -> None:
    article = only_article(feed, "noname")
    assert (article["title"], article["body"]) == ("Tides of the Severn", "The Severn rises.")
    assert article["url"] == "https://example.org/severn"
    assert article["published_at"] == datetime(2024, 3, 1, 10, tzinfo=UTC)


def test_an_entry_without_text_is_refused_on_its_own() -> None:
    articles, rejects = parse_one(RSS, "feed")
    assert articles.select("record_no", "title", "body", "language").rows() == [
        (0, "Tides of the Severn", "The Severn rises.", "en")
    ]
    assert rejects.select("record_no", "rule").rows() == [(1, "body_missing")]
    assert "only a link" in rejects["reason"][0]


def test_rss_0_91_and_a_feed_that_is_not_well_formed() -> None:
    old = RSS.replace(b'version="2.0"', b'version="0.91"')
    assert parse_one(old, "a.rss").articles["title"].to_list() == ["Tides of the Severn"]
    broken = RSS.replace(b"Tides of", b"Tides & of")
    articles, rejects = parse_one(broken, "a.rss")
    assert len(articles) + len(rejects) >= 2
    assert articles["body"].to_list() == ["The Severn rises."]


@pytest.mark.parametrize(
    "entity",
    [
        b'<!ENTITY x SYSTEM "file:///etc/passwd">',
        b'<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;&b;&b;&b;&b;">',
    ],
)
def test_entities_of_a_feed_are_not_read(entity: bytes) -> None:
    feed = RSS.replace(b"<rss", b"<!DOCTYPE rss [" + entity + b"]><rss", 1).replace(b"The Severn", b"The &x; Severn")
    articles, _ = parse_one(feed, "a.xml")
    assert all("root:" not in body and "haha" not in body for body in articles["body"])


def test_a_reference_to_no_character_stays_text() -> None:
    feed = RSS.replace(b"The Severn", b"The &#xd800;&#233; Severn")
    assert parse_one(feed, "a.rss").articles["body"].to_list() == ["The &#xd800;é Severn rises."]


def test_plain_text_with_a_title_line() -> None:
    article = only_article(TEXT)
    assert article["title"] == "Tides of the Severn"
    assert article["body"].strip() == "The Severn has one of the widest tidal ranges on Earth."
    assert article["published_on"] is None


@pytest.mark.parametrize(
    "text", [b"One sentence only.\n", b"A first sentence.\n\nA second.\n", b"No blank line\nfollows it\n"]
)
def test_plain_text_without_a_title_loses_nothing(text: bytes) -> None:
    article = only_article(text)
    assert (article["title"], article["body"]) == (None, text.decode())


def test_front_matter_of_yaml() -> None:
    article = only_article(MARKDOWN, "post.md")
    assert (article["title"], article["byline"]) == ("Tides of the Severn", "Ada Rivers, Ben Brook")
    assert article["published_on"] == date(2024, 3, 1)
    assert article["body"].strip() == "The Severn has one of the widest tidal ranges."


def test_front_matter_of_toml_and_a_date_in_the_name() -> None:
    toml = b'+++\ntitle = "Tides"\ndate = 2024-03-01T10:00:00Z\n+++\n\nThey rise.\n'
    assert only_article(toml, "a.md")["published_at"] == datetime(2024, 3, 1, 10, tzinfo=UTC)
    article = only_article(b"# Tides\n\nThey rise.\n", "_posts/2024-03-01-tides.md")
    assert (article["title"], article["published_on"]) == ("Tides", date(2024, 3, 1))
    assert article["body"].strip() == "They rise."


@pytest.mark.parametrize(
    "matter",
    [
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        b"a: !!python/object/apply:os.system ['true']\n",
        b"a: [\n",
        b"a: " + b"[" * 30_000 + b"\n",
    ],
)
def test_hostile_front_matter_is_refused(matter: bytes) -> None:
    assert only_reject(b"---\n" + matter + b"---\n\nText.\n", "a.md")["rule"] in {"front_matter", "unreadable"}


def test_a_file_of_another_kind_is_no_text() -> None:
    assert only_reject(b"def f():\n    return 1\n", "a.py")["rule"] == "unknown_format"
    assert "PDF" in only_reject(b"%PDF-1.7\n%\xe2\xe3", "a.txt")["reason"]


def test_a_picture_within_markdown_is_no_text() -> None:
    assert markdown_text(f"One.\n\n![h](data:image/png;base64,{'QUJD' * 5_000})\n\nTwo.").split() == ["One.", "Two."]


def test_markdown_marks() -> None:
    text = (
        "## Head\n\n> A *b* __c__ `d` ~~e~~ [f](g) ![h](i)\n\n- snake_case_name, 2*3*4\n\n```\ncode\n```\n\n\\*kept\\*"
    )
    assert markdown_text(text).split() == [
        "Head",
        "A",
        "b",
        "c",
        "d",
        "e",
        "f",
        "snake_case_name,",
        "2*3*4",
        "code",
        "*kept*",
    ]


def test_markup_becomes_paragraphs() -> None:
    assert (
        markup_text("a <b>b</b>&nbsp;c<p>d<br/>e</p><style>x</style>f<ul><li>g<li>h</ul>")
        == "a b c\n\nd\ne\n\nf\n\ng\n\nh"
    )
