"""LibreOffice without a screen: convert, and fill a form cell by cell through its names and read cells back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

_SECONDS = 300
_EPOCH = date(1899, 12, 30)

_MACRO = """
Sub Run
  On Error Goto Failed
  Dim doc, files, source, target, parts, n, m, i, result
  Dim cells(20000), reads(20000)
  Dim quiet(0) As New com.sun.star.beans.PropertyValue
  quiet(0).Name = "Hidden" : quiet(0).Value = True
  files = CreateUnoService("com.sun.star.ucb.SimpleFileAccess")
  source = CreateUnoService("com.sun.star.io.TextInputStream")
  source.setInputStream(files.openFileRead("{orders}"))
  source.setEncoding("UTF-8")
  target = CreateUnoService("com.sun.star.io.TextOutputStream")
  target.setOutputStream(files.openFileWrite("{results}"))
  target.setEncoding("UTF-8")
  Do While Not source.isEOF()
    parts = Split(source.readLine(), Chr(9))
    If UBound(parts) >= 0 Then
      Select Case parts(0)
      Case "OPEN"
        doc = StarDesktop.loadComponentFromURL(parts(1), "_blank", 0, quiet())
        doc.enableAutomaticCalculation(False)
        n = 0 : m = 0
      Case "READ"
        reads(m) = doc.Sheets.getByName(parts(1)).getCellRangeByName(parts(2))
        m = m + 1
      Case "SET"
        cells(n) = doc.NamedRanges.getByName(parts(1)).getReferredCells().getCellByPosition(0, 0)
        If parts(2) = "n" Then
          cells(n).setValue(Val(parts(3)))
        Else
          cells(n).setString(parts(3))
        End If
        n = n + 1
      Case "GO"
        doc.calculate()
        result = parts(1)
        For i = 0 To m - 1
          result = result & Chr(9) & reads(i).getString()
        Next i
        target.writeString(result & Chr(10))
        For i = 0 To n - 1
          cells(i).setFormula("")
        Next i
        n = 0
      Case "CLOSE"
        doc.close(True)
      End Select
    End If
  Loop
  target.closeOutput()
  StarDesktop.terminate()
  Exit Sub
Failed:
  target.writeString("FAILED" & Chr(9) & Error$ & " in line " & Erl & Chr(10))
  target.closeOutput()
  StarDesktop.terminate()
End Sub
"""
_LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false"><library:element library:name="Module1"/></library:library>"""
_LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
<library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple"
 library:link="false"/></library:libraries>"""
_MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">{}
</script:module>"""


def convert(files: Iterable[Path], folder: Path, kind: str = "xlsx") -> list[Path]:
    """Open files and save them as another kind into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [Path(file) for file in files]
    _office(folder / "profile", "--convert-to", kind, "--outdir", str(folder), *map(str, paths))
    shutil.rmtree(folder / "profile", ignore_errors=True)
    return [folder / f"{path.stem}.{kind}" for path in paths]


class Session:
    """Forms filled many times through their defined names, all in one start of the program."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._orders: list[str] = []

    def open(self, form: Path, reads: Iterable[tuple[str, str]]) -> None:
        """Open a form; ``reads`` are the sheets and cells whose text every filling returns."""
        self._orders += [f"OPEN\t{form.as_uri()}", *(f"READ\t{sheet}\t{cell}" for sheet, cell in reads)]

    def fill(self, record: str, values: Mapping[str, object]) -> None:
        """Fill the form from empty, calculate and read."""
        self._orders += [_order(name, value) for name, value in values.items()]
        self._orders.append(f"GO\t{record}")

    def close(self) -> None:
        """Close the form without saving."""
        self._orders.append("CLOSE")

    def run(self) -> dict[str, list[str]]:
        """Return what the cells showed, by record."""
        return _run(self._orders, self._folder)


def _order(name: str, value: object) -> str:
    if isinstance(value, date):
        value = (value - _EPOCH).days
    return f"SET\t{name}\t{'t' if isinstance(value, str) else 'n'}\t{value}"


def _run(orders: list[str], folder: Path) -> dict[str, list[str]]:
    folder.mkdir(parents=True, exist_ok=True)
    profile, results = folder / "profile", folder / "results.txt"
    results.write_text("", encoding="utf-8")
    (folder / "orders.txt").write_text("\n".join(orders) + "\n", encoding="utf-8")
    _office(profile, "--terminate_after_init")  # a first start would empty the library
    basic = profile / "user" / "basic"
    (basic / "Standard").mkdir(parents=True, exist_ok=True)
    macro = _MACRO.replace("{orders}", (folder / "orders.txt").as_uri()).replace("{results}", results.as_uri())
    (basic / "Standard" / "Module1.xba").write_text(_MODULE.format(escape(macro)), encoding="utf-8")
    (basic / "Standard" / "script.xlb").write_text(_LIBRARY, encoding="utf-8")
    (basic / "script.xlc").write_text(_LIBRARIES, encoding="utf-8")
    _office(profile, "macro:///Standard.Module1.Run")
    lines = results.read_text(encoding="utf-8").splitlines()
    found = {record: shown for record, *shown in (line.split("\t") for line in lines)}
    assert "FAILED" not in found, found["FAILED"]
    return found


def _office(profile: Path, *arguments: str) -> None:
    """Run LibreOffice in a process group of its own, so that a hanging one can be ended whole."""
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as office:
        try:
            office.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(office.pid, signal.SIGKILL)
            raise
    assert office.returncode == 0
