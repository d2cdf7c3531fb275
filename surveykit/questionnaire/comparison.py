"""What changed between two versions of a questionnaire, as values for people and programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

from surveykit.questionnaire.structure import Text, localized

if TYPE_CHECKING:
    import pandas as pd

Effect = Literal["breaking", "compatible", "text"]

EFFECTS: Final[tuple[Effect, ...]] = ("breaking", "compatible", "text")
_HEADINGS: Final[Mapping[str, Text]] = {
    "breaking": {
        "en": "Breaking: old and new data cannot simply be joined",
        "ko": "호환되지 않음: 이전 자료와 그대로 합칠 수 없음",
    },
    "compatible": {"en": "Compatible: old data stay valid", "ko": "호환됨: 이전 자료를 그대로 쓸 수 있음"},
    "text": {"en": "Wording only", "ko": "글만 바뀜"},
    "lost": {"en": "Indicators that can no longer be computed", "ko": "더 이상 계산할 수 없는 지표"},
    "gained": {"en": "Indicators that can now be computed", "ko": "새로 계산할 수 있는 지표"},
    "renames": {
        "en": "Perhaps renamed (write them into the mapping file if so)",
        "ko": "이름만 바뀐 듯함(맞으면 대응 파일에 적으십시오)",
    },
    "same": {"en": "No difference", "ko": "차이 없음"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One change.

    Parameters
    ----------
    change : str
        What kind of change; a stable id.
    effect : {"breaking", "compatible", "text"}
        Whether old and new data can still be joined.
    item : str
        Item concerned, by its new id where it has one; empty for units, checks and the like.
    code : str
        Code, check, unit or owner of a text concerned.
    field, language : str
        Which text or property.
    before, after : str
        What stood there and what stands there now.
    """

    change: str
    effect: Effect
    item: str = ""
    code: str = ""
    field: str = ""
    language: str = ""
    before: str = ""
    after: str = ""

    def text(self, language: str = "en") -> str:
        """Return the change as a sentence."""
        return localized(_changes()[self.change], language).format(**asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that differs between two instruments.

    Parameters
    ----------
    old, new : str
        Id and version of each.
    differences : tuple of Difference
        Breaking ones first, then in the order of the new instrument.
    lost, gained : tuple of str
        Indicators that only the old one, only the new one can compute.
    renames : mapping of str to str
        New id by old id where an item seems to have been renamed without being named in the mapping.
    """

    old: str
    new: str
    differences: tuple[Difference, ...]
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    renames: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Comparison of {self.old} with {self.new}: {self.verdict}, {len(self.differences)} differences>"

    def __str__(self) -> str:
        return self.to_text()

    @property
    def counts(self) -> Counter[str]:
        """How many differences there are of each effect."""
        return Counter(one.effect for one in self.differences)

    @property
    def verdict(self) -> Literal["same", "text", "compatible", "breaking"]:
        """The gravest effect of all."""
        return next((effect for effect in EFFECTS if self.counts[effect]), "same")

    @property
    def advice(self) -> Literal["none", "text version", "minor", "major"]:
        """Which part of the version number the changes call for."""
        steps: dict[str, Literal["none", "text version", "minor", "major"]] = {
            "same": "none",
            "text": "text version",
            "compatible": "minor",
            "breaking": "major",
        }
        return steps[self.verdict]

    def of(self, effect: Effect) -> tuple[Difference, ...]:
        """Return the differences of one effect."""
        return tuple(one for one in self.differences if one.effect == effect)

    def to_frame(self, *, language: str = "en") -> pd.DataFrame:
        """Return one row a difference, for a committee's workbook.

        Returns
        -------
        DataFrame
            Columns ``effect, change, item, code, field, language, before, after, sentence``.
        """
        import pandas as pd  # noqa: PLC0415  # a comparison in the terminal needs no data frames

        columns = ["effect", "change", "item", "code", "field", "language", "before", "after", "sentence"]
        return pd.DataFrame(
            [asdict(one) | {"sentence": one.text(language)} for one in self.differences], columns=columns
        )

    def to_json(self) -> str:
        """Return the comparison as JSON."""
        document = {
            "old": self.old,
            "new": self.new,
            "verdict": self.verdict,
            "advice": self.advice,
            "differences": [asdict(one) | {"sentence": one.text()} for one in self.differences],
            "lost_indicators": list(self.lost),
            "gained_indicators": list(self.gained),
            "possible_renames": dict(self.renames),
        }
        return json.dumps(document, ensure_ascii=False, indent=1) + "\n"

    def to_text(self, *, language: str = "en") -> str:
        """Return the comparison for reading, breaking changes first."""
        lines = [f"{self.old} -> {self.new}"]
        for effect in EFFECTS:
            found = self.of(effect)
            if found:
                lines += ["", f"{localized(_HEADINGS[effect], language)} ({len(found)})"]
                lines += [f"  {one.text(language)}" for one in found]
        for name, listed in (("lost", self.lost), ("gained", self.gained)):
            if listed:
                lines += ["", f"{localized(_HEADINGS[name], language)} ({len(listed)})", f"  {', '.join(listed)}"]
        if self.renames:
            pairs = [f"  {old} -> {new}" for old, new in self.renames.items()]
            lines += ["", localized(_HEADINGS["renames"], language), *pairs]
        if self.verdict == "same":
            lines.append(localized(_HEADINGS["same"], language))
        return "\n".join(lines) + "\n"


def difference(change: str, **values: object) -> Difference:
    """Return a difference of a known kind; values are written as text, nothing as an empty one."""
    written = {name: "" if value is None else str(value) for name, value in values.items()}
    return Difference(change=change, effect=_effects()[change], **written)


@cache
def _changes() -> Mapping[str, Text]:
    text = (files("surveykit.questionnaire") / "changes.json").read_text(encoding="utf-8")
    return {
        name: {key: one for key, one in entry.items() if key != "effect"} for name, entry in json.loads(text).items()
    }


@cache
def _effects() -> Mapping[str, Effect]:
    text = (files("surveykit.questionnaire") / "changes.json").read_text(encoding="utf-8")
    return {name: entry["effect"] for name, entry in json.loads(text).items()}
