"""What is asked: structure, definition, lint, comparison, codebook, indicators and scores."""
