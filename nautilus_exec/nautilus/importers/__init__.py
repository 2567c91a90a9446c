"""Market data from files into a catalog of the platform, column by column."""
