"""Paragraphs that the extractor leaves out though the page marks them as those of its article."""

from __future__ import annotations

from time import process_time

import lxml.html
import pytest

from transforms.parse.html_page import parse_tree, read_page
from transforms.parse.marked_article import with_left_out

_FIRST = "The Severn has one of the widest tidal ranges on Earth, and its estuary is the reason for it."
_SECOND = "Twice a day the water rises by fifteen metres, and a wave called the bore runs up the river."
_THIRD = "Surfers have ridden the bore since the middle of the last century, some for several miles."
_PART = "A sentence that stands in the page and not in what the extractor found in it."


def _after(inside: str, *body: str) -> list[str]:
    """The paragraphs of a page with one article, of which the extractor found ``body``."""
    page = lxml.html.document_fromstring(f"<html><body><article>{inside}</article></body></html>")
    return with_left_out("\n\n".join(body), page).split("\n\n")


def _paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


@pytest.mark.parametrize(
    "texts",
    [
        (_FIRST, "Email", _SECOND, _THIRD),
        (_FIRST, "Email", _SECOND, "Email", _THIRD, "Email"),
        ("Print", _FIRST, _SECOND, _THIRD),
        (_FIRST, "More On This...", _SECOND, _THIRD),
        (_FIRST, _SECOND, _SECOND, _THIRD),
        (_FIRST, "###", _SECOND, "###", "Email"),
    ],
)
@pytest.mark.parametrize("around", ["<article>{}</article>", '<section><div itemprop="articleBody">{}</div></section>'])
def test_what_was_dropped_for_its_words_is_kept(texts: tuple[str, ...], around: str) -> None:
    page = f"<html><head><title>Tides</title></head><body>{around.format(_paragraphs(*texts))}</body></html>"
    assert read_page(page, url=None, path="").body.split("\n\n") == list(texts)


def test_a_short_article_keeps_its_paragraphs_and_loses_its_headline() -> None:
    inside = f"<header><h1>Tides of the Severn</h1></header>{_paragraphs(_FIRST, 'Email', _PART)}"
    page = f"<html><head><title>Tides of the Severn</title></head><body><article>{inside}</article></body></html>"
    assert read_page(page, url=None, path="").body.split("\n\n") == [_FIRST, "Email", _PART]


def test_a_short_article_with_text_outside_of_its_paragraphs_is_the_extractors() -> None:
    body = f"Here {_FIRST} {_PART}"
    assert _after(f"Here {_paragraphs(_FIRST, _PART)}", body) == [body]


def test_a_paragraph_that_repeats_the_headline_further_below_stays_there() -> None:
    title = "Tides of the Severn have been measured for a hundred years"
    texts = (title, "3 2 2006", title, _FIRST, _SECOND)
    page = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{_paragraphs(*texts)}</article>"
    assert read_page(page, url=None, path="").body.split("\n\n") == list(texts)


def test_the_text_is_kept_that_is_parted_among_several_elements() -> None:
    inside = (
        f'<div class="body">{_paragraphs(_FIRST, _SECOND)}</div><aside>Tides</aside><div class="body"><p>{_PART}</p>'
    )
    assert _after(inside, _FIRST, _SECOND) == [_FIRST, _SECOND, _PART]


def test_what_was_left_out_stands_where_the_page_has_it() -> None:
    inside = (
        f"<p>{_FIRST}</p><h2>The bore</h2><p>{_PART}</p><ul><li>Surfers</li></ul><p>Email<br>Print</p><p>{_SECOND}</p>"
    )
    body = (_FIRST, "The bore", "- Surfers", _SECOND)
    assert _after(inside, *body) == [_FIRST, "The bore", _PART, "- Surfers", "Email", "Print", _SECOND]


@pytest.mark.parametrize(
    "other",
    [
        f'<p class="related">{_PART}</p>',
        f'<div class="related">{_paragraphs(_PART)}</div>',
        f"<div><p>{_PART}</p></div>",
        f'<div id="comments"><p>{_PART}</p><p>{_PART}</p></div>',
        f"<aside><p>{_PART}</p></aside>",
        f"<form><p>{_PART}</p></form>",
        f"<figure><figcaption>{_PART}</figcaption></figure>",
        f"<ul><li>{_PART}</li></ul>",
        f"<h2>{_PART}</h2>",
        f"<p hidden>{_PART}</p>",
        f'<p style="display:none">{_PART}</p>',
        f'<p><span style="display:none">{_PART}</span></p>',
        f'<p><a href="/related">{_PART}</a></p>',
        f'<p>Read more: <a href="/related">{_PART}</a></p>',
        f"<p><script>{_PART}</script></p>",
        f"<p><noscript>{_PART}</noscript></p>",
        f"<p><button>{_PART}</button></p>",
        f"<script>{_PART}</script>",
        f"<!-- <p>{_PART}</p> -->",
        "<p>\u200b</p>",
    ],
)
def test_what_is_marked_up_in_another_way_stays_out(other: str) -> None:
    body = (_FIRST, _SECOND, _THIRD)
    assert _after(_paragraphs(_FIRST, _SECOND) + other + _paragraphs(_THIRD), *body) == list(body)


def test_what_stands_beside_the_text_stays_out_though_the_extractor_took_some_of_it() -> None:
    inside = f"{_paragraphs(_FIRST, _SECOND)}<aside><p>{_THIRD}</p></aside><aside><p>{_PART}</p></aside>"
    assert _after(inside, _FIRST, _SECOND, _THIRD) == [_FIRST, _SECOND, _THIRD]


def test_a_link_within_a_paragraph_is_text() -> None:
    inside = f'<p>{_FIRST}</p><p>{_PART} <a href="/bore">The bore</a> is one.</p><p>{_SECOND}</p>'
    assert _after(inside, _FIRST, _SECOND) == [_FIRST, f"{_PART} The bore is one.", _SECOND]


@pytest.mark.parametrize("altered", ["Seen on Monday", f"{_PART} Monday", "Seen", "on Monday"])
def test_a_paragraph_of_which_the_extractor_took_a_part_does_not_come_twice(altered: str) -> None:
    inside = f"<p>{_FIRST}</p><p>Seen<!-- 2 --> {_PART} on <time>Monday</time></p><p>{_SECOND}</p>"
    assert _after(inside, _FIRST, altered, _SECOND) == [_FIRST, altered, _SECOND]


def test_letters_that_are_not_shown_make_no_other_paragraph() -> None:
    inside = f"<p>{_FIRST}</p><p>\ufeffSoft\u00adhyphen\u200b, a\u00a0space</p><p>Email</p>"
    assert _after(inside, _FIRST, "Softhyphen, a space") == [_FIRST, "Softhyphen, a space", "Email"]


@pytest.mark.parametrize(
    "page",
    [
        f"<article>{_paragraphs(_FIRST, _SECOND, 'Email')}</article><article>{_paragraphs(_THIRD)}</article>",
        f"<div itemprop='articleBody'>{_paragraphs(_FIRST, 'Email')}</div><div itemprop='articleBody'></div>",
        f"<div>{_paragraphs(_FIRST, _SECOND, 'Email')}</div>",
    ],
)
def test_a_page_that_marks_several_articles_or_none_is_the_extractors(page: str) -> None:
    body = f"{_FIRST}\n\n{_SECOND}"
    assert with_left_out(body, lxml.html.document_fromstring(f"<html><body>{page}</body></html>")) == body


def test_an_article_that_holds_little_of_the_text_is_a_teaser() -> None:
    assert _after(_paragraphs("The bore", _PART), _FIRST, "The bore", _SECOND) == [_FIRST, "The bore", _SECOND]


def test_a_page_of_many_short_paragraphs_is_read_in_time() -> None:
    count = 20_000
    inside = "<div>" * 200 + "".join(f"<p>Part {number}</p><p>Email</p>" for number in range(count))
    body = "\n\n".join(f"Part {number}" for number in range(count))
    page = parse_tree(f"<html><body><article>{inside}</article></body></html>")
    assert with_left_out(body, page).count("Email") == count


def test_a_paragraph_of_many_lines_is_read_in_time() -> None:
    count = 60_000
    page = parse_tree(f"<html><body><article><p>{'Part<br>' * count}</p><p>Email</p></article></body></html>")
    start = process_time()
    assert with_left_out("\n\n".join(["Part"] * count), page).endswith("Part\n\nEmail")
    # Half a second; half a minute where the time is quadratic.
    assert process_time() - start < 8
