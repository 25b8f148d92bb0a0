"""Spends what the vendor allows: requests a second and a minute, batches a minute, metered reads a month."""
