"""The rule recogniser: capitalised runs, typed by cue words, a gazetteer and the rest of the article.

It finds names only; dates, sums and other values come from `transforms.enrich.mentions.values`.
It needs no model, every decision can be traced to lines of `evidence.EVIDENCE` (see `explain`), and it treats a whole
batch with array operations: about a million words a second on one core.
"""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from transforms.enrich.mentions.candidates import Candidates
from transforms.enrich.mentions.code_points import Bools, Ints
from transforms.enrich.mentions.coreference import with_article_evidence
from transforms.enrich.mentions.evidence import EVIDENCE, TYPES, confidence, weigh
from transforms.enrich.mentions.lexicon import Lexicon, lexicon, lexicon_version
from transforms.enrich.mentions.phrases import find_phrases
from transforms.enrich.mentions.reading import Reading, read
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS
from transforms.enrich.mentions.runs import find_runs
from transforms.enrich.mentions.spans import TokenSpans
from transforms.enrich.mentions.tokens import following

Scores: TypeAlias = npt.NDArray[np.float64]

#: To be raised with every change of the rules.
_RULES_VERSION = 2
#: Words that keep their full stop: "Inc.", "Jr.".
_WORDS_WITH_STOP = ("inc", "corp", "ltd", "co", "jr", "sr", "bros")


class RuleRecogniser:
    """Recognises mentions by rules; see the module."""

    name = "rules"

    @property
    def version(self) -> str:
        """The version of the rules and of the lists that they use."""
        return f"{_RULES_VERSION}-{lexicon_version()}"

    @cached_property
    def _lexicon(self) -> Lexicon:
        return lexicon()  # not before the first batch: whoever asks for the version only need not wait for it

    def recognise(self, articles: pl.DataFrame) -> pl.DataFrame:
        """``article_id, body → article_id, start_char, end_char, surface, mention_type, score``."""
        if articles.is_empty():
            return MENTION_COLUMNS.to_frame()
        reading = read(articles["body"].to_list(), self._lexicon)
        candidates = _find(reading)
        points = with_article_evidence(candidates, weigh(candidates))
        mentions = _mentions(reading, candidates.spans, points.argmax(axis=1), confidence(points))
        article_ids = articles["article_id"].gather(mentions["body_no"])
        return mentions.with_columns(article_ids.alias("article_id")).select(MENTION_COLUMNS.names())

    def explain(self, body: str) -> pl.DataFrame:
        """One row per name in a body and rule that holds for it: ``start_char, surface, mention_type, reason, points``.

        The evidence from the rest of the article, which `recognise` adds, is not listed.
        """
        reading = read([body], self._lexicon)
        candidates = _find(reading)
        held = [
            _mentions(
                reading, candidates.spans.where(evidence.holds(candidates)), evidence.mention_type, 0
            ).with_columns(pl.lit(evidence.reason).alias("reason"), pl.lit(evidence.points).alias("points"))
            for evidence in EVIDENCE
        ]
        rules = pl.concat(held).select("start_char", "surface", "mention_type", "reason", "points")
        return rules.sort("start_char", maintain_order=True)


def _find(reading: Reading) -> Candidates:
    """The candidate names, in the order of the text; they do not overlap."""
    return Candidates(reading, find_runs(reading, find_phrases(reading)))


def _mentions(reading: Reading, spans: TokenSpans, mention_types: Ints | int, scores: Scores | float) -> pl.DataFrame:
    """The mentions in some spans, with the number of their body in place of the article's identifier."""
    tokens, text = reading.tokens, reading.tokens.text
    starts, ends = tokens.starts[spans.firsts], tokens.ends[spans.lasts] + _has_own_stop(reading)[spans.lasts]
    body_nos = tokens.bodies[spans.firsts]
    offsets = text.body_starts[body_nos]
    surfaces = [text.characters[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    return pl.DataFrame({
        "body_no": body_nos,
        "start_char": (starts - offsets).astype(np.int32),
        "end_char": (ends - offsets).astype(np.int32),
        "surface": pl.Series(surfaces, dtype=pl.String),
        "mention_type": pl.Series(TYPES).gather(np.broadcast_to(mention_types, len(starts))),
        "score": np.broadcast_to(scores, len(starts)).astype(np.float64),
    })


def _has_own_stop(reading: Reading) -> Bools:
    """Tokens whose full stop belongs to them: "Inc.", "Jr."."""
    is_stop = reading.tokens.is_mark(".") & reading.tokens.is_glued
    return following(is_stop) & reading.is_one_of(*_WORDS_WITH_STOP) & reading.tokens.is_capitalised
