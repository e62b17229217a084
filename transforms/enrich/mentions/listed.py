"""Names that a list settles: what everybody knows under two words or more, and who stands right behind an institution.

``known_names.csv`` was written by hand; names of a single word are left to the recogniser, since they mean many things.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import polars as pl

from transforms.enrich.gazetteer import read_packaged_csv
from transforms.enrich.mentions.aliases import Aliases, Spelling
from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.patterns import in_order_without_overlaps
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS

#: To be raised with every change of what is found.
LISTED_VERSION: Final = 1

_SCORE: Final = 0.95

#: A mention of an institution is certain enough to cut another one short.
_CERTAIN: Final = 0.9

_INSTITUTION: Final = "ORGANISATION"
#: Between the words of an institution, which has two at least, and of a full name.
_FEWEST_SPACES: Final = 3
_FULL_NAME: Final = r"^\p{Lu}[\p{L}’'-]+(?: \p{Lu}[\p{L}’'-]+){1,2}$"


@cache
def _known_names() -> tuple[Aliases, list[str]]:
    rows = [row for row in read_packaged_csv("known_names.csv") if " " in row["name"]]
    spellings = [Spelling(row["name"], ignores_case=False, value=number) for number, row in enumerate(rows)]
    return Aliases.of(spellings), [row["mention_type"] for row in rows]


@cache
def _personal_names() -> pl.Series:
    names = [row["name"] for file in ("given_names.csv", "family_names.csv") for row in read_packaged_csv(file)]
    return pl.Series(names, dtype=pl.String).str.to_lowercase()


def find_listed(batch: Batch) -> pl.DataFrame:
    """The listed names in some articles: ``MENTION_COLUMNS``, by article and place."""
    aliases, types = _known_names()
    bodies = batch.bodies
    matches, name_nos = aliases.find(batch.words)
    keep = in_order_without_overlaps(matches)
    matches, name_nos = matches.at(keep), name_nos[keep]
    starts, ends = bodies.chars(matches)
    return pl.DataFrame(
        {
            "article_id": batch.articles["article_id"].gather(matches.body_nos),
            "start_char": starts.astype(np.int32),
            "end_char": ends.astype(np.int32),
            "surface": bodies.surfaces(matches),
            "mention_type": pl.Series(types, dtype=pl.String).gather(name_nos),
            "score": np.full(len(starts), _SCORE),
        },
        schema=MENTION_COLUMNS,
    )


def part_persons(names: pl.DataFrame) -> pl.DataFrame:
    """Part "Academy of Sciences Sun Zhuangzhi" into the person and the institution, which the article names elsewhere.

    ``MENTION_COLUMNS`` in and out; rows keep their order.
    """
    institutions = names.filter(
        (pl.col("mention_type") == _INSTITUTION) & (pl.col("score") >= _CERTAIN) & pl.col("surface").str.contains(" ")
    )
    known = institutions.select("article_id", pl.col("surface").alias("institution")).unique()
    has_words = pl.col("surface").str.count_matches(" ", literal=True) >= _FEWEST_SPACES
    long = names.with_row_index("row").filter((pl.col("mention_type") == _INSTITUTION) & has_words)
    rest = pl.col("surface").str.strip_prefix(pl.format("{} ", "institution"))
    parted = (
        long
        .join(known, on="article_id", how="inner", maintain_order="left_right")
        .filter(pl.col("surface").str.starts_with(pl.format("{} ", "institution")))
        .with_columns(rest.alias("person"))
        .filter(
            pl.col("person").str.contains(_FULL_NAME)
            & pl.col("person").str.split(" ").list.eval(
                pl.element().str.to_lowercase().is_in(_personal_names().implode())
            ).list.any()
        )
        .sort("row", pl.col("institution").str.len_chars(), descending=[False, True])
        .unique("row", keep="first", maintain_order=True)
    )  # fmt: skip
    if parted.is_empty():
        return names
    first = parted.with_columns(
        (pl.col("end_char") - pl.col("person").str.len_chars() - 1).cast(pl.Int32).alias("end_char"),
        pl.col("institution").alias("surface"),
    )
    second = parted.with_columns(
        (pl.col("end_char") - pl.col("person").str.len_chars()).cast(pl.Int32).alias("start_char"),
        pl.col("person").alias("surface"),
        pl.lit("PERSON").alias("mention_type"),
    )
    others = names.with_row_index("row").join(parted, on="row", how="anti")
    columns = ["row", *names.columns]
    merged = pl.concat([others.select(columns), first.select(columns), second.select(columns)])
    return merged.sort("row", "start_char").drop("row")
