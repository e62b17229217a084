"""A kind of value as the list of forms that it is printed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import polars as pl

from transforms.enrich.mentions.patterns import EDGE, Bodies, Matches

#: News repeats itself: what a surface says is remembered for so many.
SURFACES_TO_REMEMBER = 1 << 16
_NAME_OF_GROUP = re.compile(r"\?P<(\w+)>")


@dataclass(frozen=True)
class Form:
    """A way to print a value: a pattern with named groups for its parts."""

    name: str
    pattern: str
    score: float
    """The share of matches that are right, as seen in a sample of real articles."""


class Reading(NamedTuple):
    """A surface taken apart."""

    form: str
    score: float
    parts: Mapping[str, str]
    """The text of every part that it has."""


@dataclass(frozen=True, eq=False)
class Forms:
    """Forms in the order in which they are tried at each place of a text."""

    forms: tuple[Form, ...]

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
        """``surface, form, score``, one row per surface given; null where it has none of the forms."""
        readings = [self.reading(surface) for surface in surfaces.to_list()]
        forms = [reading and reading.form for reading in readings]
        scores = [reading and reading.score for reading in readings]
        return pl.DataFrame(
            {"surface": surfaces, "form": forms, "score": scores},
            schema={"surface": pl.String, "form": pl.String, "score": pl.Float64},
        )

    @cached_property
    def reading(self) -> Callable[[str], Reading | None]:
        """What a surface says; None where it has none of the forms. Each different surface is taken apart once."""
        return lru_cache(SURFACES_TO_REMEMBER)(self._take_apart)

    @cached_property
    def _reader(self) -> re.Pattern[str]:
        """All forms in one for Python, each with an empty group of its name behind it.

        polars would not keep what it has compiled, and tells no groups of several forms apart.
        """
        return re.compile(
            "|".join(
                f"(?:{_with_numbered_groups(_for_python(form.pattern), number)})(?P<form_{number}>)"
                for number, form in enumerate(self.forms)
            ),
            re.ASCII,
        )

    @cached_property
    def _parts(self) -> Mapping[str, tuple[Form, tuple[tuple[str, str], ...]]]:
        """By the group that stands behind a form: the form, and the names of its parts and of their groups."""
        return {
            f"form_{number}": (form, tuple((name, f"{name}_{number}") for name in _NAME_OF_GROUP.findall(form.pattern)))
            for number, form in enumerate(self.forms)
        }

    def _take_apart(self, surface: str) -> Reading | None:
        found = self._reader.fullmatch(surface)
        if not found or not found.lastgroup:
            return None
        form, groups = self._parts[found.lastgroup]
        parts = {name: found[group] for name, group in groups if found[group] is not None}
        return Reading(form.name, form.score, parts)


def _with_numbered_groups(pattern: str, number: int) -> str:
    return _NAME_OF_GROUP.sub(rf"?P<\1_{number}>", pattern)


def _for_python(pattern: str) -> str:
    """A pattern of Rust's syntax as one of Python's, to be compiled for ASCII."""
    return (
        pattern
        .replace(EDGE, r"\b")
        .replace("(?i-u:", "(?i:")
        .replace(r"\x{a0}", r"\xa0")
        .replace(r"\x{202f}", "\u202f")
    )
