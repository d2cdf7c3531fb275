"""The zip container of a workbook, the same bytes for the same parts; parts that do not change are packed once."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# PKWARE .ZIP File Format Specification (APPNOTE 6.3): headers of sections 4.3.7, 4.3.12 and 4.3.16
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_VERSION: Final = 20  # deflate, 4.4.3.2
_UTF8: Final = 0x800  # general purpose bit 11, 4.4.4
_DEFLATED: Final = 8  # 4.4.5
_TIME: Final = 0  # midnight
_DATE: Final = (2000 - 1980) << 9 | 1 << 5 | 1  # 1 January 2000 in MS-DOS format, 4.4.6
_LEVEL: Final = 9  # of zlib: forms travel over slow lines
_FIRST: Final = ("[Content_Types].xml", "_rels/.rels")


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    checksum: int
    size: int
    packed: bytes


@dataclass(frozen=True, slots=True)
class Container:
    """Packed parts in the order in which they are written."""

    parts: tuple[_Part, ...]

    def content(self) -> bytes:
        """Return the file."""
        body, directory = bytearray(), bytearray()
        for part in self.parts:
            name = part.name.encode()
            flag = 0 if part.name.isascii() else _UTF8
            sizes = (part.checksum, len(part.packed), part.size)
            head = (_VERSION, flag, _DEFLATED, _TIME, _DATE, *sizes, len(name), 0)
            directory += _CENTRAL.pack(b"PK\1\2", _VERSION, *head, 0, 0, 0, 0, len(body)) + name
            body += _LOCAL.pack(b"PK\3\4", *head) + name + part.packed
        count = len(self.parts)
        return bytes(body + directory + _END.pack(b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0))

    def with_parts(self, changed: Mapping[str, bytes]) -> Container:
        """Return the container with some parts replaced."""
        return Container(
            tuple(_pack(part.name, changed[part.name]) if part.name in changed else part for part in self.parts)
        )


def pack(parts: Mapping[str, bytes]) -> Container:
    """Return a container of parts: content types first, then by name.

    Parameters
    ----------
    parts : mapping of str to bytes
        By part name.
    """
    names = sorted(parts, key=lambda name: (name not in _FIRST, name))
    return Container(tuple(_pack(name, parts[name]) for name in names))


def _pack(name: str, data: bytes) -> _Part:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return _Part(name, zlib.crc32(data), len(data), packer.compress(data) + packer.flush())
