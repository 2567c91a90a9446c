"""The pure core: facts, folds, intents and the one place of every hard limit."""
