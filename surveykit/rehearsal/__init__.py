"""The demonstrations: the whole road walked with real or simulated answers."""
