"""Abbreviations: a name with its initials in brackets, and the initials wherever the article has them.

"Institute of East European, Russian and Central Asian Studies (IEERCAS)" says where the name begins and ends, however
many commas are in it, and that IEERCAS is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

import polars as pl

from transforms.enrich.mentions.recogniser import MENTION_COLUMNS, mention_rows

#: To be raised with every change of what is found.
ABBREVIATIONS_VERSION: Final = 2

#: The initials prove the name.
_SCORE: Final = 0.97

_SMALL_WORDS: Final = frozenset({
    "of", "the", "and", "for", "on", "in", "to", "with", "at", "by", "de", "du", "des", "di", "del", "la", "le", "et",
    "y", "&", "und", "für",
})  # fmt: skip
_BRACKETED: Final = re.compile(r" \(([A-Z][A-Za-z&-]{1,9})\)")
_WORD: Final = re.compile(r"[^\s,]+,?")
#: Nothing of a name stands before it: the end of a sentence, a bracket, a quotation mark.
_BORDER: Final = re.compile(r"[.!?;:()\[\]\"“”]\s|\n")
_MOST_NAME_CHARS: Final = 150

#: Words that say what a name is; a model tells less surely.
_INSTITUTIONS: Final = (
    "Academy|Administration|Agency|Alliance|Association|Authority|Bank|Board|Bureau|Cent(?:er|re)|College|Commission|"
    "Committee|Company|Confederation|Corporation|Council|Court|Department|Directorate|Federation|Forum|Foundation|Front|Fund|"
    "Group|Institut(?:e|ion)|League|Ministry|Movement|Network|Office|Organi[sz]ation|Party|School|Service|Society|Union|"
    "University"
)

#: A name is of one of these types if a model found it, or most of it, to be so; otherwise it is an organisation.
_LIKELY_TYPES: Final = ("ORGANISATION", "PLACE", "EVENT", "OTHER")


class Explained(NamedTuple):
    """A name and its initials, in characters of the body."""

    start: int
    end: int
    initials: str


@cache
def _is_small(word: str) -> bool:
    return word.lower() in _SMALL_WORDS


def _first_word(words: list[str], letters: str) -> int | None:
    """Where the name begins that has these initials and ends with the last word; None if there is none."""
    left = len(letters)
    for number in range(len(words) - 1, -1, -1):
        word = words[number].lstrip("‘'“\"")
        if word[:1].isupper() and word[0].upper() == letters[left - 1].upper():
            left -= 1
            # "Euro-Atlantic", "TotalEnergies" give two initials.
        elif _is_small(word.rstrip(",")):
            if left and word[:1].upper() == letters[left - 1] and words[number - 1 : number] and left > 1:
                # The "O" of DOE, unless the word before it gives it.
                before = words[number - 1].lstrip("‘'“\"")
                left -= before[:1].upper() != letters[left - 1]
        else:
            return None
        if not left:
            return number
    return None


def _may_end_name(end: str, letters: str) -> bool:
    """Whether a text from a space to the bracket can end a name with these initials, as far as its last word tells.

    Most brackets stand behind something else, and few are worth a look at all words before them.
    """
    return not end.isalnum() or (end[0].isupper() and end[0].upper() == letters[-1]) or end.lower() in _SMALL_WORDS


def explained(body: str) -> list[Explained]:
    """Every name in a body that stands before its initials in brackets."""
    found = []
    for bracket in _BRACKETED.finditer(body):
        letters = "".join(filter(str.isupper, bracket[1]))
        if len(letters) < 2:  # ruff: ignore[magic-value-comparison] - one letter proves nothing
            continue
        floor = max(0, bracket.start() - _MOST_NAME_CHARS)
        if not _may_end_name(body[body.rfind(" ", floor, bracket.start()) + 1 : bracket.start()], letters):
            continue
        borders = [border.end() for border in _BORDER.finditer(body, floor, bracket.start())]
        words = list(_WORD.finditer(body, borders[-1] if borders else floor, bracket.start()))
        number = _first_word([word[0] for word in words], letters)
        if number is not None and not words[-1][0].endswith(","):
            found.append(Explained(words[number].start(), bracket.start(), bracket[1]))
    return found


def _whole_words(body: str, word: str) -> Iterator[int]:
    """Where a word stands by itself, not within a longer or hyphenated one."""
    start = body.find(word)
    while start >= 0:
        end = start + len(word)
        if not _continues_word(body[start - 1 : start]) and not _continues_word(body[end : end + 1]):
            yield start
        start = body.find(word, end)


def _continues_word(character: str) -> bool:
    return character.isalnum() or character in {"-", "_"}


def find_explained(articles: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Names that stand before their initials, and the initials everywhere in the article: ``MENTION_COLUMNS``.

    ``names`` are a recogniser's mentions of the same articles, which tell the type.
    """
    candidates = articles.select("article_id", "body").filter(pl.col("body").str.contains(r" \([A-Z][A-Za-z&-]+\)"))
    rows = []
    # A loop over brackets: few articles have any, and the initials are compared word by word.
    for article_id, body in candidates.iter_rows():
        known = {each.initials: each for each in explained(body)}
        for each in known.values():
            name = body[each.start : each.end]
            rows.append((article_id, each.start, each.end, each.initials, name))
            length = len(each.initials)
            rows += [
                (article_id, start, start + length, each.initials, name) for start in _whole_words(body, each.initials)
            ]
    if not rows:
        return MENTION_COLUMNS.to_frame()
    spans = pl.DataFrame(
        rows,
        schema={
            "article_id": pl.String,
            "start_char": pl.Int32,
            "end_char": pl.Int32,
            "initials": pl.String,
            "name": pl.String,
        },
        orient="row",
    )
    typed = spans.join(_types(spans, names), on=["article_id", "initials"], how="left", maintain_order="left")
    is_institution = pl.col("name").str.contains(rf"\b(?:{_INSTITUTIONS})\b")
    mention_type = pl.when(is_institution).then(pl.lit("ORGANISATION")).otherwise("mention_type")
    found = typed.select(
        "article_id",
        "start_char",
        "end_char",
        mention_type.fill_null("ORGANISATION").alias("mention_type"),
        pl.lit(_SCORE),
    )
    return mention_rows(articles, list(found.iter_rows()))


def _types(spans: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """The type of each name by its initials: that of the longest mention within any of its spans."""
    # What begins before or goes on behind is another name: "Charter of the United Nations", "UN Framework Convention".
    inside = spans.join(names.filter(pl.col("mention_type").is_in(_LIKELY_TYPES)), on="article_id", how="inner").filter(
        (pl.col("start_char") <= pl.col("start_char_right")) & (pl.col("end_char_right") <= pl.col("end_char"))
    )
    length = pl.col("end_char_right") - pl.col("start_char_right")
    return (
        inside
        .sort(["article_id", "initials", length, "start_char_right"], descending=[False, False, True, False])
        .unique(["article_id", "initials"], keep="first", maintain_order=True)
        .select("article_id", "initials", "mention_type")
    )
