"""What the answers say: every estimate is a score, every score has the same variance."""
