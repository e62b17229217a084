"""What a corpus without annotations tells about words: how they are printed, and which are used alike.

The clusters follow the usual recipe for distributional similarity: counts of the words beside a word, as positive
pointwise mutual information with smoothed contexts (Levy, Goldberg and Dagan 2015, "Improving Distributional
Similarity with Lessons Learned from Word Embeddings"), reduced by a truncated singular value decomposition, then
k-means on the unit sphere, and k-means again on the centres for the coarser grains.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from transforms.enrich.mentions.crf.candidates import MIXED_CASE, sentence_kinds, sentence_starts
from transforms.enrich.mentions.crf.characters import FIRST_WORD_CLASS
from transforms.enrich.mentions.crf.hashing import Hashes, Ints
from transforms.enrich.mentions.crf.tokenise import tokenise

_SLICE_CHARS = 4_000_000
#: A word gets a cluster if it is printed so often, and is among so many most frequent.
_FEWEST_PRINTED, _VOCABULARY = 12, 100_000
_CONTEXT_WORDS, _CONTEXT_OFFSETS = 2_500, (-2, -1, 1, 2)
_CONTEXT_SMOOTHING = 0.75
_DIMENSIONS = 100
_COARSE, _MIDDLE, _FINE = 64, 500, 2_500
_KMEANS_ROUNDS = 15
_STREAMS_AT_ONCE = 4
_TINY = 1e-9
#: A word's case is judged if it is printed so often inside mixed-case sentences.
_FEWEST_JUDGED = 20


class CaseCounts(NamedTuple):
    """One row per word in lower case."""

    hashes: Hashes
    printed: Ints
    inside: Ints
    """How often inside a sentence of mixed case."""
    capitalised: Ints
    """How often of these with a capital."""


def read_corpus(folder: Path) -> Iterator[str]:
    """The articles of every ``*.jsonl.gz`` in a folder, title and body, files by name."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                article = json.loads(line)
                yield f"{article['title']}\n\n{article['body']}"


def slices(articles: Iterable[str]) -> Iterator[list[str]]:
    """The articles in lists of some millions of characters."""
    held: list[str] = []
    size = 0
    for article in articles:
        held.append(article)
        size += len(article)
        if size > _SLICE_CHARS:
            yield held
            held, size = [], 0
    if held:
        yield held


class Counter:
    """Adds up counts by hash over many slices."""

    def __init__(self, columns: int) -> None:
        self.hashes = np.zeros(0, np.uint64)
        self.counts = np.zeros((0, columns), np.int64)

    def add(self, hashes: Hashes, *columns: np.ndarray) -> None:
        both = np.concatenate([self.hashes, hashes])
        self.hashes, position = np.unique(both, return_inverse=True)
        rows = np.concatenate([self.counts, np.stack(columns, axis=1).astype(np.int64)])
        self.counts = np.stack(
            [np.bincount(position, weights=column, minlength=len(self.hashes)) for column in rows.T], axis=1
        ).astype(np.int64)


def count_words(articles: Iterable[str]) -> tuple[CaseCounts, list[Hashes], Counter]:
    """Case counts, the words of the corpus as printed (one array per slice), and how often each is printed."""
    case, printed, streams = Counter(3), Counter(1), []
    for bodies in slices(articles):
        tokens = tokenise(bodies)
        is_word = tokens.classes >= FIRST_WORD_CLASS
        starts = sentence_starts(tokens)
        inside = ~starts & (sentence_kinds(tokens, starts) == MIXED_CASE)
        rows = np.stack([np.ones(len(tokens)), inside, inside & tokens.is_capitalised], axis=1)[is_word]
        hashes, position = np.unique(tokens.folded[is_word], return_inverse=True)
        case.add(hashes, *(np.bincount(position, weights=column) for column in rows.T))
        hashes, counts = np.unique(tokens.hashes, return_counts=True)
        printed.add(hashes, counts)
        streams.append(tokens.hashes)
    return CaseCounts(case.hashes, *case.counts.T), streams, printed


def frequency_steps(counts: CaseCounts) -> Ints:
    """How often a word is printed in a million, in steps of a factor of the root of 10: 0 (below 0.3) to 15."""
    per_million = counts.printed / counts.printed.sum() * 1e6
    steps = np.floor(np.log10(np.maximum(per_million, 1e-9)) * 2 + 2).astype(np.int64)
    clipped: Ints = np.clip(steps, 0, 15)
    return clipped


def case_steps(counts: CaseCounts) -> Ints:
    """How often with a capital: 0 unknown, 1 never, … 7 always."""
    share = counts.capitalised / np.maximum(counts.inside, 1)
    steps = 1 + np.searchsorted([0.02, 0.1, 0.4, 0.8, 0.95, 0.99], share, side="right")
    judged: Ints = np.where(counts.inside >= _FEWEST_JUDGED, steps, 0)
    return judged


def cluster_words(streams: list[Hashes], printed: Counter) -> dict[str, np.ndarray]:
    """The tables ``cluster_hashes, fine_clusters, middle_of_fine, coarse_of_fine``."""
    counts = printed.counts[:, 0]
    order = np.lexsort((printed.hashes, -counts))[:_VOCABULARY]
    order = order[counts[order] >= _FEWEST_PRINTED]
    vocabulary = printed.hashes[order]
    points = _embed(streams, vocabulary)
    fine, centres = _k_means(points, _FINE)
    middle, _ = _k_means(centres, _MIDDLE)
    coarse, _ = _k_means(centres, _COARSE)
    by_hash = np.argsort(vocabulary)
    return {
        "cluster_hashes": vocabulary[by_hash],
        "fine_clusters": fine[by_hash].astype(np.uint16),
        "middle_of_fine": middle.astype(np.uint16),
        "coarse_of_fine": coarse.astype(np.uint8),
    }


def _embed(streams: list[Hashes], vocabulary: Hashes) -> np.ndarray:
    """(words, dimensions) unit vectors of the words of the vocabulary, which is sorted by frequency."""
    cells = _count_neighbours(streams, vocabulary).tocoo()
    words = np.bincount(cells.row, weights=cells.data, minlength=cells.shape[0])
    contexts = np.bincount(cells.col, weights=cells.data, minlength=cells.shape[1]) ** _CONTEXT_SMOOTHING
    contexts *= words.sum() / contexts.sum()
    information = np.log(cells.data * words.sum() / (words[cells.row] * contexts[cells.col]))
    positive = information > 0
    matrix = sparse.csr_matrix(
        (information[positive].astype(np.float32), (cells.row[positive], cells.col[positive])), shape=cells.shape
    )
    left, singular, _ = svds(matrix, k=_DIMENSIONS, rng=np.random.default_rng(0))
    return _unit(left * np.sqrt(singular))


def _count_neighbours(streams: list[Hashes], vocabulary: Hashes) -> sparse.csr_matrix:
    """(words, offsets * contexts) How often each context word stands beside each word, at each offset."""
    by_hash = np.argsort(vocabulary)
    ordered = vocabulary[by_hash]
    width = len(_CONTEXT_OFFSETS) * (_CONTEXT_WORDS + 1)
    total = sparse.csr_matrix((len(vocabulary), width), dtype=np.float32)
    for at in range(0, len(streams), _STREAMS_AT_ONCE):
        stream = np.concatenate(streams[at : at + _STREAMS_AT_ONCE])
        position = np.minimum(np.searchsorted(ordered, stream), len(ordered) - 1)
        words = np.where(ordered[position] == stream, by_hash[position], -1)
        contexts = np.where((words >= 0) & (words < _CONTEXT_WORDS), words, _CONTEXT_WORDS)
        known = np.flatnonzero(words[2:-2] >= 0) + 2
        columns = [contexts[known + offset] + no * (_CONTEXT_WORDS + 1) for no, offset in enumerate(_CONTEXT_OFFSETS)]
        keys = np.tile(words[known], len(columns)) * width + np.concatenate(columns)
        keys, counts = np.unique(keys, return_counts=True)
        total += sparse.csr_matrix((counts.astype(np.float32), (keys // width, keys % width)), shape=total.shape)
    return total


def _unit(points: np.ndarray) -> np.ndarray:
    unit: np.ndarray = points / (np.linalg.norm(points, axis=1, keepdims=True) + _TINY)
    return unit


def _k_means(points: np.ndarray, count: int) -> tuple[Ints, np.ndarray]:
    """The cluster of each point, and the centres, by cosine; deterministic."""
    rng = np.random.default_rng(0)
    centres = points[rng.choice(min(len(points), 30_000), count, replace=False)].copy()
    for _ in range(_KMEANS_ROUNDS):
        nearest = np.concatenate([
            (points[at : at + 8192] @ centres.T).argmax(axis=1) for at in range(0, len(points), 8192)
        ])
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, points)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(norms > 0, sums / np.maximum(norms, _TINY), centres)
    return nearest, centres
