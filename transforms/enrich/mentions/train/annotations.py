"""Annotated text: reading it, and turning spans of characters into labels of candidates."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np

from transforms.enrich.mentions.crf.candidates import Runs
from transforms.enrich.mentions.crf.hashing import Bools
from transforms.enrich.mentions.crf.labels import IS_INSIDE, LABEL_COUNT, OUTSIDE, TYPES, begin
from transforms.enrich.mentions.crf.tokenise import Tokens

#: The type names of annotated sets, in ours; what else is annotated (DATE, MONEY) is another module's subject.
TYPE_NAMES = {"PER": "PERSON", "ORG": "ORGANISATION", "LOC": "PLACE", "MISC": "OTHER"}
_OTHER = TYPES.index("OTHER")


#: First and last character (excluded), and type.
Span: TypeAlias = tuple[int, int, str]

_TITLES = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Lt|Sgt|Sen|Gov|Rep|Gen|Col|Capt|Maj|President|Professor|Senator|Minister|Sir|Lady|Lord"
    r"|Captain|General|Judge)\b\.?\s+)+(?=\S)",
    re.IGNORECASE,
)


class Annotated(NamedTuple):
    """One text with its names as spans ``(start, end, type)`` of characters, by place."""

    corpus: str
    text: str
    spans: list[Span]


def read_annotations(path: Path) -> list[Annotated]:
    """The texts of one file."""
    texts = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            spans = sorted((start, end, TYPE_NAMES[name]) for start, end, name in row["ents"] if name in TYPE_NAMES)
            texts.append(Annotated(path.stem, row["text"], [_without_title(row["text"], span) for span in spans]))
    return texts


def _without_title(text: str, span: Span) -> Span:
    """The span of a person without "Mr." and the like: most sets leave them out, a few names in others do not."""
    start, end, name = span
    title = _TITLES.match(text, start, end) if name == "PERSON" else None
    return (title.end(), end, name) if title else span


def allowed_labels(texts: Sequence[Annotated], tokens: Tokens, runs: Runs, *, knows_other: bool) -> Bools:
    """(candidates, labels) Which labels the annotations of tokenised texts leave open.

    Where a set does not annotate OTHER, a token outside of its names may be in one. Of a name that starts with "@"
    nothing is known: an account's name is not a person's.
    """
    labels = np.zeros(len(tokens), np.int64)
    unknown = np.zeros(len(tokens), np.bool_)
    is_candidate = np.zeros(len(tokens), np.bool_)
    is_candidate[runs.tokens] = True
    for article, text in enumerate(texts):
        origin = tokens.article_starts[article]
        for start, end, name in text.spans:
            first_byte = origin + len(text.text[:start].encode())
            last_byte = origin + len(text.text[:end].encode())
            first = int(np.searchsorted(tokens.ends, first_byte, side="right"))
            behind = int(np.searchsorted(tokens.starts, last_byte, side="left"))
            if text.text[start] == "@":
                unknown[first:behind] = True
                continue
            while first < behind and not is_candidate[first]:
                first += 1
            if first < behind:
                labels[first] = begin(TYPES.index(name))
                labels[first + 1 : behind] = begin(TYPES.index(name)) + 1
    return _allowed(labels[runs.tokens], unknown[runs.tokens], runs, knows_other=knows_other)


def _allowed(labels: np.ndarray, unknown: Bools, runs: Runs, *, knows_other: bool) -> Bools:
    before = np.concatenate([[OUTSIDE], labels[:-1]])
    opens = np.zeros(len(labels), np.bool_)
    opens[runs.starts] = True
    is_orphan = IS_INSIDE[labels] & (opens | ((before != labels) & (before != labels - 1)))
    labels = np.where(is_orphan, labels - 1, labels)
    allowed = np.zeros((len(labels), LABEL_COUNT), np.bool_)
    allowed[np.arange(len(labels)), labels] = True
    if not knows_other:
        allowed[labels == OUTSIDE, begin(_OTHER)] = True
        allowed[labels == OUTSIDE, begin(_OTHER) + 1] = True
    allowed[unknown] = True
    return allowed
