"""The quick reader of plain rows and the reader of events see the same cells, whatever stands in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus import bricks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveykit.errors import ReturnsError
from surveykit.returns.tokens import QuickRows, plain_strings, plain_text
from surveykit.returns.xlsx import open_xlsx

FORMATS = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
STYLES = f'{bricks.HEAD}<styleSheet xmlns="{bricks.MAIN}">{FORMATS}</styleSheet>'.encode()

CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
TEXT = st.text(CHARACTERS, max_size=12)
RICH = "<r><rPr><b/></rPr><t>a</t></r><r><t xml:space='preserve'> b</t></r>"
NUMBER = st.sampled_from(["0", "1", "-2", "3.5", "1E5", "1e309", "abc", "44000", "60", "12345678901234567890", "0.1"])
CELLS = st.one_of(
    st.none(),
    TEXT,
    st.sampled_from(["", " ", "<b>", "a&b", "_x0041_", "=1+1", 'quote"', "]]>", "&#65;"]),
    NUMBER.map(lambda text: bricks.raw(f'<c r="{{r}}"><v>{text}</v></c>')),
    NUMBER.map(lambda text: bricks.raw(f'<c r="{{r}}" s="1"><v>{text}</v></c>')),
    NUMBER.map(lambda text: bricks.raw(f'<c r="{{r}}" t="s"><v>{text}</v></c>')),
    NUMBER.map(lambda text: bricks.raw(f'<c r="{{r}}"><f>A1&amp;1</f><v>{text}</v></c>')),
    st.sampled_from(
        [
            bricks.raw('<c r="{r}" s="1"/>'),
            bricks.raw('<c r="{r}" t="n"></c>'),
            bricks.raw('<c r="{r}" t="b"><v>1</v></c>'),
            bricks.raw('<c r="{r}" t="e"><v>#N/A</v></c>'),
            bricks.raw('<c r="{r}" t="e"/>'),
            bricks.raw('<c r="{r}" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
            bricks.raw('<c r="{r}" t="str"><f>"x"</f><v>x&lt;y</v></c>'),
            bricks.raw('<c r="{r}"><f aca="false">A1</f><v></v></c>'),
            bricks.raw('<c r="{r}"><f>A1</f></c>'),
            bricks.raw('<c r="{r}" t="d"><v>2026-03-02</v></c>'),
            bricks.raw(f'<c r="{{r}}" t="inlineStr"><is>{RICH}</is></c>'),
            bricks.raw('<c r="{r}" t="inlineStr"><is><t>a</t><rPh sb="0" eb="1"><t>x</t></rPh></is></c>'),
            bricks.raw('<c r="{r}" t="inlineStr"><is><t>line\r\nline\rline</t></is></c>'),
            bricks.raw('<c t="s" r="{r}"><v>0</v></c>'),
            bricks.raw('<c r="{r}" vm="1"><v>4</v></c>'),
        ]
    ),
)
SHEETS = st.dictionaries(
    st.integers(1, 40), st.dictionaries(st.integers(1, 60), CELLS, max_size=6), min_size=0, max_size=8
)


def read(path: Path, xml: bytes, wanted: frozenset[int] | None = None) -> object:
    parts = bricks.book_parts({"Main": xml}, styles=STYLES)
    path.write_bytes(bricks.pack(parts))
    with open_xlsx(path) as book:
        try:
            return list(book.sheets[0].read(wanted))
        except ReturnsError as error:
            return [finding.code for finding in error.findings]


@settings(
    max_examples=150, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=SHEETS)
def test_both_readers_agree_on_every_sheet(tmp_path, rows):
    xml = bricks.sheet_xml(rows)
    by_events = xml.replace(b"<sheetData>", b"<sheetData ><!-- not plain -->")
    piecemeal = xml.replace(b"</row>", b"<!-- --></row>", 1)
    plain = read(tmp_path / "a.xlsx", xml)
    assert plain == read(tmp_path / "b.xlsx", by_events)
    assert plain == read(tmp_path / "c.xlsx", piecemeal)
    if isinstance(plain, list) and all(isinstance(row, tuple) for row in plain):
        some = frozenset({1, 3, 7, 20})
        kept = [(row, {column: value for column, value in cells.items() if column in some}) for row, cells in plain]
        assert [row for row in kept if row[1]] == read(tmp_path / "d.xlsx", xml, some)
        assert [row for row in kept if row[1]] == read(tmp_path / "e.xlsx", by_events, some)


def test_the_quick_reader_takes_what_spreadsheet_programs_write(tmp_path):
    taken: list[bool] = []
    original = QuickRows.scan

    def noted(self, text: str, row: int) -> object:
        found = original(self, text, row)
        taken.append(found is not None)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuickRows, "scan", noted)
        read(tmp_path / "a.xlsx", bricks.sheet_xml({1: {1: "a", 2: 3.5}, 2: {1: bricks.raw('<c r="{r}" s="1"/>')}}))
    assert taken == [True]


@pytest.mark.parametrize(
    "hidden",
    [
        '<!--</is></c><c r="B1"><v>9</v></c>-->',
        '<![CDATA[</t></is></c><c r="B1"><v>9</v></c>]]>',
        '<?x </t></is></c><c r="B1"><v>9</v></c>?>',
    ],
)
def test_cells_hidden_in_comments_are_no_cells(tmp_path, hidden):
    cell = bricks.raw(f'<c r="{{r}}" t="inlineStr"><is><r><t>a{hidden}</t></r></is></c>')
    found = read(tmp_path / "a.xlsx", bricks.sheet_xml({1: {1: cell}}))
    assert isinstance(found, list)
    assert set(found[0][1]) == {1}


def test_rows_hidden_before_the_rows_are_no_rows(tmp_path):
    fake = b'<!--<sheetData><row r="1"><c r="A1"><v>9</v></c></row></sheetData>-->'
    xml = bricks.sheet_xml({1: {1: 4}}).replace(b"<sheetData>", fake + b"<sheetData>")
    assert read(tmp_path / "a.xlsx", xml) == [(1, {1: 4})]


def test_shared_strings_are_plain_or_left_to_the_events():
    head = f'<?xml version="1.0"?>\n<sst xmlns="{bricks.MAIN}" count="3">'
    assert plain_strings(
        f"{head}<si><t>a</t></si><si><r><t>b</t></r><r><t> c</t></r></si><si><t/></si></sst>".encode()
    ) == [
        "a",
        "b c",
        "",
    ]
    for odd in ("<!-- -->", "<si><rPh><t>x</t></rPh></si>", "<si><t>a</t><x/></si>", "text"):
        assert plain_strings(f"{head}{odd}</sst>".encode()) is None


def test_character_references_are_those_of_xml_and_no_others():
    assert plain_text("&lt;&#65;&#x42;&amp;lt;&apos;") == "<AB&lt;'"
    assert plain_text("&#128;") == "\x80"
