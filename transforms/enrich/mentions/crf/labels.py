"""The labels of tokens: outside of names, or at the beginning (B) or inside (I) of a name of some type."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from transforms.enrich.mentions.crf.hashing import Bools, Bytes, Ints

#: Types by number. OTHER is everything else with a name: nationalities, events, works, products.
TYPES = ("PERSON", "ORGANISATION", "PLACE", "OTHER")
#: Label 0 is "outside"; then B and I of each type.
OUTSIDE = 0
LABEL_COUNT = 1 + 2 * len(TYPES)

_LABELS = np.arange(LABEL_COUNT)
IS_BEGIN: Bools = _LABELS % 2 == 1
IS_INSIDE: Bools = (_LABELS > 0) & (_LABELS % 2 == 0)
TYPE_OF_LABEL: Ints = (_LABELS - 1) // 2

#: (before, behind) Which labels may follow each other: an I only behind a B or I of its type.
MAY_FOLLOW: Bools = ~IS_INSIDE[None, :] | ((_LABELS[:, None] > 0) & (TYPE_OF_LABEL[:, None] == TYPE_OF_LABEL[None, :]))
MAY_START: Bools = ~IS_INSIDE


class Spans(NamedTuple):
    """Names as spans of candidates, in the order of the text."""

    firsts: Ints
    """(spans) Index of the first candidate."""
    lasts: Ints
    """(spans) Index of the last candidate."""
    types: Ints
    """(spans) Number of the type."""


def begin(type_no: int) -> int:
    """The label of the first token of a name of that type."""
    return 1 + 2 * type_no


def spans_of(labels: Bytes) -> Spans:
    """The names that a sequence of valid labels spells."""
    firsts = np.flatnonzero(IS_BEGIN[labels])
    ends = np.flatnonzero(~IS_INSIDE[labels])
    behind = np.append(ends, len(labels))[np.searchsorted(ends, firsts, side="right")]
    return Spans(firsts, behind - 1, TYPE_OF_LABEL[labels[firsts]])
