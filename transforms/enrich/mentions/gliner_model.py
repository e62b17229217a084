"""The GLiNER recogniser: a zero-shot transformer (``--recogniser gliner:urchade/gliner_small-v2.1``, or a folder).

GLiNER is the user's to install (``pip install 'dateline[gliner]'``); a model that is no folder is downloaded by it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

import polars as pl

from transforms.enrich.mentions.recogniser import library_version, mention_rows
from transforms.sentences import split_sentences

#: What GLiNER is asked for, in words, and the type that an answer means.
_LABELS: Final = {
    "person": "PERSON",
    "organization": "ORGANISATION",
    "location": "PLACE",
    "nationality, religious or political group": "GROUP",
    "event": "EVENT",
    "product, work of art or law": "OTHER",
}

#: Below it an answer is none; GLiNER's own default.
_THRESHOLD: Final = 0.5

#: GLiNER drops what goes beyond the length that its models were trained on (384 words), so it gets whole sentences up
#: to about so many characters at a time, and longer sentences in parts.
_PIECE_CHARS: Final = 1_200
#: As long as may be up to white space; it leaves out nothing.
_PART: Final = rf"(?s).{{1,{_PIECE_CHARS}}}(?:\s|\z)|\S{{1,{_PIECE_CHARS}}}"

_BATCH_PIECES: Final = 8

#: Further decimals depend on how long the other texts of a batch are.
_SCORE_DECIMALS: Final = 4


class GlinerRecogniser:
    """Recognises mentions with a GLiNER model."""

    def __init__(self, model: str) -> None:
        self._model = model

    @property
    def name(self) -> str:
        return f"gliner:{self._model}"

    @cached_property
    def version(self) -> str:
        """The version of GLiNER. A model's own changes cannot be told from outside: name its folder by them."""
        return library_version("gliner", "gliner")

    @cached_property
    def _loaded(self) -> Any:
        from gliner import GLiNER  # ruff: ignore[import-outside-top-level] - an optional dependency

        return GLiNER.from_pretrained(self._model)

    def recognise(self, articles: pl.DataFrame) -> pl.DataFrame:
        """``article_id, body → article_id, start_char, end_char, surface, mention_type, score``."""
        pieces = pieces_of(articles)
        answers = self._loaded.inference(
            pieces["text"].to_list(), list(_LABELS), threshold=_THRESHOLD, batch_size=_BATCH_PIECES
        )
        # A loop over entities: GLiNER hands them out as dictionaries.
        found = [
            (
                article_id,
                offset + entity["start"],
                offset + entity["end"],
                _LABELS[entity["label"]],
                round(float(entity["score"]), _SCORE_DECIMALS),
            )
            for article_id, offset, entities in zip(pieces["article_id"], pieces["start_char"], answers, strict=True)
            for entity in entities
        ]
        return mention_rows(articles, found)


def pieces_of(articles: pl.DataFrame) -> pl.DataFrame:
    """Whole sentences, some at a time: ``article_id, start_char, text``, in the order of the articles."""
    spans = (
        split_sentences(articles["body"])
        .group_by("body_no", pl.col("start_char") // _PIECE_CHARS, maintain_order=True)
        .agg(pl.col("start_char").min().alias("first_char"), pl.col("end_char").max())
    )
    body = articles["body"].gather(spans["body_no"]).alias("body")
    length = pl.col("end_char") - pl.col("first_char")
    parts = (
        spans
        .with_columns(articles["article_id"].gather(spans["body_no"]).alias("article_id"), body)
        .with_columns(pl.col("body").str.slice("first_char", length).str.extract_all(_PART).alias("text"))
        .with_row_index("piece_no")
        .explode("text", empty_as_null=False)
    )
    before = pl.col("text").str.len_chars().cum_sum().shift(1, fill_value=0).over("piece_no")
    return parts.select("article_id", (pl.col("first_char") + before).alias("start_char"), "text")
