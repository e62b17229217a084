"""Titles in quotation marks: what is called "Year of Solidarity for the Green World" is one name, and OTHER."""

from __future__ import annotations

import numpy as np
import polars as pl

from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.patterns import Matches, span_mentions

#: To be raised with every change of what is found.
TITLES_VERSION = 1

_SCORE = 0.8
_SMALL = r"(?:of|the|and|for|on|in|to|with|at|by|a|an|from|or)"
_BIG = r"[A-Z][A-Za-z’'-]*"
#: Three words with a capital at least, and none without but small ones: speech has other words.
_QUOTED = rf"[\"“]{_BIG}(?: (?:{_SMALL} )*{_BIG}){{2,8}}[\"”]"


def find_quoted_titles(batch: Batch) -> pl.DataFrame:
    """Titles in quotation marks, without these: ``MENTION_COLUMNS``, by article and place."""
    bodies = batch.bodies
    quoted = bodies.find(_QUOTED)
    printed = bodies.surfaces(quoted)
    opening = printed.str.slice(0, 1).str.len_bytes().cast(pl.Int64).to_numpy()
    closing = printed.str.slice(-1, 1).str.len_bytes().cast(pl.Int64).to_numpy()
    inside = Matches(quoted.body_nos, quoted.starts + opening, quoted.ends - closing)
    return span_mentions(batch.articles, bodies, inside, "OTHER", np.full(len(inside.starts), _SCORE))
