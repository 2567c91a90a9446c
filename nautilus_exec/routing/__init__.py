"""Pure routing over venues."""
