"""A kind of value as the list of forms that it is printed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from transforms.enrich.mentions.patterns import Bodies, Matches

_NAME_OF_GROUP = re.compile(r"\?P<\w+>")


@dataclass(frozen=True)
class Form:
    """A way to print a value: a pattern with named groups for its parts."""

    name: str
    pattern: str
    score: float
    """The share of matches that are right, as seen in a sample of real articles."""


@dataclass(frozen=True)
class Forms:
    """Forms in the order in which they are tried at each place of a text."""

    forms: tuple[Form, ...]

    @cached_property
    def part_names(self) -> tuple[str, ...]:
        """Every named group of any form."""
        found = {name: None for form in self.forms for name in re.findall(r"\?P<(\w+)>", form.pattern)}
        return tuple(found)

    @cached_property
    def _scan_pattern(self) -> str:
        """All forms in one, without groups, so that one pass of the automaton finds them."""
        return "|".join(_NAME_OF_GROUP.sub("?:", form.pattern) for form in self.forms)

    def find(self, bodies: Bodies) -> Matches:
        """All matches of any form."""
        return bodies.find(self._scan_pattern)

    def read(self, surfaces: pl.Series) -> pl.DataFrame:
        """``surface, form, score`` and the parts (null where the form has none), one row per surface given.

        Each different surface is taken apart once: news repeats itself.
        """
        remaining = surfaces.alias("surface").unique().to_frame()
        taken_apart = [self._nothing()]
        for form in self.forms:
            whole = f"^(?:{form.pattern})$"
            is_match = remaining["surface"].str.contains(whole)
            matching = remaining.filter(is_match)
            if "?P<" in whole and not matching.is_empty():
                parts = pl.col("surface").str.extract_groups(whole)
                matching = matching.with_columns(parts.alias("parts")).unnest("parts")
            taken_apart.append(
                matching.with_columns(pl.lit(form.name).alias("form"), pl.lit(form.score).alias("score"))
            )
            remaining = remaining.filter(~is_match)
        known = pl.concat(taken_apart, how="diagonal")
        return surfaces.alias("surface").to_frame().join(known, on="surface", how="left", maintain_order="left")

    def _nothing(self) -> pl.DataFrame:
        names = ("surface", "form", *self.part_names)
        return pl.DataFrame(schema={**dict.fromkeys(names, pl.String), "score": pl.Float64})
