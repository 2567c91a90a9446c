"""Transaction cost analysis on Polars."""
