"""What a model takes along behind a name, or for a name: "California-based", "Republican Sen.", "LLC"."""

from __future__ import annotations

from typing import Final

import polars as pl

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


def without_tails(names: pl.DataFrame) -> pl.DataFrame:
    """``MENTION_COLUMNS`` in and out: names without what is no part of them, and without what is none."""
    names = names.filter(~pl.col("surface").is_in([*_ALONE, *(f"{word}." for word in _ALONE)]))
    surface = pl.col("surface").str
    may_have_tail = surface.contains("-", literal=True)
    for title in ("Sen", "Sens", "Rep", "Reps", "Gov", "Govs"):
        may_have_tail |= surface.ends_with(f" {title}")
    rows = names.select(may_have_tail & (pl.col("mention_type") != "PERSON")).to_series().arg_true()
    rows = rows.filter(names["surface"].gather(rows).str.contains(_TAIL))
    surfaces = names["surface"].gather(rows)
    bare = surfaces.str.replace(_TAIL, "")
    ends = names["end_char"].gather(rows) - (surfaces.str.len_chars() - bare.str.len_chars()).cast(pl.Int32)
    return names.with_columns(names["end_char"].scatter(rows, ends), names["surface"].scatter(rows, bare))
