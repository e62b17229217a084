"""What a model's OTHER really is: a group, an event, or something else."""

from __future__ import annotations

import polars as pl

from transforms.enrich.mentions.events import find_events, is_event
from transforms.enrich.mentions.groups import find_groups, is_group

__all__ = ["MISC_TYPES_VERSION", "find_events", "find_groups", "misc_types"]

#: Part of the engine version; to be raised whenever the same article may yield other groups or events.
MISC_TYPES_VERSION = 2


def misc_types(surfaces: pl.Series) -> pl.Series:
    """What each mention that a model calls OTHER is by its own words: GROUP, EVENT or OTHER."""
    names = surfaces.unique()
    plain = names.str.replace_all("[’`]", "'")
    kinds = pl.select(
        pl.when(is_group(plain)).then(pl.lit("GROUP"))
        .when(is_event(plain)).then(pl.lit("EVENT"))
        .otherwise(pl.lit("OTHER"))
        .alias("mention_type")
    )  # fmt: skip
    known = kinds.with_columns(names.alias("surface"))
    placed = surfaces.alias("surface").to_frame()
    return placed.join(known, on="surface", how="left", maintain_order="left", nulls_equal=True)["mention_type"]
