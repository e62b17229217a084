"""Enrich: what is found in normalised articles, one module or package per enrichment.

To add one, write a class with the shape of ``Enrichment`` and put it into ``enrichments``. It sees one
batch at a time and must give an article the same rows whatever else is in the batch.
"""

from __future__ import annotations

from typing import Protocol

import polars as pl

from transforms.enrich.mentions.enrichment import MentionEnrichment
from transforms.enrich.mentions.watchlist import Watchlist
from transforms.normalise import Normalised


class Enrichment(Protocol):
    """Fills some tables of the contracts.

    ``version`` names everything that its rows depend on: when it changes, every file is processed again.
    """

    @property
    def version(self) -> str: ...

    def enrich(self, normalised: Normalised) -> dict[str, pl.DataFrame]:
        """The rows of its tables for these articles, by table, in any order."""
        ...


def enrichments(recogniser: str, watchlist: Watchlist | None = None) -> tuple[Enrichment, ...]:
    """Every enrichment of a run, in the order in which they are applied."""
    return (MentionEnrichment(recogniser, watchlist),)
