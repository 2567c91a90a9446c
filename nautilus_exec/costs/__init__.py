"""Pure cost and slippage models."""
