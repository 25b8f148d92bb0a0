"""Ours ↔ theirs, one file for each kind of document; pure."""
