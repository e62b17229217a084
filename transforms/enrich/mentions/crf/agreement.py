"""One article calls a name by one type: places of the same name vote, each with its score.

"Coburg" is a club in five sentences of a report and looks like a person in the sixth. The second look (`document`)
tells the model so, word by word; here whole names are made to agree.
"""

from __future__ import annotations

import numpy as np

from transforms.enrich.mentions.crf.decode import Scores
from transforms.enrich.mentions.crf.hashing import Hashes, Ints, extend_phrase, mix, pair
from transforms.enrich.mentions.crf.labels import TYPES
from transforms.enrich.mentions.crf.tokenise import Tokens


def agreed_types(tokens: Tokens, firsts: Ints, lasts: Ints, types: Ints, scores: Scores) -> Ints:
    """(names) The types after the vote, for names given by their first and last tokens, types and scores.

    Names are the same if they are printed the same in one article. Where two types have equal votes, all stays.
    """
    if not len(firsts):
        return types
    names = mix(pair(_printed(tokens, firsts, lasts), tokens.articles[firsts].astype(np.uint64)))
    _, groups = np.unique(names, return_inverse=True)
    ballots = np.bincount(groups * len(TYPES) + types, scores, (groups.max() + 1) * len(TYPES))
    votes = ballots.reshape(-1, len(TYPES))[groups]
    winners = votes.argmax(axis=1)
    is_outvoted = votes[np.arange(len(types)), types] < votes.max(axis=1)
    agreed: Ints = np.where(is_outvoted, winners, types)
    return agreed


def _printed(tokens: Tokens, firsts: Ints, lasts: Ints) -> Hashes:
    """(names) Hashes of the whole names, as printed."""
    phrases = mix(tokens.hashes[firsts])
    at = np.flatnonzero(lasts > firsts)
    step = 1
    while len(at):
        phrases[at] = extend_phrase(phrases[at], tokens.hashes[firsts[at] + step])
        step += 1
        at = at[lasts[at] >= firsts[at] + step]
    return phrases
