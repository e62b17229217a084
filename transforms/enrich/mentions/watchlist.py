"""The user's own names: always found, whatever the recogniser thinks.

The rules, for ``seeds/watchlist.csv`` and any other watch-list:

- An entity is found under its own name and under each of its aliases.
- A name stands as whole words: "Baku" is found in "Baku's" and in "Baku-Tbilisi", not in "Bakuriani".
- A name in small letters only ("opec") is found in any case. A name with a capital is found as it is written or in
  capitals throughout ("Red Cross", "RED CROSS", not "red cross"); one in capitals throughout only as it is ("WHO").
- Straight and typographic apostrophes are the same.
- Where names overlap, the longest counts; of equally long ones the earliest.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from functools import cached_property

import numpy as np
import polars as pl

from transforms.contracts import ENTITY_TYPES
from transforms.enrich.mentions.aliases import Aliases, Spelling
from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.patterns import in_order_without_overlaps
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS

#: What a watch-list file has.
FILE_COLUMNS = ("entity", "type", "aliases")
#: What `read_aliases` returns and `Watchlist` takes: one row per alias, the entity's own name included.
ALIAS_COLUMNS = pl.Schema({"entity": pl.String, "mention_type": pl.String, "alias": pl.String})
#: What `Watchlist.find` returns.
WATCHED_COLUMNS = pl.Schema([*MENTION_COLUMNS.items(), ("entity", pl.String())])

#: To be raised with every change of the rules.
_RULES_VERSION = 1

#: A user's own name is what they say it is.
_SCORE = 1.0
_SEPARATOR = "|"
_MIN_ALIAS_CHARS = 2
#: The file's first line is its header.
_FIRST_LINE = 2
_MAX_FAULTS_SHOWN = 20
_APOSTROPHES = ("'", "\N{RIGHT SINGLE QUOTATION MARK}")


class WatchlistError(ValueError):
    """A watch-list that cannot be used; the message names every faulty line."""


def read_aliases(rows: pl.DataFrame) -> pl.DataFrame:
    """The aliases of a watch-list file: ``entity, type, aliases → ALIAS_COLUMNS``, one row per different alias.

    ``aliases`` are separated by "|" and may be empty or null.
    """
    missing = [name for name in FILE_COLUMNS if name not in rows.columns]
    if missing:
        raise WatchlistError(
            f"The watch-list needs the columns {', '.join(FILE_COLUMNS)}; it has no {', '.join(missing)},"
            f" only {', '.join(rows.columns) or 'none at all'}."
        )
    faults: list[str] = []
    owners: dict[str, tuple[str, str, int]] = {}
    for line, row in enumerate(rows.select(FILE_COLUMNS).iter_rows(), _FIRST_LINE):
        entity, mention_type, aliases = (str(value or "") for value in row)
        names = [_clean(entity), *(_clean(alias) for alias in aliases.split(_SEPARATOR) if alias.strip())]
        faults += [f"line {line}: {fault}" for fault in _faults(names, mention_type)]
        for alias in names:
            owner = owners.setdefault(alias, (names[0], mention_type, line))
            if owner[:2] != (names[0], mention_type):
                faults.append(
                    f"line {line}: expected every alias to stand for one entity, but {alias!r} of {names[0]!r}"
                    f" ({mention_type}) is also {owner[0]!r} ({owner[1]}) on line {owner[2]}"
                )
    if faults:
        more = f"\n… and {len(faults) - _MAX_FAULTS_SHOWN} more" if len(faults) > _MAX_FAULTS_SHOWN else ""
        raise WatchlistError("The watch-list cannot be used:\n" + "\n".join(faults[:_MAX_FAULTS_SHOWN]) + more)
    columns = [(entity, mention_type, alias) for alias, (entity, mention_type, _) in owners.items()]
    return pl.DataFrame(columns, schema=ALIAS_COLUMNS, orient="row").sort("entity", "mention_type", "alias")


def _clean(name: str) -> str:
    """As bodies are: composed characters, single spaces."""
    return unicodedata.normalize("NFC", " ".join(name.split()))


def _faults(names: list[str], mention_type: str) -> Iterator[str]:
    if not names[0]:
        yield "expected a name in the column entity, but it is empty"
    if mention_type not in ENTITY_TYPES:
        yield f"expected the type to be one of {', '.join(ENTITY_TYPES)}, but it is {mention_type!r}"
    for alias in names:
        if alias and (len(alias) < _MIN_ALIAS_CHARS or not any(map(str.isalnum, alias))):
            yield f"expected an alias with a letter or digit, {_MIN_ALIAS_CHARS} characters or more, but got {alias!r}"


class Watchlist:
    """A watch-list, ready to be looked up; build it once (about a second for 100,000 aliases)."""

    def __init__(self, aliases: pl.DataFrame) -> None:
        """Take the rows that `read_aliases` returns."""
        self._entries = aliases.select(ALIAS_COLUMNS.names())
        self._aliases = Aliases.of(_spellings(self._entries["alias"]))

    @cached_property
    def version(self) -> str:
        """Changes with any of the names."""
        rows = "\n".join("\t".join(row) for row in self._entries.iter_rows())
        return f"{_RULES_VERSION}-{hashlib.sha256(rows.encode()).hexdigest()[:12]}"

    def find(self, batch: Batch) -> pl.DataFrame:
        """The names in some articles: ``WATCHED_COLUMNS``.

        One row per name found, articles in the order given and names by their place in the body.
        """
        if batch.articles.is_empty() or self._entries.is_empty():
            return WATCHED_COLUMNS.to_frame()
        bodies = batch.bodies
        matches, entry_nos = self._aliases.find(batch.words)
        keep = in_order_without_overlaps(matches)
        matches, entries = matches.at(keep), self._entries[entry_nos[keep]]
        start_chars, end_chars = bodies.chars(matches)
        return pl.DataFrame({
            "article_id": batch.articles["article_id"].gather(matches.body_nos),
            "start_char": pl.Series(start_chars, dtype=pl.Int32),
            "end_char": pl.Series(end_chars, dtype=pl.Int32),
            "surface": bodies.surfaces(matches),
            "mention_type": entries["mention_type"],
            "score": pl.Series(np.full(len(entries), _SCORE)),
            "entity": entries["entity"],
        }).cast(WATCHED_COLUMNS)


def _spellings(aliases: pl.Series) -> Iterator[Spelling]:
    """Every alias as it is written, then in capitals, so that one that is written in capitals counts first."""
    listed = [(alias, number) for number, alias in enumerate(aliases.to_list())]
    for alias, number in listed:
        for form in _with_apostrophes(alias):
            yield Spelling(form, alias == alias.lower(), number)
    for alias, number in listed:
        if alias != alias.lower():
            for form in _with_apostrophes(alias.upper()):
                yield Spelling(form, ignores_case=False, value=number)


def _with_apostrophes(alias: str) -> list[str]:
    straight, curly = _APOSTROPHES
    if straight not in alias and curly not in alias:
        return [alias]
    return [alias.replace(curly, straight), alias.replace(straight, curly)]
