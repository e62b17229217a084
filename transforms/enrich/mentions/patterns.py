"""Every match of a regular expression in many bodies, with its place in characters and the text around it.

polars matches with an automaton (hundreds of megabytes a second) but tells no offsets of matches: so each match is
wrapped in two control characters, and their places in the bytes are the offsets. Patterns are in the syntax of
Rust's ``regex``: no look-around, so what stands around a match is judged afterwards, with `Bodies.before` and
`Bodies.after`. Write word boundaries as `EDGE`: the Unicode ones make the automaton give up on every letter that
is not ASCII.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from transforms.enrich.mentions.code_points import Bools, Ints
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS

#: An edge between an ASCII letter, digit or underscore and anything else.
EDGE = r"(?-u:\b)"

_OPEN, _CLOSE = "\x01", "\x02"
#: Bytes of UTF-8 that continue a character are 10xxxxxx, as signed numbers the lowest.
_FIRST_NO_CONTINUATION = -64


class Matches(NamedTuple):
    """Matches in the order of the bodies and, within a body, of their places; they do not overlap."""

    body_nos: Ints
    """(m) Which body."""
    starts: Ints
    """(m) The index of the first byte in `Bodies.data`."""
    ends: Ints
    """(m) The index behind the last byte."""

    def where(self, keep: Bools) -> Matches:
        """Those of the matches that are marked."""
        return Matches(self.body_nos[keep], self.starts[keep], self.ends[keep])

    def at(self, rows: Ints) -> Matches:
        """The matches in some rows."""
        return Matches(self.body_nos[rows], self.starts[rows], self.ends[rows])


@dataclass(frozen=True, eq=False)
class Bodies:
    """Bodies as the bytes of UTF-8, one behind the other."""

    texts: pl.Series
    data: npt.NDArray[np.uint8]
    offsets: Ints
    """(bodies + 1) Where each body starts in the bytes, and where the last one ends."""

    @classmethod
    def of(cls, texts: pl.Series) -> Bodies:
        """The bodies of a batch; null counts as empty."""
        texts = texts.fill_null("")
        return cls(texts, *_bytes(texts))

    @cached_property
    def continuations(self) -> Ints:
        """The indices of the bytes that continue a character."""
        return np.flatnonzero(self._continues)

    @cached_property
    def _newlines(self) -> Ints:
        return np.flatnonzero(self.data == ord("\n"))

    @cached_property
    def _markable(self) -> pl.Series:
        """The texts with a space in place of each of the two marks, which news does not have."""
        if not len(self.data) or self.data.min() > ord(_CLOSE):
            return self.texts
        return self.texts.str.replace_all(f"[{_OPEN}{_CLOSE}]", " ")

    def find(self, pattern: str) -> Matches:
        """All matches, from left to right; of those that begin at one place, the alternative that is listed first."""
        marks = f"{_OPEN}${{0}}{_CLOSE}"
        marked, marked_offsets = _bytes(with_kept_patterns(lambda: self._markable.str.replace_all(pattern, marks)))
        at = np.flatnonzero(marked <= ord(_CLOSE))
        at = at[marked[at] > 0]
        # Opening and closing marks alternate, and each has moved what is behind it by one.
        places = at - np.arange(len(at))
        body_nos = np.searchsorted(marked_offsets, at[::2], side="right") - 1
        return Matches(body_nos, places[::2], places[1::2])

    @cached_property
    def joined(self) -> bytes:
        """The bodies with newlines between them, before the first and behind the last one."""
        joined: bytes = self._joined.cast(pl.Binary)[0]
        return joined

    @cached_property
    def _joined(self) -> pl.Series:
        """`joined`, and an empty text."""
        edge = pl.Series([""])
        return pl.concat([pl.concat([edge, self._markable, edge]).str.join("\n"), edge])

    def texts_of_matches(self, pattern: str) -> list[bytes]:
        """The texts of all matches of a pattern that matches no newline, in their order.

        polars gives an automaton that it has built while it read to the next call only if the pattern comes as a column
        (and not as one of a single row); for a large pattern, building takes twice as long as reading.
        """
        rows = pl.DataFrame({"body": self._joined, "pattern": [pattern, pattern]})
        search = pl.col("body").str.extract_all(pl.col("pattern"))
        found = with_kept_patterns(lambda: rows.select_seq(search).to_series())
        texts: list[bytes] = found.explode(empty_as_null=False).cast(pl.Binary).to_list()
        return texts

    def matches_in_joined(self, starts: Ints, ends: Ints) -> Matches:
        """Matches by their places in `joined`."""
        newlines_before = np.arange(1, len(self.offsets))
        body_nos = np.searchsorted(self.offsets[1:] + newlines_before, starts - 1, side="right")
        return Matches(body_nos, starts - body_nos - 1, ends - body_nos - 1)

    def chars(self, matches: Matches) -> tuple[Ints, Ints]:
        """The matches' starts and ends in characters of their bodies."""
        before = self._chars(self.offsets[matches.body_nos])
        return self._chars(matches.starts) - before, self._chars(matches.ends) - before

    def _chars(self, at: Ints) -> Ints:
        chars: Ints = at - np.searchsorted(self.continuations, at)
        return chars

    def byte_matches(self, body_nos: Ints, start_chars: Ints, end_chars: Ints) -> Matches:
        """Spans that are given in characters of their bodies, as matches."""
        before = self._chars(self.offsets[body_nos])
        return Matches(body_nos, self._bytes_at(before + start_chars), self._bytes_at(before + end_chars))

    def _bytes_at(self, chars: Ints) -> Ints:
        """The byte at which each character of all bodies starts: as many bytes further as continue characters before.

        The k-th continuation byte (from 0) follows ``continuations[k] - k`` characters.
        """
        if not len(self.continuations):
            return chars
        chars_before = self.continuations - np.arange(len(self.continuations))
        return chars + np.searchsorted(chars_before, chars, side="right")

    def surfaces(self, matches: Matches) -> pl.Series:
        """The text of each match."""
        return self._cut(matches.body_nos, surface=(matches.starts, matches.ends))["surface"]

    def before(self, matches: Matches, byte_count: int, *, in_line: bool = False) -> pl.Series:
        """What stands in the body before each match: so many bytes at most, from a whole character on.

        If asked, nothing up to the last newline.
        """
        starts = self._starts_before(matches, byte_count)
        if in_line:
            newline_ends = np.append(0, self._newlines + 1)
            starts = np.maximum(starts, newline_ends[np.searchsorted(self._newlines, matches.starts)])
        return self._cut(matches.body_nos, before=(starts, matches.starts))["before"]

    def after(self, matches: Matches, byte_count: int, *, in_line: bool = False) -> pl.Series:
        """What stands in the body behind each match: so many bytes, to the end of a whole character.

        If asked, nothing from the first newline on.
        """
        ends = self._ends_after(matches, byte_count)
        if in_line:
            newlines = np.append(self._newlines, len(self.data))
            ends = np.minimum(ends, newlines[np.searchsorted(self._newlines, matches.ends)])
        return self._cut(matches.body_nos, after=(matches.ends, ends))["after"]

    def around(self, matches: Matches, before_bytes: int, after_bytes: int) -> pl.DataFrame:
        """``before, surface, after`` of each match: what `before`, `surfaces` and `after` tell, in one go."""
        return self._cut(
            matches.body_nos,
            before=(self._starts_before(matches, before_bytes), matches.starts),
            surface=(matches.starts, matches.ends),
            after=(matches.ends, self._ends_after(matches, after_bytes)),
        )

    def _starts_before(self, matches: Matches, byte_count: int) -> Ints:
        return self._whole_characters(np.maximum(matches.starts - byte_count, self.offsets[matches.body_nos]))

    def _ends_after(self, matches: Matches, byte_count: int) -> Ints:
        return self._whole_characters(np.minimum(matches.ends + byte_count, self.offsets[matches.body_nos + 1]))

    def _whole_characters(self, at: Ints) -> Ints:
        """Places moved on to where a character starts; none is longer than four bytes."""
        if not len(self.continuations):
            return at
        whole = at.copy()
        for _ in range(3):
            whole += self._continues[whole]
        return whole

    @cached_property
    def _continues(self) -> Bools:
        """(bytes + 1) Which bytes continue a character."""
        return np.append(self.data.view(np.int8) < _FIRST_NO_CONTINUATION, np.False_)

    def _cut(self, body_nos: Ints, **spans: tuple[Ints, Ints]) -> pl.DataFrame:
        """The texts from starts to ends, each pair by the name of its column."""
        # Slices of binary are counted in bytes, and nothing is copied.
        offsets = self.offsets[body_nos]
        columns = {"text": self.texts.gather(body_nos)}
        for name, (starts, ends) in spans.items():
            columns |= {f"{name} start": pl.Series(starts - offsets), f"{name} length": pl.Series(ends - starts)}
        binary = pl.col("text").cast(pl.Binary)
        cuts = [binary.bin.slice(f"{name} start", f"{name} length").cast(pl.String).alias(name) for name in spans]
        return pl.DataFrame(columns).select_seq(cuts)


#: The small patterns that every name is asked for: those of codes and of tails.
NAME_PATTERNS: Final = "patterns of names"

_Result = TypeVar("_Result")


def with_kept_patterns(search: Callable[[], _Result], keeper: str = "large patterns") -> _Result:
    """The result of a search, with patterns that are compiled once per process.

    polars keeps the patterns that it has compiled by thread, and only the last few of them (32, as measured); a batch
    has more. So large ones, which take up to 15 ms each to compile, are used in a thread of their own, where no small
    ones drive them out, and so are small ones (up to 1 ms each) that belong together.
    """
    return _keeper(os.getpid(), keeper).submit(search).result()


@cache
def _keeper(_process_id: int, name: str) -> ThreadPoolExecutor:
    """One thread for each process: a thread does not live on in a forked one."""
    return ThreadPoolExecutor(1, thread_name_prefix=name)


def _bytes(texts: pl.Series) -> tuple[npt.NDArray[np.uint8], Ints]:
    """The bytes of all texts and the offsets of each, as Arrow lays them out."""
    array = texts.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offset_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offset_buffer, np.int64)[array.offset : array.offset + len(array) + 1]
    if not len(offsets):
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    data = np.frombuffer(data_buffer or b"", np.uint8)[offsets[0] : offsets[-1]]
    return data, offsets - offsets[0]


def without_overlaps(matches: Matches) -> Bools:
    """(m) Which matches stay when none may overlap: the longest first, then the earliest, then the one given first.

    The matches may come in any order.
    """
    keep = np.zeros(len(matches.starts), np.bool_)
    left = np.lexsort((matches.ends, matches.starts))
    # Every round decides one match of each group of matches that hang together: there are few rounds.
    while len(left):
        starts, ends = matches.starts[left], matches.ends[left]
        opens = np.ones(len(left), np.bool_)
        opens[1:] = starts[1:] >= np.maximum.accumulate(ends)[:-1]
        groups = np.cumsum(opens) - 1
        by_rank = np.lexsort((left, starts, starts - ends, groups))
        best = by_rank[opens]  # a group has as many matches in one order as in the other
        keep[left[best]] = True
        best_starts, best_ends = starts[best][groups], ends[best][groups]
        left = left[(ends <= best_starts) | (starts >= best_ends)]
    return keep


def in_order_without_overlaps(matches: Matches) -> Ints:
    """The numbers of the matches that `without_overlaps` keeps, by their places."""
    keep = np.flatnonzero(without_overlaps(matches))
    return keep[np.argsort(matches.starts[keep], kind="stable")]


def span_mentions(
    articles: pl.DataFrame, bodies: Bodies, matches: Matches, mention_type: str, scores: npt.NDArray[np.float64]
) -> pl.DataFrame:
    """The matches as mentions of one type, by article and place: `recogniser.MENTION_COLUMNS`."""
    order = np.argsort(matches.starts, kind="stable")
    sorted_matches = matches.at(order)
    start_chars, end_chars = bodies.chars(sorted_matches)
    return pl.DataFrame({
        "article_id": articles["article_id"].gather(sorted_matches.body_nos),
        "start_char": pl.Series(start_chars, dtype=pl.Int32),
        "end_char": pl.Series(end_chars, dtype=pl.Int32),
        "surface": bodies.surfaces(sorted_matches),
        "mention_type": pl.Series([mention_type], dtype=pl.String).new_from_index(0, len(order)),
        "score": scores[order],
    }).select(MENTION_COLUMNS.names())
