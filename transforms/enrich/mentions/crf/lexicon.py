"""What the engine knows about words before it reads: a gazetteer, how newspapers print a word, and word clusters.

All of it is packaged data, made by `transforms.enrich.mentions.train` and held as hashes of words. A word that is
not listed has the value 0 everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag, auto

import numpy as np
import numpy.typing as npt

from transforms.enrich.mentions.crf.hashing import Bools, Hashes, HashFilter, Ints

#: The 64-bit value of a packed table slot is the upper half of the word's hash and a value of 32 bits.
_VALUE_BITS = np.uint64(32)
_VALUE_MASK = np.uint64(0xFFFFFFFF)
_TABLE_BITS = 18
#: Bits of the filter that says which words newspapers nearly always capitalise, and of the one for phrases.
_FILTER_BITS = 20


class Cue(IntFlag):
    """What single words and whole names are known as."""

    GIVEN_NAME = auto()
    FAMILY_NAME = auto()
    TOWN = auto()
    CITY = auto()
    COUNTRY = auto()
    REGION = auto()
    PEOPLE = auto()
    TITLE = auto()
    ORGANISATION_WORD = auto()
    CALENDAR = auto()
    PLACE_WORD = auto()
    ORGANISATION = auto()
    EVENT_WORD = auto()


CUE_BITS = len(Cue)
CUE_MASK = (1 << CUE_BITS) - 1
#: Where in a word's value the two figures stand that come from counting a corpus: how often it is printed, in steps
#: of a factor of about 3 (1 to 15), and how often with a capital where no sentence starts (1 never, 7 always).
FREQUENCY_SHIFT, FREQUENCY_MASK = 16, 0xF
CASE_SHIFT, CASE_MASK = 20, 0x7
#: Clusters of three grains in one value; 0 is "no cluster".
CLUSTER_SHIFTS, CLUSTER_MASKS = (0, 7, 17), (0x7F, 0x3FF, 0xFFF)


class WordTable:
    """A fixed map from word hashes to values of 32 bits, asked for many words at once.

    A word's slot is given by the low bits of its hash. Words that share a slot are in layers, the first of each slot
    in the first layer; nearly every look-up ends there. Two words whose upper halves and slots agree are taken for
    one: with 2^50 combinations that does not happen in practice.
    """

    def __init__(self, hashes: Hashes, values: npt.NDArray[np.uint32]) -> None:
        slots = _slots(hashes)
        order = np.argsort(slots, kind="stable")
        slots, packed = slots[order], _tags(hashes[order]) << _VALUE_BITS | values[order]
        ranks = np.arange(len(slots)) - np.searchsorted(slots, slots)
        self._layers = []
        for rank in range(int(ranks.max(initial=0)) + 1):
            layer = np.zeros(1 << _TABLE_BITS, np.uint64)
            layer[slots[ranks == rank]] = packed[ranks == rank]
            self._layers.append(layer)

    def values(self, hashes: Hashes) -> npt.NDArray[np.uint32]:
        """The values of the words, 0 for a word that is not in the table."""
        slots, tags = _slots(hashes), _tags(hashes)
        entries = self._layers[0].take(slots)
        found = entries >> _VALUE_BITS == tags
        values = np.where(found, entries & _VALUE_MASK, 0).astype(np.uint32)
        open_slots = np.flatnonzero(~found & (entries != 0))
        for layer in self._layers[1:]:
            if not len(open_slots):
                break
            entries = layer.take(slots[open_slots])
            found = entries >> _VALUE_BITS == tags[open_slots]
            values[open_slots[found]] = (entries[found] & _VALUE_MASK).astype(np.uint32)
            open_slots = open_slots[~found & (entries != 0)]
        return values


def _slots(hashes: Hashes) -> Ints:
    return (hashes & np.uint64((1 << _TABLE_BITS) - 1)).view(np.int64)


def _tags(hashes: Hashes) -> Hashes:
    return hashes >> _VALUE_BITS


class Lexicon:
    """The packaged tables, ready for look-ups."""

    def __init__(self, tables: Mapping[str, np.ndarray]) -> None:
        self.words = WordTable(tables["word_hashes"], tables["word_values"])
        self.phrases = WordTable(tables["phrase_hashes"], tables["phrase_values"])
        coarse, middle = tables["coarse_of_fine"].astype(np.uint32), tables["middle_of_fine"].astype(np.uint32)
        fine, one = tables["fine_clusters"].astype(np.uint32), np.uint32(1)
        self.clusters = WordTable(
            tables["cluster_hashes"],
            (coarse[fine] + one) << np.uint32(CLUSTER_SHIFTS[0])
            | (middle[fine] + one) << np.uint32(CLUSTER_SHIFTS[1])
            | (fine + one) << np.uint32(CLUSTER_SHIFTS[2]),
        )
        case = tables["word_values"] >> CASE_SHIFT & CASE_MASK
        self._capitalised = HashFilter(tables["word_hashes"][case == CASE_MASK], _FILTER_BITS)
        self._phrases = HashFilter(tables["phrase_hashes"], _FILTER_BITS)

    def is_usually_capitalised(self, folded: Hashes) -> Bools:
        """Which words newspapers print with a capital practically always."""
        flags = self._capitalised.may_contain(folded)
        at = np.flatnonzero(flags)
        flags[at] = self.words.values(folded[at]) >> CASE_SHIFT & CASE_MASK == CASE_MASK
        return flags

    def phrase_cues(self, phrases: Hashes) -> npt.NDArray[np.uint32]:
        """The cues of names of several words, given by `hash_phrase`."""
        cues = np.zeros(len(phrases), np.uint32)
        at = np.flatnonzero(self._phrases.may_contain(phrases))
        cues[at] = self.phrases.values(phrases[at])
        return cues
