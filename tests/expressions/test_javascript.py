"""JavaScript functions mean what the reference means; run by Node."""

from __future__ import annotations

import json
import subprocess
from datetime import date, timedelta

import generated
import pytest
import test_differential as differential

from surveykit.expressions import javascript, meaning

EPOCH = date(1970, 1, 1)
SCRIPT = """
const answers = %s;
const today = %s;
const functions = [%s];
const results = functions.map((one) => answers.map(([record, rows]) => one(record, {members: rows}, today)));
process.stdout.write(JSON.stringify(results));
"""


def run(tmp_path, functions, answers, today):
    script = tmp_path / "script.js"
    body = SCRIPT % (json.dumps(answers, default=str), json.dumps(str(today)), ",\n".join(functions))
    script.write_text(javascript.runtime() + body, encoding="utf-8")
    done = subprocess.run(["node", str(script)], check=True, capture_output=True, timeout=120)
    return json.loads(done.stdout)


@pytest.mark.wants_node
def test_functions_agree_with_the_reference(tmp_path):
    answers = list(zip(*differential.answers(), strict=True))
    cases = differential.cases()
    found = run(tmp_path, [javascript.function(one) for one in cases], answers, generated.TODAY)
    expected = differential.expected()
    wrong = [
        (one.text, row, theirs, ours)
        for one, values, wanted in zip(cases, found, expected, strict=True)
        for row, (theirs, ours) in enumerate(zip(values, wanted, strict=True))
        if theirs is not ours
    ]
    assert wrong == []


@pytest.mark.wants_node
def test_values_agree_with_the_reference(tmp_path):
    answers = list(zip(*differential.answers(), strict=True))
    cases, expected = differential.calculated()
    found = run(tmp_path, [javascript.function(one) for one in cases], answers, generated.TODAY)
    days = [
        [EPOCH + timedelta(days=value) if one.kind == "date" and value is not None else value for value in values]
        for one, values in zip(cases, found, strict=True)
    ]
    assert differential.unlike(cases, days, expected) == []


def test_no_text_can_leave_its_quotes():
    scope = meaning.scope([meaning.Symbol(name='x"];alert(1)//</script>', kind="text")])
    written = javascript.function(meaning.compile("`x\"];alert(1)//</script>` == '</script><!--'", scope))
    assert "</script" not in written
    assert '["x\\"];alert(1)//\\u003c/script\\u003e"]' in written
