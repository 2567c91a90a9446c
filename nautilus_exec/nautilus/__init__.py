"""The NautilusTrader side: the only importer of the platform."""
