"""Cuts articles into tokens: words, numbers, single marks and line breaks, as spans of bytes.

The articles of a batch are joined into one buffer and cut all at once. Margins of line breaks around every article
are wider than the window of any feature, so nothing that is said about a token depends on another article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from transforms.enrich.mentions.crf.characters import (
    DIGIT,
    FIRST_WORD_CLASS,
    LOWER,
    MARK,
    NEWLINE,
    SPACE,
    UPPER,
    ClassifiedText,
    classify,
)
from transforms.enrich.mentions.crf.hashing import PADDING_BYTES, Bools, Bytes, Hashes, Ints, chunks, hash_spans

#: Line breaks in a row are one token; the spaces keep these five apart.
_MARGIN = b"\n \n \n \n \n"
#: Tokens that the margin guarantees before the first and behind the last token of an article.
MARGIN_TOKENS = 5

#: Words whose full stop belongs to them and to a name that they end.
_ABBREVIATIONS = (b" inc", b" corp", b" ltd", b" co", b" jr", b" sr", b" bros")
_RIGHT_QUOTE = (0xE2, 0x80, 0x99)


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of a batch of articles, as arrays over its n tokens."""

    text: ClassifiedText
    article_starts: Ints
    """(articles) The index of the first byte of each article."""
    starts: Ints
    """(n) Index of the first byte in the buffer."""
    ends: Ints
    """(n) Index behind the last byte."""

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def lengths(self) -> Ints:
        """(n) Bytes."""
        return self.ends - self.starts

    @cached_property
    def classes(self) -> Bytes:
        """(n) The class of the first character, see `characters`."""
        return self.text.classes[self.starts]

    @cached_property
    def first_bytes(self) -> Bytes:
        return self.text.buffer[self.starts]

    @cached_property
    def lower_chunks(self) -> Hashes:
        """The lower-case buffer as overlapping 8-byte integers."""
        return chunks(self.text.lowered)

    @cached_property
    def hashes(self) -> Hashes:
        """(n) Hash of the word as printed."""
        return hash_spans(chunks(self.text.buffer), self.starts, self.lengths)

    @cached_property
    def folded(self) -> Hashes:
        """(n) Hash of the word in lower case."""
        folded = self.hashes.copy()
        changed = np.flatnonzero(self.upper_counts > 0)
        folded[changed] = hash_spans(self.lower_chunks, self.starts[changed], self.lengths[changed])
        return folded

    @cached_property
    def upper_counts(self) -> Ints:
        """(n) Bytes of capital letters."""
        sums = np.cumsum(self.text.classes == UPPER, dtype=np.int32)
        counts: Ints = sums[self.ends - 1] - sums[self.starts - 1]
        return counts

    @cached_property
    def is_capitalised(self) -> Bools:
        """Has a capital letter anywhere ("Baku", "iPhone", "11th-C" not: hyphens part tokens)."""
        is_capitalised: Bools = self.upper_counts > 0
        return is_capitalised

    @cached_property
    def is_break(self) -> Bools:
        is_break: Bools = self.classes == NEWLINE
        return is_break

    @cached_property
    def articles(self) -> Ints:
        """(n) The number of the article; a margin counts to the article before it, the first margin to article 0."""
        firsts = np.append(np.searchsorted(self.starts, self.article_starts[1:]), len(self))
        return np.repeat(np.arange(len(self.article_starts)), np.diff(firsts, prepend=0))

    def is_glued(self, tokens: Ints) -> Bools:
        """Which of the tokens follow their predecessors without a space."""
        glued: Bools = self.starts[tokens] == self.ends[tokens - 1]
        return glued


def tokenise(bodies: Sequence[str]) -> Tokens:
    """Cut at spaces and around marks, but keep "O'Brien", "U.S.", "1,000", "AT&T", "gov.uk" and "Inc." whole.

    "Baku's" becomes "Baku" and "'s". Hyphens are tokens of their own, because what they join may be two names
    ("Azerbaijan-China").
    """
    encoded = [body.encode() for body in bodies]
    lengths = np.fromiter((len(body) for body in encoded), np.int64, len(encoded))
    padding = b" " * PADDING_BYTES
    joined = b"".join((padding, _MARGIN, *(part for body in encoded for part in (body, _MARGIN)), padding))
    text = classify(np.frombuffer(joined, np.uint8))
    strides = lengths + len(_MARGIN)
    article_starts = len(padding) + len(_MARGIN) + np.cumsum(strides) - strides
    return Tokens(text, article_starts, *_cut(text))


def _cut(text: ClassifiedText) -> tuple[Ints, Ints]:
    """The first byte of every token, and the byte behind its last."""
    classes = text.classes
    is_word = classes >= FIRST_WORD_CLASS
    clitics = _join_marks(text, is_word)

    opens = ~is_word & ((classes == MARK) | (classes == NEWLINE))
    breaks = np.flatnonzero(classes == NEWLINE)
    opens[breaks[classes[breaks - 1] == NEWLINE]] = False
    opens[1:] |= is_word[1:] & ~is_word[:-1]
    opens[clitics] = True

    closes = opens.copy()
    is_space = (classes == SPACE) & ~is_word
    closes[1:] |= is_space[1:] & ~is_space[:-1]
    borders = np.flatnonzero(closes)
    at = np.flatnonzero(opens[borders])
    return borders[at], borders[at + 1]


def _join_marks(text: ClassifiedText, is_word: Bools) -> Ints:
    """Mark as parts of words the marks that belong to them; returns where clitics such as "'s" start."""
    buffer, _, classes = text
    stops = np.flatnonzero(buffer == ord("."))
    before, behind = classes[stops - 1], classes[stops + 1]
    follows_initial = (buffer[stops - 2] == ord(".")) & (classes[stops - 3] == UPPER)
    is_initial = (before == UPPER) & (~is_word[stops - 2] | follows_initial)
    is_decimal = (before == DIGIT) & (behind == DIGIT)
    is_domain = ((before == LOWER) | (before == DIGIT)) & (behind == LOWER)

    clitics = _join_apostrophes(buffer, is_word)
    is_word[stops[is_initial | is_decimal | is_domain | _ends_abbreviation(text, stops)]] = True
    for mark, kind in ((",", DIGIT), ("&", UPPER)):
        at = np.flatnonzero(buffer == ord(mark))
        is_word[at[(classes[at - 1] == kind) & (classes[at + 1] == kind)]] = True
    return clitics


def _join_apostrophes(buffer: Bytes, is_word: Bools) -> Ints:
    """Mark as parts of words the apostrophes between letters; returns where clitics such as "'s" start."""
    clitics = []
    first, second, third = _RIGHT_QUOTE
    curly = np.flatnonzero(buffer == first)
    curly = curly[(buffer[curly + 1] == second) & (buffer[curly + 2] == third)]
    for apostrophes, width in ((np.flatnonzero(buffer == ord("'")), 1), (curly, len(_RIGHT_QUOTE))):
        between = apostrophes[is_word[apostrophes - 1] & is_word[apostrophes + width]]
        letter = buffer[between + width] | 0x20
        ends_after_1 = ~is_word[between + width + 1]
        ends_after_2 = ~ends_after_1 & ~is_word[between + width + 2]
        is_clitic = (ends_after_1 & np.isin(letter, tuple(b"sdmt"))) | (ends_after_2 & np.isin(letter, tuple(b"rvl")))
        for step in range(width):
            is_word[between + step] = True
        clitics.append(between[is_clitic])
    return np.concatenate(clitics)


def _ends_abbreviation(text: ClassifiedText, stops: Ints) -> Bools:
    """Which of the full stops follow a capitalised abbreviation, such as "Inc", that keeps its stop."""
    before = chunks(text.lowered)[stops - 8]
    ends = np.zeros(len(stops), np.bool_)
    for abbreviation in _ABBREVIATIONS:
        shift = np.uint64(8 * (8 - len(abbreviation)))
        matches = before >> shift == np.uint64(int.from_bytes(abbreviation, "little"))
        ends |= matches & (text.classes[stops - len(abbreviation) + 1] == UPPER)
    return ends
