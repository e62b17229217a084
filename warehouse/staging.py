"""Staged batches: what the workers finished, on disk, named by the content that made it.

A batch that a killed run had finished is found again by its name and not made twice.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from transforms.contracts import CONTENT_TABLES
from warehouse.folder import fsync_path, remove_tree

#: What became of each file of a batch: one row per file.
OUTCOME: Final = pl.Schema({
    "source": pl.String(),
    "path": pl.String(),
    "sha256": pl.String(),
    "reason": pl.String(),
    "article_count": pl.Int32(),
    "mention_count": pl.Int32(),
})

#: The frames of a batch: the content tables but entities, the rejects and the outcomes.
STAGED: Final = (*(name for name in CONTENT_TABLES if name != "entities"), "rejects", "outcomes")


@dataclass(frozen=True, slots=True)
class Shard:
    """A staged batch in its own directory, one Parquet file for each name in ``STAGED``."""

    path: Path

    def file(self, name: str) -> Path:
        return self.path / f"{name}.parquet"


def shard_key(files: Iterable[tuple[str, str, str | None]], engine_version: str) -> str:
    """The name of the shard that an engine makes of files: (source, path, SHA-256) each, in batch order."""
    digest = hashlib.sha256(engine_version.encode())
    for source, path, sha256 in files:
        digest.update(f"\0{source}\0{path}\0{sha256}".encode())
    return digest.hexdigest()[:32]


def find_shard(staging: Path, key: str) -> Shard | None:
    """The shard of this name, if it was staged and can be read; a damaged one is removed."""
    shard = Shard(staging / key)
    if not shard.path.is_dir():
        return None
    try:
        for name in STAGED:
            pl.read_parquet_schema(shard.file(name))
    except (OSError, pl.exceptions.PolarsError):
        remove_tree(shard.path)
        return None
    return shard


def stage(staging: Path, key: str, frames: Mapping[str, pl.DataFrame]) -> Shard:
    """Write a batch's frames; the directory appears whole or not at all."""
    temporary = staging / f".{key}.{os.getpid()}.tmp"
    remove_tree(temporary)
    temporary.mkdir(parents=True)
    for name in STAGED:
        frame = frames[name]
        # Sorted by month, so that the merge reads only the row groups of the months that it is at.
        sorted_frame = frame.sort("published_month", maintain_order=True) if "published_month" in frame else frame
        sorted_frame.write_parquet(temporary / f"{name}.parquet", compression="lz4", statistics=True)
        fsync_path(temporary / f"{name}.parquet")
    remove_tree(staging / key)
    temporary.rename(staging / key)
    return Shard(staging / key)
