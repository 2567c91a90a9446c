"""What a run cost, for people: the terminal, JSON and one self-contained page."""
