"""Execution algorithms, routing and transaction cost analysis on NautilusTrader v2."""
