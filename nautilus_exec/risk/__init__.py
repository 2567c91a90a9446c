"""Pure pre-trade risk."""
