"""Who is asked: sample size, allocation, frame, selection, one respondent a household."""
