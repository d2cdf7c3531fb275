"""One answer after the other: values drawn by type, code list, range and profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.expressions import patterns
from surveykit.questionnaire.simulation.profiles import Profile
from surveykit.questionnaire.simulation.world import Rows, World
from surveykit.questionnaire.structure import Code, CodeOption, Item, option_column

Floats = NDArray[np.float64]
Values = NDArray[np.object_]

MISSING: Final = 0.02  # share of "don't know" and refusals where a profile names none
BLANK: Final = 0.05  # share left blank of what may be left blank
OPEN: Final = 100.0  # width of a range without an upper limit
DATES: Final = "datetime64[us]"
_NUMBERS: Final = {"integer": "Int64", "decimal": "Float64"}
_TEXTS: Final = ("none", "nothing to add", "visited twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What drawing needs.

    Parameters
    ----------
    world : World
    random : Generator
    """

    world: World
    random: np.random.Generator

    def answers(self, item: Item, profile: Profile, rows: Rows) -> Values:
        """Return an answer for each of some rows of the item's unit; None is a blank."""
        found = self._plain(item, profile, rows)
        reserved = [missing.code for missing in item.missing.codes if missing.kind != "na"] if item.missing else []
        share = MISSING if profile.missing is None else profile.missing
        if reserved and share:
            hit = self.random.random(len(rows)) < share
            found[hit] = [reserved[index] for index in self.random.integers(len(reserved), size=int(hit.sum()))]
        if not item.required:
            found[self.random.random(len(rows)) < (BLANK if profile.blank is None else profile.blank)] = None
        return found

    def _plain(self, item: Item, profile: Profile, rows: Rows) -> Values:
        match item.type:
            case "select_one":
                return self.codes(item, profile, rows)
            case "select_multiple":
                return self.several(item, profile, rows)
            case "integer" | "decimal":
                return self.amounts(item, profile, rows)
            case "date":
                return self.dates(item, profile, rows)
            case _:
                return self.texts(item, rows)

    def codes(self, item: Item, profile: Profile, rows: Rows) -> Values:
        """Draw one code a row."""
        options = item.codelist.offered if item.codelist else ()
        weights = self._weights(item, profile, options, rows)
        weights[weights.sum(axis=1) == 0] = 1.0
        if item.cascade:
            chosen = self.world.column(item.unit, self.world.questionnaire.item(item.cascade).var)
            above = [None if pd.isna(code) else code for code in chosen.iloc[rows]]
            fitting = [[option.parent == parent for option in options] for parent in above]
            weights *= np.array(fitting, dtype=float).reshape(weights.shape)
        total = weights.sum(axis=1)
        cuts = np.cumsum(weights, axis=1) / np.where(total == 0, 1, total)[:, None]
        at = np.minimum((self.random.random(len(rows))[:, None] > cuts).sum(axis=1), len(options) - 1)
        found = np.array([options[index].code for index in at], dtype=object)
        found[total == 0] = None
        return found

    def _weights(self, item: Item, profile: Profile, options: tuple[CodeOption, ...], rows: Rows) -> Floats:
        if not profile.codes:
            return np.ones((len(rows), len(options)))
        by_code = {
            code: np.nan_to_num(self.world.numbers(amount, item.unit, rows)) for code, amount in profile.codes.items()
        }
        nothing = np.zeros(len(rows))
        return np.maximum(np.column_stack([by_code.get(str(option.code), nothing) for option in options]), 0.0)

    def several(self, item: Item, profile: Profile, rows: Rows) -> Values:
        """Draw a set of codes a row; a code that excludes the others stands alone."""
        options = item.codelist.offered if item.codelist else ()
        free = [option for option in options if not option.exclusive]
        alone = [option.code for option in options if option.exclusive]
        shares = np.array([float(profile.codes.get(str(option.code), 0.3)) for option in free])
        taken = self.random.random((len(rows), len(free))) < shares
        found = np.empty(len(rows), dtype=object)
        for row, picked in enumerate(taken):
            chosen = [option.code for option, yes in zip(free, picked, strict=True) if yes]
            if not chosen:
                chosen = [alone[0] if alone else free[int(self.random.integers(len(free)))].code]
            found[row] = " ".join(str(code) for code in chosen)
        return found

    def amounts(self, item: Item, profile: Profile, rows: Rows) -> Values:
        """Draw a number a row inside the limits, the unlikely left out."""
        low, high = _limits(item)
        drawn = self._distribution(item, profile, rows, low, high)
        width = high - low if np.isfinite(high) else OPEN
        drawn = np.where(np.isnan(drawn), low + self.random.random(len(rows)) * width, drawn)
        places = item.decimals if item.type == "decimal" and item.decimals is not None else 0
        rounded = np.clip(np.round(drawn, places), low, high)
        plain = rounded if item.type == "decimal" else rounded.astype(np.int64)
        found: Values = plain.astype(object)
        return found

    def edges(self, item: Item, attempt: int, rows: Rows) -> Values:
        """Draw a number a row near one limit, nearer with every attempt; the lower limit first, then the upper."""
        low, high = _limits(item)
        high = high if np.isfinite(high) else low + OPEN
        apart = (high - low) * self.random.random(len(rows)) * 0.5 ** (attempt // 2)
        places = item.decimals if item.type == "decimal" and item.decimals is not None else 0
        near = np.round(high - apart if attempt % 2 else low + apart, places)
        return np.array([float(one) if item.type == "decimal" else int(one) for one in near], dtype=object)

    def _distribution(self, item: Item, profile: Profile, rows: Rows, low: float, high: float) -> Floats:
        def amount(text: str | float) -> Floats:
            return self.world.numbers(text, item.unit, rows)

        if profile.value is not None:
            return amount(profile.value)
        if profile.mean is not None:
            return np.asarray(self.random.normal(amount(profile.mean), amount(profile.sd or 0.0)))
        first = np.maximum(low, amount(profile.low)) if profile.low is not None else np.full(len(rows), low)
        most = high if np.isfinite(high) else low + OPEN
        last = np.minimum(high, amount(profile.high)) if profile.high is not None else np.full(len(rows), most)
        whole = 1.0 if item.type == "integer" else 0.0
        spread = np.where(np.isnan(first + last), 0, np.maximum(last - first + whole, 0))
        drawn = first + self.random.random(len(rows)) * spread
        return np.asarray(np.floor(drawn) if whole else drawn)

    def dates(self, item: Item, profile: Profile, rows: Rows) -> Values:
        """Draw a day a row, in the range or so many days before another date."""
        if profile.before:
            other = self.world.column(item.unit, self.world.questionnaire.item(profile.before).var).iloc[rows]
            first, last = (self.world.numbers(text or 0, item.unit, rows) for text in (profile.low, profile.high))
            days = np.nan_to_num(np.floor(first + self.random.random(len(rows)) * (last - first + 1)))
            moved = pd.to_datetime(other).reset_index(drop=True) - pd.to_timedelta(days, unit="D")
            return moved.astype(object).where(moved.notna(), None).to_numpy(dtype=object)
        least, most = (item.range.min, item.range.max) if item.range else (None, None)
        start = pd.Timestamp(str(least or "2024-01-01"))
        length = min((pd.Timestamp(str(most or "2024-12-31")) - start).days, 365)
        offsets = self.random.integers(length + 1, size=len(rows))
        return np.array([start + pd.Timedelta(days=int(offset)) for offset in offsets], dtype=object)

    def texts(self, item: Item, rows: Rows) -> Values:
        """Draw a text a row that matches the pattern, with its check digit."""
        if item.pattern or item.type == "id":
            return np.array([self.identifier(item) for _ in rows], dtype=object)
        return np.array([_TEXTS[index] for index in self.random.integers(len(_TEXTS), size=len(rows))], dtype=object)

    def identifier(self, item: Item) -> str:
        """Return a text of an item's pattern; digits where it has none."""
        parts = patterns.elements(item.pattern or "[0-9]{8}")
        limit = item.max_length or patterns.MAX_LENGTH
        text = "".join(self._characters(part.characters, min(max(part.least, 8), part.most, limit)) for part in parts)[
            :limit
        ]
        return with_check_digit(text) if item.check_digit else text

    def _characters(self, alphabet: str, count: int) -> str:
        digits = "".join(sign for sign in alphabet if sign.isascii() and sign.isdigit()) or alphabet
        return "".join(digits[index] for index in self.random.integers(len(digits), size=count))


def with_check_digit(text: str) -> str:
    """Return digits with the last one made the Luhn check digit of the others (ISO/IEC 7812-1)."""
    digits = [int(sign) for sign in text[:-1] if sign.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-1::-2]]  # 9: cross sum of a doubled digit above 9
    return f"{text[:-1]}{-(sum(doubled) + sum(digits[-2::-2])) % 10}"


def series(item: Item, values: Values) -> dict[str, pd.Series[Any]]:
    """Return the columns of an item, typed as answers are: its own, and one a code for a select-multiple.

    Parameters
    ----------
    item : Item
    values : ndarray of object, shape (n,)
        None is a blank.
    """
    if item.type == "date":
        return {item.var: pd.Series(pd.to_datetime(pd.Series(list(values), dtype=object))).astype(DATES)}
    dtype = _NUMBERS.get(item.type) or (code_dtype(item) if item.type == "select_one" else "string")
    columns = {item.var: pd.Series(list(values), dtype=dtype)}
    if item.type == "select_multiple" and item.codelist:
        reserved = {str(code) for code in item.missing_codes}
        chosen = [None if text is None or str(text) in reserved else set(str(text).split()) for text in values]
        columns |= {
            option_column(item.var, code): pd.Series(
                [None if one is None else int(str(code) in one) for one in chosen], dtype="Int64"
            )
            for code in item.codelist.codes
        }
    return columns


def code_dtype(item: Item) -> str:
    """Return ``Int64`` where all codes of an item are numbers, else ``string``."""
    codes: tuple[Code, ...] = (*(item.codelist.codes if item.codelist else ()), *item.missing_codes)
    return "Int64" if all(isinstance(code, int) for code in codes) else "string"


def _limits(item: Item) -> tuple[float, float]:
    limits = item.range
    if limits is None:
        return 0.0, np.inf
    low = limits.warn_below if limits.warn_below is not None else limits.min
    high = limits.warn_above if limits.warn_above is not None else limits.max
    first = float(low) if low is not None else 0.0
    return first, float(high) if high is not None else np.inf
