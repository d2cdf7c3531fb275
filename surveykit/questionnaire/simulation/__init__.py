"""Made-up answers that obey a questionnaire."""
