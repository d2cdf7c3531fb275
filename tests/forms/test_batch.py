"""A booklet a sampled household: prefilled, resumable, the same bytes, addresses apart."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from forms_households import serial

from surveykit.errors import FormError
from surveykit.forms.batch import ADDRESSES, MANIFEST, write_batch
from surveykit.forms.inspection import inspect_form
from surveykit.forms.sample import luhn_digit, read_sample
from surveykit.forms.workbook import write_form
from surveykit.returns.intake import read_returned
from surveykit.returns.value_checks import luhn

HOUSEHOLDS = 12


@pytest.fixture
def sample(tmp_path) -> Path:
    path = tmp_path / "sample.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["serial", "cluster", "K_PROV", "address", "head"])
        for number in range(HOUSEHOLDS):
            county = f"street {number} & <house>"
            writer.writerow([serial(number), f"00{number // 6}", 1 + number % 2, county, "Kim"])
    return path


def test_a_batch_writes_what_write_form_writes(sample, tmp_path, household_form):
    batch = write_batch(household_form, sample, tmp_path / "forms", language="ko")
    assert batch.written == len(batch.files) == HOUSEHOLDS
    single = tmp_path / "single.xlsx"
    prefill = {"K_SERIAL": serial(3), "K_CLUSTER": "000", "K_PROV": 2}
    write_form(household_form, single, language="ko", prefill=prefill)
    assert batch.files[3].read_bytes() == single.read_bytes()
    assert str(inspect_form(batch.files[3])) == ""


def test_the_booklets_of_a_batch_say_whose_they_are(sample, tmp_path, household_form):
    batch = write_batch(household_form, sample, tmp_path / "forms")
    book = openpyxl.load_workbook(batch.files[7])
    assert {one.name: one.value for one in book.custom_doc_props.props}["surveykit.serial"] == serial(7)
    assert book["A Cover"]["D5"].value == serial(7)
    assert book["A Cover"]["D7"].value == "2 North Hamgyong"
    _, findings = read_returned([batch.files[7]], household_form)
    assert not findings.errors


def test_addresses_stand_on_tear_off_sheets_and_in_no_booklet(sample, tmp_path, household_form):
    batch = write_batch(household_form, sample, tmp_path / "forms")
    assert [path.parent.name for path in batch.addresses] == [ADDRESSES, ADDRESSES]
    texts = {cell.value for row in openpyxl.load_workbook(batch.addresses[1]).active for cell in row}
    assert {"street 6 & <house>", "Kim", f"Serial {serial(6)}"} <= texts
    with zipfile.ZipFile(batch.files[6]) as archive:
        assert not any(b"street" in archive.read(name) for name in archive.namelist())


def test_an_interrupted_batch_goes_on_and_the_second_run_writes_nothing(sample, tmp_path, household_form):
    class StopError(Exception): ...

    def stop_at_five(done: int, total: int) -> None:
        assert total == HOUSEHOLDS
        if done == 5:
            raise StopError

    folder = tmp_path / "forms"
    with pytest.raises(StopError):
        write_batch(household_form, sample, folder, progress=stop_at_five)
    assert len(list(folder.glob("*.xlsx"))) == 5
    assert write_batch(household_form, sample, folder).written == HOUSEHOLDS - 5
    before = {path: path.read_bytes() for path in folder.glob("*.xlsx")}
    assert write_batch(household_form, sample, folder).written == 0
    assert {path: path.read_bytes() for path in folder.glob("*.xlsx")} == before
    assert not list(folder.glob(".*"))


def test_a_booklet_that_somebody_changed_is_kept(sample, tmp_path, household_form):
    folder = tmp_path / "forms"
    first = write_batch(household_form, sample, folder)
    first.files[2].write_bytes(b"filled by an interviewer")
    first.files[3].unlink()
    again = write_batch(household_form, sample, folder)
    assert again.findings.codes == {"forms-batch-kept": 1}
    assert first.files[2].read_bytes() == b"filled by an interviewer"
    assert again.written == 1


def test_a_new_sample_makes_new_booklets_of_untouched_ones(sample, tmp_path, household_form):
    folder = tmp_path / "forms"
    write_batch(household_form, sample, folder)
    sample.write_text(sample.read_text(encoding="utf-8").replace("001,", "009,"), encoding="utf-8")
    assert write_batch(household_form, sample, folder).written == HOUSEHOLDS // 2


def test_every_wrong_row_of_a_sample_is_reported_at_once(household_form):
    good = {"serial": serial(1), "cluster": "1", "K_PROV": "1", "K_DATE": "2025-01-01"}
    rows = [good, good, {**good, "serial": ""}, {**good, "serial": serial(2), "K_PROV": "9"}]
    rows += [
        {**good, "serial": "000011"},
        {**good, "serial": "12"},
        {**good, "serial": serial(5), "K_DATE": "2.1.2025"},
    ]
    rows += [{**good, "serial": serial(6), "cluster": "x" * 9}]
    with pytest.raises(FormError) as error:
        read_sample(pd.DataFrame(rows), household_form)
    assert error.value.findings.codes == {"forms-sample-value": 5, "forms-sample-no-serial": 1, "forms-sample-twice": 1}


def test_a_sample_without_serials_or_without_a_file_is_refused(tmp_path, household_form):
    with pytest.raises(FormError) as error:
        read_sample(pd.DataFrame({"cluster": ["1"]}), household_form)
    assert error.value.findings.codes == {"forms-sample-no-serial": 1}
    with pytest.raises(FormError) as error:
        read_sample(tmp_path / "nowhere.csv", household_form)
    assert error.value.findings.codes == {"forms-sample-unreadable": 1}


def test_the_manifest_names_every_booklet(sample, tmp_path, household_form):
    batch = write_batch(household_form, sample, tmp_path / "forms")
    with (tmp_path / "forms" / MANIFEST).open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["file"] for row in rows] == [path.name for path in batch.files]


def test_check_digits_pass_the_check_of_returned_answers():
    for number in range(500):
        digits = f"{number * 7919:06d}"
        assert luhn(digits + luhn_digit(digits))
        assert not luhn(digits + str((int(luhn_digit(digits)) + 1) % 10))
    assert luhn_digit("7992739871") == "3"  # the worked example of ISO/IEC 7812-1, annex B


def test_what_a_sample_file_says_of_its_stages_leads_to_no_door(sample, tmp_path, household_form):
    table = pd.read_csv(sample, dtype=str).assign(probability_1="0.01", weight="100", method_1="simple", seed_1="7")
    batch = write_batch(household_form, table, tmp_path / "forms")
    texts = {cell.value for row in openpyxl.load_workbook(batch.addresses[0]).active for cell in row}
    assert not {"probability_1", "weight", "method_1", "seed_1", "simple", "0.01"} & texts
