"""The files that the engine is shipped with: the lexicon and the weights, as arrays."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from transforms.enrich.mentions.crf.decode import Transitions
from transforms.enrich.mentions.crf.lexicon import Lexicon
from transforms.enrich.mentions.crf.model import WeightTable
from transforms.enrich.mentions.crf.tagger import Calibration, Tagger

#: Arrays of several types, by name.
Array: TypeAlias = npt.NDArray[Any]

LEXICON_FILE, WEIGHTS_FILE = "lexicon.npz", "weights.npz"
_FOLDER = resources.files("transforms.enrich.mentions.crf").joinpath("data")
_HASH_DIGITS = 12


@cache
def load_lexicon() -> Lexicon:
    """The packaged lexicon."""
    return Lexicon(_arrays(LEXICON_FILE))


@cache
def load_tagger() -> Tagger:
    """The packaged model (0.2 s, once per process)."""
    return tagger_of(_arrays(WEIGHTS_FILE), load_lexicon())


def tagger_of(arrays: Mapping[str, Array], lexicon: Lexicon) -> Tagger:
    """The model whose weights are in some arrays, as the file of weights holds them."""
    return Tagger(
        lexicon,
        _table(arrays, "first"),
        _table(arrays, "second"),
        Transitions(arrays["start"], arrays["step"]),
        Calibration(arrays["calibration_from"], arrays["calibration_to"]),
    )


@cache
def data_version() -> str:
    """Digits that change with the packaged files."""
    digest = hashlib.sha256()
    for name in (LEXICON_FILE, WEIGHTS_FILE):
        digest.update(_FOLDER.joinpath(name).read_bytes())
    return digest.hexdigest()[:_HASH_DIGITS]


def save_arrays(arrays: Mapping[str, Array], path: Path) -> None:
    """Write a file that `load_tagger` reads; equal arrays give equal bytes."""
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **dict(sorted(arrays.items())))


def pack_table(name: str, steps: npt.NDArray[np.int8], scale: float) -> dict[str, Array]:
    """A weight table as arrays: the rows that are not all zero, and the gaps between them."""
    used = np.flatnonzero(steps.any(axis=1))
    gaps = np.diff(used, prepend=0)
    # A gap that does not fit into 16 bits is shortened by empty rows in it.
    limit = np.iinfo(np.uint16).max
    while (gaps > limit).any():
        used = np.union1d(used, used[gaps > limit] - limit)
        gaps = np.diff(used, prepend=0)
    return {
        f"{name}_rows": gaps.astype(np.uint16),
        # Column by column: neighbours are then alike, and the file is smaller.
        f"{name}_steps": np.ascontiguousarray(steps[used].T),
        f"{name}_scale": np.array(scale),
        f"{name}_buckets": np.array(len(steps)),
    }  # fmt: skip


def _table(arrays: Mapping[str, Array], name: str) -> WeightTable:
    stored = arrays[f"{name}_steps"]
    steps = np.zeros((int(arrays[f"{name}_buckets"]), len(stored)), np.int8)
    steps[np.cumsum(arrays[f"{name}_rows"], dtype=np.int64)] = stored.T
    return WeightTable(steps, float(arrays[f"{name}_scale"]))


def _arrays(name: str) -> dict[str, Array]:
    with np.load(io.BytesIO(_FOLDER.joinpath(name).read_bytes()), allow_pickle=False) as file:
        return dict(file)
