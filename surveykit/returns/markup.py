"""XML of a workbook part, read strictly: UTF-8, no document type, no entities, bounded depth.

The only door to ``expat``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NoReturn, Protocol
from xml.parsers import expat

from surveykit.returns.package import Package

Attributes = Mapping[str, str]

SEPARATOR: Final = "}"
MAIN: Final = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # Strict Open XML
)
_UTF8: Final = frozenset({"utf-8", "utf8", "us-ascii"})
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00", b"<\x00")  # UTF-16 or UTF-32, with and without a byte order mark
_KNOWN_NAMES: Final = 1_000  # the spreadsheet schema has about 600 elements; a hostile part may invent more


class Handler(Protocol):
    """What a part's reader does with elements; expat calls it."""

    def start(self, name: str, attributes: Attributes, /) -> None:
        """Take a start tag."""

    def end(self, name: str, /) -> None:
        """Take an end tag."""

    def text(self, data: str, /) -> None:
        """Take character data."""


def parse(package: Package, part: str, handler: Handler) -> None:
    """Read a whole part; element names are bare in the spreadsheet namespaces, qualified elsewhere."""
    for _ in stream(package, part, _Counted(package, part, handler)):
        pass


def stream(package: Package, part: str, handler: Handler) -> Iterator[None]:
    """Read a part piece by piece, so that the caller can take what the handler has so far.

    Element names come qualified, and the handler bounds the depth itself: it is called for each of millions of cells.

    Raises
    ------
    ReturnsError
        If the part is not well-formed UTF-8 XML without a document type.
    """
    feed = Feed(package, part, handler)
    for chunk in feed.chunks():
        feed.take(chunk)
        yield
    feed.close()
    yield


class Feed:
    """An XML parser that is fed by its owner, who may let pieces pass without being told of their elements.

    Parameters
    ----------
    package : Package
    part : str
    handler : Handler
    """

    __slots__ = ("_handler", "_package", "_parser", "_part")

    def __init__(self, package: Package, part: str, handler: Handler) -> None:
        self._package, self._part, self._handler = package, part, handler
        self._parser = _parser(package, part, handler)

    def chunks(self) -> Iterator[bytes]:
        """Return the bytes of the part; refuses what is no UTF-8 by its first bytes."""
        first = True
        for chunk in self._package.chunks(self._part):
            if first and chunk.startswith(_WIDE):
                self._package.refuse("returns-file-not-utf8", part=self._part)
            first = False
            yield chunk

    def take(self, data: bytes, *, last: bool = False) -> None:
        """Parse a piece and tell the handler of its elements."""
        try:
            self._parser.Parse(data, last)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            self._package.refuse("returns-file-not-xml", part=self._part, reason=reason, line=error.lineno)

    def let_pass(self, data: bytes) -> None:
        """Parse a piece of whole elements, to see that it is well-formed, without telling the handler."""
        parser, handler = self._parser, self._handler
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
        self.take(data)
        parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
        parser.CharacterDataHandler = handler.text

    def close(self) -> None:
        """Say that nothing more comes."""
        self.take(b"", last=True)


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition(SEPARATOR)[2]


def attribute(attributes: Attributes, name: str) -> str:
    """Return an attribute by its local name, whatever its namespace; empty if it is not there."""
    return next((value for key, value in attributes.items() if local(key) == name), "")


def _parser(package: Package, part: str, handler: Handler) -> expat.XMLParserType:
    def no_document_type(*_: object) -> NoReturn:
        package.refuse("returns-file-document-type", part=part)

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _UTF8:
            package.refuse("returns-file-not-utf8", part=part)

    parser = expat.ParserCreate("UTF-8", SEPARATOR)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = no_document_type
    parser.XmlDeclHandler = declaration
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    return parser


class _Counted:
    """Counts depth and shortens names for a handler of a small part."""

    __slots__ = ("_depth", "_handler", "_names", "_package", "_part", "text")

    def __init__(self, package: Package, part: str, handler: Handler) -> None:
        self._package, self._part, self._handler = package, part, handler
        self._depth = 0
        self._names = _Bare()
        self.text = handler.text

    def start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > self._package.limits.depth:
            self._package.refuse("returns-file-too-deep", part=self._part, limit=self._package.limits.depth)
        self._handler.start(self._names[name], attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        self._handler.end(self._names[name])


class _Bare(dict[str, str]):
    def __missing__(self, name: str) -> str:
        namespace, _, bare = name.rpartition(SEPARATOR)
        short = bare if namespace in MAIN or not namespace else name
        if len(self) < _KNOWN_NAMES:
            self[name] = short
        return short
