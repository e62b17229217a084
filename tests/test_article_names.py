"""Names that the text itself, or a list, settles: abbreviations, listed names, persons behind institutions, titles."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.enrich.mentions.abbreviations import explained, find_explained
from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.listed import find_listed, part_persons
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS
from transforms.enrich.mentions.titles import find_quoted_titles


def _articles(*bodies: str) -> pl.DataFrame:
    return pl.DataFrame({"article_id": [str(number) for number in range(len(bodies))], "body": bodies})


def _names(*rows: tuple[str, str, str, float], body: str) -> pl.DataFrame:
    found = [(i, body.index(surface), body.index(surface) + len(surface), surface, t, s) for i, surface, t, s in rows]
    return pl.DataFrame(found, schema=MENTION_COLUMNS, orient="row")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (
            "held at the Institute of East European, Russian and Central Asian Studies (IEERCAS) in Beijing",
            "Institute of East European, Russian and Central Asian Studies",
        ),
        ("Staff of the World Health Organization (WHO) said", "World Health Organization"),
        ("the U.S. said. National Aeronautics and Space Administration (NASA)", "National Aeronautics and Space "
         "Administration"),
        ("The Department of Energy (DOE) paid", "Department of Energy"),
        ("Leaders of the European Central Bank (ECB) met", "European Central Bank"),
        ("exchange-traded funds (ETFs)", None),
        ("Convention on Climate Change (COP29)", None),
        ("Ministers met, Paris (AFP)", None),
        ("He met Tom Brown (D)", None),
        ("(WHO)", None),
    ],
)  # fmt: skip
def test_a_name_reaches_as_far_as_its_initials(body: str, name: str | None) -> None:
    found = explained(body)
    assert [body[each.start : each.end] for each in found] == ([] if name is None else [name])


def test_initials_are_found_wherever_they_stand_and_are_of_the_name_s_type() -> None:
    body = "The 🙂 Democratic Republic of Congo (DRC) is large. The DRC, not the DRCs or X-DRC, is."
    names = _names(("0", "Democratic Republic of Congo", "PLACE", 0.9), body=body)
    found = find_explained(_articles(body, "DRC elsewhere."), names)
    assert found.select("article_id", "surface", "mention_type").rows() == [
        ("0", "Democratic Republic of Congo", "PLACE"),
        ("0", "DRC", "PLACE"),
        ("0", "DRC", "PLACE"),
    ]
    assert all(body[start:end] == surface for start, end, surface in found.select(MENTION_COLUMNS.names()[1:4]).rows())
    assert find_explained(_articles("Nothing."), names[:0]).is_empty()


def test_listed_names_of_several_words_are_found() -> None:
    found = find_listed(Batch(_articles("é The Belt and Road Initiative and Brexit.", "None.")))
    assert found.select("start_char", "surface", "mention_type").rows() == [(6, "Belt and Road Initiative", "OTHER")]


def test_a_person_behind_a_known_institution_is_parted_from_it() -> None:
    body = "The Academy of Sciences. Academy of Sciences Sun Zhuangzhi spoke. Academy of Sciences Press Office"
    names = pl.DataFrame(
        [
            ("0", 4, 23, "Academy of Sciences", "ORGANISATION", 0.95),
            ("0", 25, 58, "Academy of Sciences Sun Zhuangzhi", "ORGANISATION", 0.8),
            ("0", 66, 98, "Academy of Sciences Press Office", "ORGANISATION", 0.8),
        ],
        schema=MENTION_COLUMNS,
        orient="row",
    )
    parted = part_persons(names)
    assert parted.select("start_char", "end_char", "surface", "mention_type").rows() == [
        (4, 23, "Academy of Sciences", "ORGANISATION"),
        (25, 44, "Academy of Sciences", "ORGANISATION"),
        (45, 58, "Sun Zhuangzhi", "PERSON"),
        (66, 98, "Academy of Sciences Press Office", "ORGANISATION"),
    ]
    assert all(body[start:end] == surface for start, end, surface in parted.select(MENTION_COLUMNS.names()[1:4]).rows())
    uncertain = names.with_columns(pl.lit(0.5).alias("score"))
    assert part_persons(uncertain).equals(uncertain)


def test_a_title_in_quotation_marks_is_one_name() -> None:
    bodies = ['é "Year of Solidarity for the Green World" and “One Hundred Years of Solitude”', '"We Shall not go"']
    found = find_quoted_titles(Batch(_articles(*bodies)))
    assert found.select("article_id", "start_char", "surface").rows() == [
        ("0", 3, "Year of Solidarity for the Green World"),
        ("0", 48, "One Hundred Years of Solitude"),
    ]
