"""Types that a list knows better than the model.

- "European Union" is an organisation: the model sees a people's name in it and too often calls the whole OTHER.
- "Egyptian" is no place and "Kuwaitis" nobody: they stand where names of places and persons stand.
"""

from __future__ import annotations

import numpy as np

from transforms.enrich.mentions.crf.hashing import Ints, extend_phrase, mix
from transforms.enrich.mentions.crf.labels import TYPES
from transforms.enrich.mentions.crf.lexicon import CUE_MASK, Cue, Lexicon
from transforms.enrich.mentions.crf.tokenise import Tokens

_ORGANISATION, _PLACE, _OTHER = (TYPES.index(name) for name in ("ORGANISATION", "PLACE", "OTHER"))
_SURELY_OTHER = int(Cue.PEOPLE | Cue.EVENT_WORD)
_MAY_BE_NAME = int(
    Cue.COUNTRY
    | Cue.REGION
    | Cue.CITY
    | Cue.TOWN
    | Cue.PLACE_WORD
    | Cue.GIVEN_NAME
    | Cue.FAMILY_NAME
    | Cue.ORGANISATION
)
#: Words of the longest name that the gazetteer lists.
_MOST_WORDS = 6


def known_types(tokens: Tokens, firsts: Ints, lasts: Ints, types: Ints, lexicon: Lexicon) -> Ints:
    """(names) The types, corrected for names given by their first and last tokens."""
    known = types.copy()
    words = lasts - firsts + 1
    at = np.flatnonzero((types == _OTHER) & (words > 1) & (words <= _MOST_WORDS))
    phrases = mix(tokens.folded[firsts[at]])
    for step in range(1, _MOST_WORDS):
        longer = words[at] > step
        phrases[longer] = extend_phrase(phrases[longer], tokens.folded[firsts[at[longer]] + step])
    cues = lexicon.phrase_cues(phrases)
    known[at[(cues & Cue.ORGANISATION > 0) & (cues & _SURELY_OTHER == 0)]] = _ORGANISATION

    at = np.flatnonzero((types == _PLACE) | ((words == 1) & (types != _OTHER)))
    last_cues = lexicon.words.values(tokens.folded[lasts[at]]) & np.uint32(CUE_MASK)
    known[at[(last_cues & Cue.PEOPLE > 0) & (last_cues & _MAY_BE_NAME == 0)]] = _OTHER
    return known
