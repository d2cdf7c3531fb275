"""Scores that are more than an expression: growth, filtration, altitude, Rasch models, wealth, nutrients."""
