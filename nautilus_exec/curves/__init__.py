"""Pure curves: apportionment, volume profiles, trajectories."""
