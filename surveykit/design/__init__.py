"""How the answers were sampled: designs by column names, and a survey that joins a frame to its design."""
