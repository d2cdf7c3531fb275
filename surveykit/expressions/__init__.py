"""The one language of skips, checks, indicators and subpopulations, with one meaning in every backend."""
