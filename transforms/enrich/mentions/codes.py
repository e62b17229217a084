"""Codes that stand beside names in a report and name nothing: "(D-Calif.)", "( BNPP.PA )", ".SPX"."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from transforms.enrich.mentions.code_points import Bools
from transforms.enrich.mentions.patterns import NAME_PATTERNS, Bodies, Matches, with_kept_patterns

_STATE: Final = (
    r"(?:[A-Z]{2}|(?:[A-Z]\. ?){1,2}[A-Z]|Ala|Ariz|Ark|Cal|Calif|Colo|Conn|Del|Fla|Ga|Haw|Ida|Ill|Ind|Kan|Kans|Ky|La|"
    r"Md|Mass|Mich|Minn|Miss|Mo|Mon|Mont|Neb|Nebr|Nev|Okla|Or|Ore|Oreg|Pa|Penn|Tenn|Tex|Vt|Va|Wash|W\. ?Va|Wis|Wisc|"
    r"Wyo|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|"
    r"Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|"
    r"Missouri|Montana|Nebraska|Nevada|(?:New|North|South|West) [A-Z][a-z]+|Ohio|Oklahoma|Oregon|Pennsylvania|"
    r"Rhode Island|Tennessee|Texas|Utah|Vermont|Virginia|Washington|Wisconsin|Wyoming)"
)
#: A member of Congress's party and state.
_PARTY_AND_STATE: Final = rf"^(?:D|R|I|ID|DFL)-{_STATE}\.?$"
#: A share on an exchange, as Reuters writes it: in brackets, with a dot and one to three capitals.
_SHARE: Final = r"^[A-Za-z0-9_]{1,8}\.[A-Z]{1,3} ?[)>]"
_INDEX: Final = r"^[A-Z][A-Z0-9]+$"
_BEHIND_BYTES: Final = 8
_BRACKET, _ANGLE, _SPACE, _DOT = (ord(character) for character in "(< .")


def are_party_and_state(surfaces: pl.Series) -> pl.Series:
    """Whether each is a party and a state."""
    rows = surfaces.str.contains("-", literal=True).arg_true()
    nowhere = pl.Series([False]).new_from_index(0, len(surfaces))
    asked = surfaces.gather(rows)
    told = with_kept_patterns(lambda: asked.str.contains(_PARTY_AND_STATE), NAME_PATTERNS)
    return nowhere.scatter(rows, told)


def _byte_before(bodies: Bodies, spans: Matches, distance: int) -> npt.NDArray[np.uint8]:
    """The byte so far before each span in its body; 0 where the body has none."""
    found = bodies.data.take(spans.starts - distance, mode="clip")
    return np.where(spans.starts - distance >= bodies.offsets[spans.body_nos], found, np.uint8(0))


def are_traded(bodies: Bodies, spans: Matches) -> Bools:
    """Which spans are the code of a share or an index, by what stands around them."""
    before, second = _byte_before(bodies, spans, 1), _byte_before(bodies, spans, 2)
    before_bracket = (second == _BRACKET) | (second == _ANGLE)
    opens = (before == _BRACKET) | (before == _ANGLE) | (before == _SPACE) & before_bracket
    follows_dot = (before == _DOT) & ((second == _SPACE) | before_bracket)
    # Few spans are asked for their text.
    rows = np.flatnonzero(opens | follows_dot)
    asked = spans.at(rows)
    surfaces = bodies.surfaces(asked)
    behind = surfaces + bodies.after(asked, _BEHIND_BYTES)
    is_share, is_index = with_kept_patterns(
        lambda: (behind.str.contains(_SHARE).to_numpy(), surfaces.str.contains(_INDEX).to_numpy()),
        NAME_PATTERNS,
    )
    traded = np.zeros(len(spans.starts), np.bool_)
    traded[rows] = np.where(opens[rows], is_share, is_index)
    return traded
