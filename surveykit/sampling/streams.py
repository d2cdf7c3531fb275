"""Random numbers that are the same on every machine: PCG64 words keyed by seed, stage and stratum."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def uniforms(count: int, seed: int, *labels: object) -> NDArray[np.float64]:
    """Return uniform numbers in [0, 1) that belong to a seed and a chain of labels.

    Parameters
    ----------
    count : int
        How many.
    seed : int
        Seed of the selection.
    *labels
        Stage, stratum, purpose. Every chain has its own stream, so that a change in one stratum leaves the others.

    Returns
    -------
    numpy.ndarray
        Shape (count,), 53 random bits each, as ``numpy.random.Generator(PCG64).random`` makes them.

    Notes
    -----
    Only the raw words of PCG64 are used: NumPy keeps these for ever, but not the streams of its distributions (NEP 19).
    """
    return np.asarray((_words(count, seed, labels) >> np.uint64(11)) * 2.0**-53, dtype=np.float64)


def integers(below: NDArray[np.int64], seed: int, *labels: object) -> NDArray[np.int64]:
    """Return one whole number from 0 to ``below - 1`` for every element of `below`.

    Notes
    -----
    Multiplication of a 64-bit word by the bound (Lemire 2019); the bias is under ``bound / 2**64``.
    """
    words = _words(below.size, seed, labels)
    drawn = [(int(word) * int(bound)) >> 64 for word, bound in zip(words, below.ravel(), strict=True)]
    return np.array(drawn, dtype=np.int64).reshape(below.shape)


def _words(count: int, seed: int, labels: tuple[object, ...]) -> NDArray[np.uint64]:
    text = "\x1f".join((str(seed), *(str(label) for label in labels)))
    key = int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:16], "big")
    words: NDArray[np.uint64] = np.random.PCG64(key).random_raw(count)
    return words
