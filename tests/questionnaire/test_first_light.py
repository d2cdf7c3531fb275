import json
import subprocess
import sys

from surveykit.documents import shipped
from surveykit.expressions import meaning
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.scope import scope_of, symbol_of


def test_the_first_instrument_loads_by_id_and_by_path():
    by_id = load_questionnaire("first-light")
    by_path = load_questionnaire(shipped("questionnaires") / "first-light.json")
    assert by_id == by_path
    assert by_id.id == "first-light"
    assert by_id.top.key == "ID"


def test_a_definition_given_as_a_value_equals_the_one_read_from_its_file():
    document = json.loads((shipped("questionnaires") / "first-light.json").read_text(encoding="utf-8"))
    assert load_questionnaire(document).structure_hash == load_questionnaire("first-light").structure_hash


def test_the_compiled_document_is_itself_a_definition_with_the_same_hashes():
    first = load_questionnaire("first-light")
    again = load_questionnaire(first.document)
    assert (again.structure_hash, again.text_hash) == (first.structure_hash, first.text_hash)


def test_a_section_relevance_is_joined_to_its_items():
    item = load_questionnaire("first-light").item("K_BPMED")
    assert item.relevant == "(age >= 18) and (DI1_dg == 1)"


def test_questions_are_numbered_by_section_and_order_and_computed_items_are_not():
    instrument = load_questionnaire("first-light")
    assert instrument.item("HE_wt").number == "C2"
    assert instrument.item("HE_BMI").number == ""


def test_missing_codes_keep_their_kind_for_each_item():
    instrument = load_questionnaire("first-light")
    assert instrument.item("HE_prg").missing_codes == {8: "na", 9: "dk"}
    assert instrument.item("HE_ht").missing_codes == {888: "na", 999: "dk"}
    assert instrument.item("sex").missing_codes == {}


def test_the_design_names_columns_that_items_make():
    instrument = load_questionnaire("first-light")
    columns = {item.var for item in instrument.items}
    assert {"kstrata", "psu", "wt_itvex"} <= columns
    assert instrument.design["nest"] is True


def test_every_rule_compiles_in_the_scope_of_its_unit():
    instrument = load_questionnaire("first-light")
    scope = scope_of(instrument, "person")
    typed = meaning.compile("age >= 18 and HE_prg is dk", scope, gives="boolean")
    assert typed.names == {"age", "HE_prg"}
    assert scope.today == "K_DATE"


def test_a_symbol_knows_codes_missing_codes_and_number():
    symbol = symbol_of(load_questionnaire("first-light").item("sex"))
    assert symbol.kind == "code"
    assert symbol.codes[2]["ko"] == "여자"
    assert symbol.number == "B1"


def test_reading_a_definition_does_not_import_pandas():
    code = "import sys; import surveykit.questionnaire.definition as d; d.load_questionnaire('first-light'); "
    code += "print('pandas' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
