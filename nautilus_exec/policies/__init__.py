"""Pure execution policies: facts in, intent out."""
