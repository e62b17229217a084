"""Versions: what each article said, and from which run to which."""

from __future__ import annotations

import polars as pl

from transforms.contracts import TABLES

#: What makes two states of an article the same version.
_SAME = ("article_id", "published_on", "content_sha256")


def next_versions(
    versions: pl.DataFrame, former: pl.LazyFrame, articles: pl.DataFrame, *, last_run_id: str, run_id: str
) -> pl.DataFrame:
    """The contract ``versions`` of some months after a run, in no particular order.

    ``versions`` and ``former`` are the rows of the contracts ``versions`` and ``articles`` that the release of
    the run ``last_run_id`` has of these months; ``articles`` are the rows that they have now. A version whose
    article changed, moved to another month or went, ends and keeps its body; an article without a current
    version begins one. ``former`` is read for the bodies of the versions that end, and for nothing else.
    """
    table = TABLES["versions"]
    is_current = pl.col("last_run_id").is_null()
    current = versions.filter(is_current)
    staying = current.join(articles.select(_SAME), on=_SAME, how="semi", nulls_equal=True)
    ending = current.join(staying, on="article_id", how="anti")
    beginning = articles.join(staying, on="article_id", how="anti").with_columns(
        pl.lit(run_id).alias("first_run_id"),
        pl.lit(None, dtype=pl.String).alias("last_run_id"),
        pl.lit(None, dtype=pl.String).alias("former_body"),
    )
    parts = [versions.filter(~is_current), staying, beginning.select(table.columns)]
    if len(ending):
        bodies = former.join(ending.lazy(), on="article_id", how="semi").select("article_id", "body").collect()
        ended = ending.join(bodies, on="article_id", how="inner", validate="1:1").with_columns(
            pl.lit(last_run_id).alias("last_run_id"), pl.col("body").alias("former_body")
        )
        parts.append(ended.select(table.columns))
    return pl.concat([part.select(table.columns) for part in parts])
