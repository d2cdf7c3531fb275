"""What each answer counts for: from selection probabilities to calibrated weights, with a record of every step."""
