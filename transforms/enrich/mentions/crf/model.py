"""The weights of the model, packed so that eight labels are added up in two integer additions."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from transforms.enrich.mentions.crf.decode import Scores
from transforms.enrich.mentions.crf.features import Feature, rows
from transforms.enrich.mentions.crf.hashing import Hashes
from transforms.enrich.mentions.crf.labels import LABEL_COUNT

#: Weights are stored as whole steps of one byte, shifted up so that their sum needs no sign.
_MOST_STEPS, _SHIFT = 127, 128
#: A weight that only one in 2,000 exceeds is worth so many steps.
_LARGE_QUANTILE, _STEPS_OF_LARGE = 0.9995, 31
_EVEN_BYTES = np.uint64(0x00FF00FF00FF00FF)
_EIGHT = np.uint64(8)
#: Sums in one integer.
_SUMS = 4
#: Sums have 16 bits: so many features of at most 255 fit.
_MOST_FEATURES = 256
#: Features whose values are below it are listed; longer lists would not stay in the processor's caches.
_MOST_LISTED = 1 << 13


class WeightTable:
    """The weights of hashed features, one row of labels per bucket.

    The label "outside" has the weight 0 everywhere: only differences between labels matter. The eight others of a row
    are the eight bytes of one integer, fetched at once; its even and odd bytes are then added up as four sums of 16
    bits each.
    """

    def __init__(self, steps: npt.NDArray[np.int8], scale: float) -> None:
        """Steps of (buckets, labels but "outside"), worth ``scale`` each; there are 2**n buckets, row 0 is zero."""
        shifted = (steps.astype(np.int16) + _SHIFT).astype(np.uint8)
        self._packed: Hashes = np.ascontiguousarray(shifted).view("<u8").reshape(-1)
        self._scale = np.float32(scale)
        self.bits = len(steps).bit_length() - 1
        self._lists: dict[str, Hashes] = {}

    def emissions(self, features: Iterable[Feature], count: int) -> Scores:
        """(count, labels) The sum of the weights of every candidate's features."""
        even, odd = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
        taken, part = np.empty(count, np.uint64), np.empty(count, np.uint64)
        added = 0
        for feature in features:
            self._fetch(feature, taken)
            np.bitwise_and(taken, _EVEN_BYTES, out=part)
            even += part
            taken >>= _EIGHT
            taken &= _EVEN_BYTES
            odd += taken
            added += 1
        if added > _MOST_FEATURES:
            raise ValueError(f"there are {added} features, and sums have room for {_MOST_FEATURES}")
        emissions = np.zeros((count, LABEL_COUNT), np.float32)
        emissions[:, 1::2] = even.view("<u2").reshape(count, _SUMS)
        emissions[:, 2::2] = odd.view("<u2").reshape(count, _SUMS)
        emissions[:, 1:] -= added * _SHIFT
        emissions *= self._scale
        return emissions

    def _fetch(self, feature: Feature, taken: Hashes) -> None:
        """Fill ``taken`` with the packed weights of every candidate."""
        values, present = feature.values, feature.present
        if values.dtype != np.int64 or values.max(initial=0) >= _MOST_LISTED:
            self._packed.take(rows(feature, self.bits), out=taken, mode="clip")
            return
        # Half of the features have few values: these are listed once, and not hashed again and again.
        weights = self._listed(feature.template, int(values.max(initial=0)))
        if present is None:
            weights[1:].take(values, out=taken, mode="clip")
        else:
            weights.take((values + 1) * present, out=taken, mode="clip")

    def _listed(self, template: str, most: int) -> Hashes:
        """The packed weights of a feature: where it is absent, then those of its values 0 to ``most`` at least."""
        weights = self._lists.get(template)
        if weights is None or len(weights) < most + 2:
            values = np.arange(1 << most.bit_length())
            weights = np.append(self._packed[0], self._packed[rows(Feature(template, values), self.bits)])
            self._lists[template] = weights
        return weights


def quantise(weights: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], float]:
    """Weights of (buckets, labels) as `WeightTable` takes them: coarse steps, which cost no accuracy and pack well."""
    differences = weights[:, 1:] - weights[:, :1]
    used = np.abs(differences[differences != 0])
    scale = float(np.quantile(used, _LARGE_QUANTILE)) / _STEPS_OF_LARGE if len(used) else 1.0
    steps = np.clip(np.rint(differences / scale), -_MOST_STEPS, _MOST_STEPS).astype(np.int8)
    steps[0] = 0
    return steps, scale
