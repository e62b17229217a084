"""What stands in an article's credits."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.enrich.mentions.credits import in_credits


def _marked(*bodies: str) -> list[bool]:
    """Whether each word with a capital is in the credits, over all bodies."""
    articles = pl.DataFrame({"article_id": [f"{number:016x}" for number in range(len(bodies))], "body": bodies})
    words = articles.select(
        "article_id",
        pl
        .col("body")
        .map_elements(
            lambda body: [at for at in range(len(body)) if body[at].isupper() and not body[at - 1 : at].isalpha()],
            return_dtype=pl.List(pl.Int32),
        )
        .alias("start_char"),
    ).explode("start_char", empty_as_null=False)
    return in_credits(words, articles).to_list()


@pytest.mark.parametrize(
    ("body", "marks"),
    [
        ("Oslo grew. (Reporting by Ann Lee in Bergen; Editing by Bo Ek)", [False, *[True] * 7]),
        ("Oslo grew. ((Reporting by Ann Lee, editing by Bo Ek)) Bergen too.", [False, *[True] * 5, False]),
        ("Oslo grew. (Writing by Ann (Bo) Lee) Bergen.", [False, *[True] * 4, False]),
        ("Oslo grew.\nAdditional reporting by Ann Lee\nBergen too.", [False, *[True] * 3, False]),
        ("By ANN LEE\nOslo grew.", [True, True, True, False]),
        ("Ann said reporting by Bo was wrong.", [False, False]),
        ("Oslo grew.\nBy Monday, Ann had gone.", [False] * 4),
        ("Writing by hand is Ann's habit.", [False, False]),
        ("Oslo grew. (Reporting by Ann Lee", [False, True, True, True]),
        ("É Oslo. (Reporting by Ann Lee) Bø", [False, False, True, True, True, False]),
    ],
)
def test_names_in_credits_are_told_apart(body: str, marks: list[bool]) -> None:
    assert _marked(body) == marks
    # Neither the bodies beside it nor an empty one make a difference.
    assert _marked("", body, "Oslo.", body) == [*marks, False, *marks]
