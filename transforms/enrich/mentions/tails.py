"""What a model takes along behind a name, or for a name: "California-based", "Republican Sen.", "LLC"."""

from __future__ import annotations

from typing import Final

import polars as pl

from transforms.enrich.mentions.patterns import NAME_PATTERNS, with_kept_patterns

#: Behind a hyphen after a name of any type but a person's.
_PARTICIPLES: Final = (
    "affiliated|aligned|allied|appointed|approved|authored|backed|based|born|bound|branded|centric|clad|compatible|"
    "controlled|dominated|drafted|educated|endorsed|era|focused|friendly|funded|held|hosted|imposed|inspired|language|"
    "leaning|led|like|linked|listed|loving|made|occupied|only|owned|passed|powered|related|represented|ruled|run|"
    "speaking|sponsored|style|supported|tilting|tinged|trained|type|wide|written"
)
_TAIL: Final = rf"(?:-(?:{_PARTICIPLES})| (?:Sen|Rep|Gov)s?)$"
#: Titles and forms of companies, which are no names without one.
_ALONE: Final = (
    "Mr",
    "Mrs",
    "Ms",
    "Dr",
    "Sen",
    "Rep",
    "Gov",
    "Sens",
    "Reps",
    "LLC",
    "Inc",
    "Ltd",
    "Corp",
    "Plc",
    "PLC",
    "Co",
    "AG",
    "SA",
    "Jr",
    "Sr",
)


def stand_alone(surfaces: pl.Series) -> pl.Series:
    """Whether each is a title or a form of companies, and no name."""
    return surfaces.is_in([*_ALONE, *(f"{word}." for word in _ALONE)])


def _bare(names: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """The rows of names with tails, and those names without them."""
    rows = (names["mention_type"] != "PERSON").arg_true()
    surfaces = names["surface"].gather(rows)
    # Cheap questions first: few names have a tail.
    may_have_tail = surfaces.str.contains("-", literal=True)
    for title in ("Sen", "Sens", "Rep", "Reps", "Gov"):
        may_have_tail |= surfaces.str.ends_with(title)
    rows, surfaces = rows.filter(may_have_tail), surfaces.filter(may_have_tail)
    has_tail = surfaces.str.contains(_TAIL)
    return rows.filter(has_tail), surfaces.filter(has_tail).str.replace(_TAIL, "")


def without_tails(names: pl.DataFrame) -> pl.DataFrame:
    """``MENTION_COLUMNS`` in and out: names without what is no part of them."""
    rows, bare = with_kept_patterns(lambda: _bare(names), NAME_PATTERNS)
    surfaces = names["surface"].gather(rows)
    ends = names["end_char"].gather(rows) - (surfaces.str.len_chars() - bare.str.len_chars()).cast(pl.Int32)
    return names.with_columns(names["end_char"].scatter(rows, ends), names["surface"].scatter(rows, bare))
