"""The verbs of the command exec-nt, one file each."""
