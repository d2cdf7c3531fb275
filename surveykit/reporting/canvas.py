"""Pictures: figures with the house's look, faces that know Hangul, and files that come out the same every time."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Drawing
from matplotlib.text import Text
from matplotlib.typing import ColorType

from surveykit.errors import ReportingError
from surveykit.findings import Place
from surveykit.reporting.labels import Wording
from surveykit.reporting.layouts import one_of
from surveykit.reporting.printed import clean
from surveykit.reporting.publish import Publication, written

# Okabe and Ito (2008), Color Universal Design: told apart with every kind of colour vision
PALETTE: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")  # a second way to tell series apart, for print in grey
HATCHES: Final = ("", "////", "....", "xxxx", "\\\\\\\\", "++++", "oooo")
RAMP: Final = "cividis_r"  # dark is much; even for every kind of colour vision (Nuñez et al. 2018, PLOS ONE 13(7))
INK: Final = "#222222"
FAINT: Final = "#D0D0D0"

FACES: Final = ("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Malgun Gothic", "Apple SD Gothic Neo",
                "Noto Sans CJK JP")  # fmt: skip
_STYLE: Final[Any] = {  # matplotlib types its settings by name, one literal each
    "svg.hashsalt": "surveykit",
    "font.size": 9.0,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": 11.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.linewidth": 0.5,
    "legend.frameon": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawn figure.

    Parameters
    ----------
    id : str
        Name in files.
    title : str
    alt : str
        What the picture shows, in words, for those who do not see it.
    drawing : matplotlib.figure.Figure
    """

    id: str
    title: str
    alt: str
    drawing: Drawing = field(repr=False)

    def svg(self) -> bytes:
        """Return the picture as SVG, the same bytes every time.

        Texts are outlines, so that Hangul shows on every machine; where this machine has no Hangul face they stay
        texts, for the reader's machine to draw.
        """
        outlines = not _lacks_face(self.drawing)
        stream = io.BytesIO()
        with _style(), mpl.rc_context({"svg.fonttype": "path" if outlines else "none"}), warnings.catch_warnings():
            if not outlines:
                warnings.filterwarnings("ignore", message="Glyph .* missing from")
            metadata = {
                "Date": None,
                "Title": clean(self.title),
                "Description": clean(self.alt),
                "Creator": "surveykit",
            }
            self.drawing.savefig(stream, format="svg", metadata=metadata)
        return _squeezed(stream.getvalue())

    def png(self, *, dpi: int = 150) -> bytes:
        """Return the picture as PNG.

        Parameters
        ----------
        dpi : int
            Dots an inch.

        Raises
        ------
        ReportingError
            ``picture-no-hangul-face`` if it has Hangul and this machine has no face for it.
        """
        if _lacks_face(self.drawing):
            raise ReportingError.of("picture-no-hangul-face", Place(field=self.id), known=", ".join(FACES))
        stream = io.BytesIO()
        with _style():
            metadata = {"Title": clean(self.title), "Description": clean(self.alt), "Software": "surveykit"}
            self.drawing.savefig(stream, format="png", dpi=dpi, metadata=metadata)
        return stream.getvalue()


def draw(picture: Picture, path: str | Path, *, dpi: int = 150) -> Publication:
    """Write a picture to a file.

    Parameters
    ----------
    picture : Picture
    path : str or Path
        Ends in ``.svg`` or ``.png``.
    dpi : int
        Dots an inch of a PNG.

    Returns
    -------
    Publication

    Raises
    ------
    ReportingError
        ``report-unknown-option`` for another suffix, ``report-not-writable``, ``picture-no-hangul-face``.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    one_of("suffix", suffix, (".png", ".svg"))
    return written(target, picture.svg() if suffix == ".svg" else picture.png(dpi=dpi), {"dpi": dpi})


@contextmanager
def canvas(width: float, height: float) -> Iterator[tuple[Drawing, Axes]]:
    """Give a figure with one set of axes in the house's look; no state of pyplot is touched.

    Parameters
    ----------
    width, height : float
        Inches.
    """
    with _style():
        drawing = Drawing(figsize=(width, height), layout="constrained")
        axes = drawing.add_subplot()
        axes.set_axisbelow(True)
        yield drawing, axes


@cache
def hangul_faces() -> tuple[str, ...]:
    """Return the faces with Hangul that this machine has, the best first."""
    installed = {face.name for face in font_manager.fontManager.ttflist}
    return tuple(face for face in FACES if face in installed)


def color(place: int) -> str:
    """Return the colour of a series."""
    return PALETTE[place % len(PALETTE)]


def marker(place: int) -> str:
    """Return the marker of a series."""
    return MARKERS[place % len(MARKERS)]


def ink_on(shade: ColorType) -> str:
    """Return the letters that read best on a shade, dark or white, by the contrast of WCAG 2.2."""
    channels = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in to_rgb(shade)]
    luminance = sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), channels, strict=True))
    return "white" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "black"


def ruled(axes: Axes, direction: str) -> None:
    """Draw faint lines across one direction (``x`` or ``y``) and take the ticks of the other away."""
    axes.grid(visible=True, axis="x" if direction == "x" else "y", color=FAINT, linewidth=0.6)
    axes.tick_params(axis="y" if direction == "x" else "x", length=0)


def said(parts: Sequence[str], language: str, *, most: int = 12) -> str:
    """Return the parts of a description as one sentence, the first ones where there are many."""
    text = "; ".join(parts[:most])
    left = len(parts) - most
    return text + (Wording(language=language).say("and-more", count=left) if left > 0 else ".")


def legend(drawing: Drawing, axes: Axes) -> None:
    """Put the legend below everything else."""
    handles, labels = axes.get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 5))


def _squeezed(svg: bytes) -> bytes:
    """Return an SVG with two decimals a coordinate, no comments and no indents: nobody sees more.

    Numbers below 10 stay whole, since scales and opacities are among them.
    """
    text = re.sub(r"<!-- .*? -->\n *", "", svg.decode("utf-8"))
    head, mark, drawn = text.partition("<defs>")  # the words of title and description stand before it
    drawn = re.sub(r"(\d\d\.\d\d)\d+", r"\1", re.sub(r"\n\s*", "\n", drawn))
    return (head + mark + drawn).encode("utf-8")


@contextmanager
def _style() -> Iterator[None]:
    faces = [*hangul_faces()[:1], "DejaVu Sans"]
    with mpl.rc_context(_STYLE | {"font.family": faces}):
        yield


def _lacks_face(drawing: Drawing) -> bool:
    if hangul_faces():
        return False
    texts = [one.get_text() for one in drawing.findobj(lambda one: isinstance(one, Text)) if hasattr(one, "get_text")]
    return any("가" <= char <= "힣" for text in texts for char in text)
