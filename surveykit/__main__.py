"""``python -m surveykit`` is the command line."""

from surveykit.cli import main

main(prog_name="surveykit")
