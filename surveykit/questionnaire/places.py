"""Where a part of a compiled instrument stood in the file that its author wrote, and what he may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from surveykit.findings import Place


def source_place(pointer: str, origins: Mapping[str, Place], file: str, *, item: str = "") -> Place:
    """Return file and pointer of a part of the compiled document.

    Parameters
    ----------
    pointer : str
        JSON pointer into the compiled document.
    origins : mapping of str to Place
        Places of compiled parts, by pointer; the longest one that leads to the part counts.
    file : str
        The instrument's own file, for parts that come from no module.
    item : str
        Id of the item concerned.
    """
    head, tail = pointer, ""
    while head:
        if head in origins:
            origin = origins[head]
            return Place(file=origin.file, pointer=origin.pointer + tail, item=item or origin.item)
        head, _, last = head.rpartition("/")
        tail = f"/{last}{tail}"
    return Place(file=file, pointer=pointer, item=item)


def similar(name: str, known: Iterable[str]) -> str:
    """Return the known names that look like a name; some of the known ones where none does; ``none`` if there are none.

    Parameters
    ----------
    name : str
        The name found.
    known : iterable of str
        The names expected.
    """
    names = sorted(set(known))
    folded = {one.casefold(): one for one in names}
    matches = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
    shown = [folded[match] for match in matches] or names[:8]
    return ", ".join(shown) or "none"
