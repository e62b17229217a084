"""A batch of articles as all finders see it: what takes long to make of its text is made once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from transforms.enrich.mentions.aliases import Words
from transforms.enrich.mentions.patterns import Bodies


@dataclass(frozen=True, eq=False)
class Batch:
    """Articles that are read together."""

    articles: pl.DataFrame
    """One row per article: ``article_id, body``, and what else the caller has."""

    @cached_property
    def bodies(self) -> Bodies:
        """The bodies, for patterns."""
        return Bodies.of(self.articles["body"])

    @cached_property
    def words(self) -> Words:
        """The words of the bodies, for lists of names."""
        return Words.of(self.bodies)
