"""Finds sums of money, built from neighbouring tokens."""

from __future__ import annotations

import unicodedata

import numpy as np

from transforms.enrich.mentions.lexicon import Cue
from transforms.enrich.mentions.reading import Reading
from transforms.enrich.mentions.spans import TokenSpans
from transforms.enrich.mentions.tokens import previous

#: Every currency sign of Unicode (category Sc) from the Latin, the Indian and the currency symbols blocks.
CURRENCY_SIGNS = "".join(chr(point) for point in range(0x20D0) if unicodedata.category(chr(point)) == "Sc")

#: What stands before the sign in "US$", "A$", "HK$".
_DOLLAR_NATIONS = ("us", "a", "au", "aus", "c", "ca", "can", "nz", "hk", "s", "r", "nt")
#: What stands before the currency in "five million Canadian dollars".
_CURRENCY_NATIONS = (
    "us", "u.s.", "american", "canadian", "australian", "singapore", "british", "taiwan", "swiss", "french", "belgian",
    "japanese", "chinese", "russian", "turkish", "mexican", "indian", "pakistani", "kenyan", "iraqi", "kuwaiti",
    "saudi", "azerbaijani",
)  # fmt: skip


def find_money(reading: Reading) -> TokenSpans:
    """Sums such as "$1.5 billion", "US$100 million", "€2.5m", "100 million euros", "5 million yuan"."""
    tokens = reading.tokens
    is_sign = tokens.is_mark(CURRENCY_SIGNS)
    is_code = reading.has(Cue.CURRENCY_CODE) & tokens.is_all_capitals
    is_currency = reading.has(Cue.CURRENCY) & ~tokens.is_capitalised | is_code
    amounts = np.flatnonzero(tokens.is_number)

    # To the left: a sign, perhaps with a nation glued to it ("US$"), or a code ("EUR 5").
    has_sign = is_sign[amounts - 1] | is_code[amounts - 1]
    firsts = amounts - has_sign
    firsts -= is_sign[firsts] & tokens.is_glued[firsts] & reading.is_one_of(*_DOLLAR_NATIONS)[firsts - 1]

    # To the right: a scale, and where there is no sign a currency, perhaps with a nation.
    lasts = amounts + reading.has(Cue.SCALE)[amounts + 1]
    has_nation = reading.is_one_of(*_CURRENCY_NATIONS)[lasts + 1] & is_currency[lasts + 2] & ~has_sign
    has_currency = is_currency[lasts + 1] & ~has_sign
    lasts = lasts + 2 * has_nation + has_currency

    sums = TokenSpans(firsts, lasts).where(has_sign | has_nation | has_currency)
    # In "100 USD 200" the code belongs to the first amount.
    return sums.where(sums.firsts > previous(sums.lasts))
