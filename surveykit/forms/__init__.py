"""How it is asked: a questionnaire laid out as an Excel workbook or on paper."""
