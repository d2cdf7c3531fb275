"""What is published: tables, their reliability and disclosure rules, plots, and the files that carry them."""
