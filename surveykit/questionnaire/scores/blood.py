"""Scores from blood: haemoglobin at altitude, filtration of the kidneys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from surveykit.errors import DefinitionError
from surveykit.findings import Place

Floats = NDArray[np.float64]
AltitudeRule = Literal["who-2011", "cdc-1989", "who-2024"]
EgfrEquation = Literal["ckd-epi-2009", "ckd-epi-2021"]

# WHO/NMH/NHD/MNM/11.1 (2011), table 3: metres from which so many g/dL are taken off
_WHO_2011: Final = (
    (1000, 0.2),
    (1500, 0.5),
    (2000, 0.8),
    (2500, 1.3),
    (3000, 1.9),
    (3500, 2.7),
    (4000, 3.5),
    (4500, 4.5),
)
# WHO guideline on haemoglobin cutoffs (2024), adjustment by elevation; not at hand when this was written
_WHO_2024: Final = (
    (500, 0.4), (1000, 0.8), (1500, 1.1), (2000, 1.4), (2500, 1.8), (3000, 2.1), (3500, 2.5), (4000, 2.9), (4500, 3.3),
)  # fmt: skip
_STEPS: Final[Mapping[str, tuple[tuple[int, float], ...]]] = {"who-2011": _WHO_2011, "who-2024": _WHO_2024}
_FEET_A_METRE: Final = 3.280_839_9  # international foot of 0.3048 m


def altitude_adjustment(metres: ArrayLike, rule: AltitudeRule = "who-2011") -> Floats:
    """Return by how much measured haemoglobin is lowered.

    Parameters
    ----------
    metres : array_like, shape (n,)
        Altitude of the place of living above the sea.
    rule : {"who-2011", "cdc-1989", "who-2024"}
        Published table or, for ``cdc-1989``, the curve that it was taken from.

    Returns
    -------
    ndarray of float, shape (n,)
        g/dL to take off; NaN where the altitude is missing.

    Raises
    ------
    DefinitionError
        If there is no such rule.

    Notes
    -----
    ``cdc-1989``: ``0.022 f**2 - 0.032 f`` with ``f`` in thousands of feet, never below 0, from 1,000 m on.

    References
    ----------
    WHO (2011). Haemoglobin concentrations for the diagnosis of anaemia. WHO/NMH/NHD/MNM/11.1.
    CDC (1989). CDC criteria for anemia in children and childbearing-aged women. MMWR 38(22).
    """
    if rule not in get_args(AltitudeRule):
        _refuse("altitude_rule", rule, get_args(AltitudeRule))
    height = np.asarray(metres, dtype=np.float64)
    if rule == "cdc-1989":
        feet = height / 1000 * _FEET_A_METRE
        curve = np.maximum(0.022 * feet**2 - 0.032 * feet, 0)  # Sullivan et al. 2008, the CDC curve in 1,000 feet
        return np.asarray(np.where(height < 1000, 0.0, curve))
    limits, amounts = zip(*_STEPS[rule], strict=True)
    found = np.array([0.0, *amounts])[np.searchsorted(limits, height, side="right")]
    return np.where(np.isnan(height), np.nan, found)


def egfr(creatinine: ArrayLike, age: ArrayLike, sex: ArrayLike, equation: EgfrEquation = "ckd-epi-2021") -> Floats:
    """Return the estimated glomerular filtration rate.

    Parameters
    ----------
    creatinine : array_like, shape (n,)
        Serum creatinine in mg/dL, traceable to IDMS.
    age : array_like, shape (n,)
        Completed years.
    sex : array_like, shape (n,)
        1 male, 2 female.
    equation : {"ckd-epi-2009", "ckd-epi-2021"}

    Returns
    -------
    ndarray of float, shape (n,)
        mL/min per 1.73 m2; NaN where an input is missing.

    Raises
    ------
    DefinitionError
        If there is no such equation.

    Notes
    -----
    ``c min(Scr/k, 1)**a max(Scr/k, 1)**b d**age f``; the race term of 2009 is left out. R: ``nephro::CKDEpi.creat``.

    References
    ----------
    Levey et al. (2009). A new equation to estimate glomerular filtration rate. Ann Intern Med 150, 604-612.
    Inker et al. (2021). New creatinine- and cystatin C-based equations. N Engl J Med 385, 1737-1749.
    """
    if equation not in _CKD_EPI:
        _refuse("egfr", equation, tuple(_CKD_EPI))
    factor, low_men, low_women, high, yearly, female = _CKD_EPI[equation]
    serum, years, code = (np.asarray(one, dtype=np.float64) for one in (creatinine, age, sex))
    women = code == 2
    ratio = serum / np.where(women, 0.7, 0.9)  # mg/dL at which the curve bends (Levey 2009; kept by Inker 2021)
    with np.errstate(invalid="ignore", divide="ignore"):
        below = np.minimum(ratio, 1) ** np.where(women, low_women, low_men)
        rate = factor * below * np.maximum(ratio, 1) ** high * yearly**years * np.where(women, female, 1)
    return np.where((serum > 0) & np.isin(code, (1, 2)), rate, np.nan)


_CKD_EPI: Final[Mapping[str, tuple[float, float, float, float, float, float]]] = {
    "ckd-epi-2009": (141, -0.411, -0.329, -1.209, 0.993, 1.018),  # Levey et al. 2009, table 2
    "ckd-epi-2021": (142, -0.302, -0.241, -1.200, 0.9938, 1.012),  # Inker et al. 2021, table S10
}


def _refuse(option: str, value: object, known: tuple[str, ...]) -> None:
    raise DefinitionError.of("score-option-unknown", Place(), option=option, value=value, known=", ".join(known))
