"""A kind of value as the list of forms that it is printed in."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from transforms.enrich.mentions.patterns import EDGE, Bodies, Matches

#: News repeats itself: what a surface says is remembered for so many.
SURFACES_TO_REMEMBER = 1 << 16
#: What stands beside a surface: no word, or one that goes on.
_BESIDE = (" ", "x")
_LAST = r"(?=[x ]?\Z)"
_IS_WORD = [chr(byte) in f"{string.ascii_letters}{string.digits}_" for byte in range(256)]
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
        """All matches of any form; of those that begin at one place, the form that is listed first."""
        surfaces = bodies.texts_of_matches(self._scan_pattern)
        starts = np.fromiter(self._places(bodies.joined, surfaces), np.int64, len(surfaces))
        lengths = np.fromiter(map(len, surfaces), np.int64, len(surfaces))
        return bodies.matches_in_joined(starts, starts + lengths)

    def _places(self, text: bytes, surfaces: Iterable[bytes]) -> Iterator[int]:
        """Where the matches stand whose texts and order are known.

        Each is at the first place behind the one before it where its text stands and can be a match: had the search
        passed over such a place, it would not have been from left to right. A loop, since each place depends on the
        one before it.
        """
        end, can_stand, is_word = 0, self._can_stand, _IS_WORD
        for surface in surfaces:
            start = text.index(surface, end)
            end = start + len(surface)
            # With edges of words at both ends it can be one, whether the form asks for them or not.
            has_edges = is_word[surface[0]] and is_word[surface[-1]]
            while not (has_edges and not is_word[text[start - 1]] and not is_word[text[end]]) and not can_stand(
                surface, is_word[text[start - 1]], is_word[text[end]]
            ):
                start = text.index(surface, start + 1)
                end = start + len(surface)
            yield start

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
    def _can_stand(self) -> Callable[[bytes, bool, bool], bool]:
        """Whether a surface is a match, given whether a word goes on before it and behind it."""

        @lru_cache(SURFACES_TO_REMEMBER)
        def can_stand(surface: bytes, before: bool, after: bool) -> bool:  # ruff: ignore[boolean-type-hint-positional-argument] - what is remembered is told by place
            text = f"{_BESIDE[before]}{surface.decode()}{_BESIDE[after]}"
            found = self._reader.match(text, 1)
            return found is not None and found.end() == len(text) - 1

        return can_stand

    @cached_property
    def _reader(self) -> re.Pattern[str]:
        """All forms in one for Python, each with an empty group of its name behind it.

        Nothing, or one character, stands behind what it matches. polars would not keep what it has compiled, and tells
        no groups of several forms apart.
        """
        return re.compile(
            "|".join(
                f"(?:{_with_numbered_groups(_for_python(form.pattern), number)})(?P<form_{number}>){_LAST}"
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
