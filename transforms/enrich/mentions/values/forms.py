"""A kind of value as the list of forms that it is printed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import polars as pl

from transforms.enrich.mentions.patterns import EDGE, Bodies, Matches

_SURFACES_TO_REMEMBER = 1 << 16
_NAME_OF_GROUP = re.compile(r"\?P<\w+>")


@dataclass(frozen=True)
class Form:
    """A way to print a value: a pattern with named groups for its parts."""

    name: str
    pattern: str
    score: float
    """The share of matches that are right, as seen in a sample of real articles."""

    @cached_property
    def reader(self) -> re.Pattern[str]:
        """The pattern for Python; some take milliseconds to compile, so only those that are needed are."""
        return re.compile(_for_python(self.pattern), re.ASCII)


@dataclass(frozen=True, eq=False)
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

    @cached_property
    def whole_pattern(self) -> str:
        """A text that is one of the forms from end to end, but for an article before it."""
        return "|".join(f"^(?:[Tt]he )?(?:{form.pattern})$" for form in self.forms)

    def find(self, bodies: Bodies) -> Matches:
        """All matches of any form."""
        return bodies.find(self._scan_pattern)

    def read(self, surfaces: pl.Series) -> pl.DataFrame:
        """``surface, form, score`` and the parts, one row per surface given; null where the form has no such part.

        A loop, because Python keeps a compiled pattern and polars does not; each different surface is taken apart
        once, and news repeats itself.
        """
        different = surfaces.alias("surface").unique()
        rows = [(surface, *self._take_apart(surface)) for surface in different.to_list()]
        schema = {
            "surface": pl.String,
            "form": pl.String,
            "score": pl.Float64,
            **dict.fromkeys(self.part_names, pl.String),
        }
        known = pl.DataFrame(rows, schema=schema, orient="row")
        return surfaces.alias("surface").to_frame().join(known, on="surface", how="left", maintain_order="left")

    @cached_property
    def _take_apart(self) -> Callable[[str], tuple[str | float | None, ...]]:
        """Form, score and parts of a surface; all missing where it has none of the forms."""
        nothing = (None,) * (2 + len(self.part_names))

        @lru_cache(_SURFACES_TO_REMEMBER)
        def take_apart(surface: str) -> tuple[str | float | None, ...]:
            for form in self.forms:
                found = form.reader.fullmatch(surface)
                if found:
                    parts = found.groupdict()
                    return form.name, form.score, *(parts.get(part) for part in self.part_names)
            return nothing

        return take_apart


def _for_python(pattern: str) -> str:
    """A pattern of Rust's syntax as one of Python's, to be compiled for ASCII."""
    return (
        pattern
        .replace(EDGE, r"\b")
        .replace("(?i-u:", "(?i:")
        .replace(r"\x{a0}", r"\xa0")
        .replace(r"\x{202f}", "\u202f")
    )
