"""Spans of tokens."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from transforms.enrich.mentions.code_points import Bools, Ints
from transforms.enrich.mentions.tokens import following, previous


class TokenSpans(NamedTuple):
    """Spans from their first to their last token, both included; they do not overlap."""

    firsts: Ints
    lasts: Ints

    def cover(self, length: int) -> Bools:
        """(length) Which of so many tokens lie in one of the spans."""
        steps = np.zeros(length + 1, np.int64)
        np.add.at(steps, self.firsts, 1)
        np.add.at(steps, self.lasts + 1, -1)
        return np.cumsum(steps[:-1]) > 0

    def insides(self, length: int) -> Bools:
        """(length) Which of so many tokens lie in one of the spans and are not its first."""
        covered = self.cover(length)
        covered[self.firsts] = False
        return covered

    def where(self, keep: Bools) -> TokenSpans:
        """Those of the spans that are marked."""
        return TokenSpans(self.firsts[keep], self.lasts[keep])


def spans_of(members: Bools, opens: Bools) -> TokenSpans:
    """The runs of neighbouring members; a member that is marked as opening starts a new one."""
    opens = members & (opens | ~previous(members))
    closes = members & (~following(members) | following(opens))
    return TokenSpans(np.flatnonzero(opens), np.flatnonzero(closes))
