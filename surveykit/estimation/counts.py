"""The negative binomial likelihood with its dispersion estimated."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from surveykit.estimation.fits import newton

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NegativeBinomial:
    """The likelihood of counts with mean m = exp(x b) and variance m + a m^2; coefficients b, then log a.

    Parameters
    ----------
    x : float array of shape (n, q)
    y : float array of shape (n,)
        Counts.
    """

    x: Floats
    y: Floats

    def solve(self, weights: Floats, start: Floats | None = None) -> Floats:
        """Return the coefficients of shape (q + 1,) that maximise the weighted likelihood."""
        if start is None:
            mean = np.average(self.y, weights=weights)
            spread = np.average((self.y - mean) ** 2, weights=weights)
            if not mean > 0:
                return np.full(self.x.shape[1] + 1, np.nan)
            level = np.linalg.lstsq(self.x, np.full(len(self.y), np.log(mean)), rcond=None)[0]
            start = np.append(level, np.log(max((spread - mean) / mean**2, 0.1)))
        return newton(self, weights, start)

    def parts(self, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return weighted scores of shape (n, q + 1) and the observed information."""
        mean, size, y = self._mean(self.x, theta), np.exp(-theta[-1]), self.y
        both = size + mean
        slope = special.digamma(y + size) - special.digamma(size) + np.log(size / both) + 1 - (size + y) / both
        bend = special.polygamma(1, y + size) - special.polygamma(1, size) + 1 / size - 2 / both + (size + y) / both**2
        scores = np.concatenate([self.x * ((y - mean) * size / both)[:, None], (-size * slope)[:, None]], axis=1)
        inner = (weights * mean * size * (size + y) / both**2)[:, None]
        cross = self.x.T @ (weights * (y - mean) * size * mean / both**2)
        corner = -weights @ (size * slope + size**2 * bend)
        information = np.block([[self.x.T @ (self.x * inner), cross[:, None]], [cross[None, :], np.array([[corner]])]])
        return weights[:, None] * scores, information

    def deviance(self, theta: Floats, weights: Floats) -> float:
        """Return -2 log likelihood."""
        mean, size, y = self._mean(self.x, theta), np.exp(-theta[-1]), self.y
        both = size + mean
        likelihood = special.gammaln(y + size) - special.gammaln(size) - special.gammaln(y + 1)
        likelihood += size * np.log(size / both) + y * np.log(mean / both)
        return float(-2 * (weights @ likelihood))

    def reduced(self, gone: tuple[int, ...]) -> NegativeBinomial:
        """Return the model without some columns."""
        return replace(self, x=np.delete(self.x, gone, axis=1))

    def respond(self, x: Floats, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return means of shape (rows, 1) and their weighted sum of slopes in the coefficients, (1, q + 1)."""
        mean = self._mean(x, theta)
        return mean[:, None], np.append((weights * mean) @ x, 0.0)[None, :]

    @staticmethod
    def _mean(x: Floats, theta: Floats) -> Floats:
        return np.exp(x @ theta[:-1])
