"""Whether an article is in English: the model knows nothing of other languages, where capitals mean other things."""

from __future__ import annotations

import numpy as np

from transforms.enrich.mentions.crf.characters import LOWER
from transforms.enrich.mentions.crf.hashing import Bools, HashSet
from transforms.enrich.mentions.crf.tokenise import Tokens

_FUNCTION_WORDS = HashSet(
    "the of and to a in is was for that on with as by at from it his her he she has had have are were be been "
    "not but they their this which who will would said an or its after about than more when there"
)
#: Of the words in small letters that an article prints, English has four in ten among these, German or French one in
#: ten ("in", "a", "on", "as" are words there, too).
_SMALLEST_SHARE = 0.18
#: A text with fewer words in small letters, such as a list of names, is taken for English.
_FEWEST_WORDS = 20


def is_english(tokens: Tokens) -> Bools:
    """(articles) Which articles are in English, or too short to tell."""
    small = np.flatnonzero(~tokens.is_capitalised & (tokens.classes == LOWER))
    articles, count = tokens.articles[small], len(tokens.article_starts)
    words = np.bincount(articles, minlength=count)
    function_words = np.bincount(articles[_FUNCTION_WORDS.contains(tokens.hashes[small])], minlength=count)
    return (words < _FEWEST_WORDS) | (function_words >= _SMALLEST_SHARE * words)
