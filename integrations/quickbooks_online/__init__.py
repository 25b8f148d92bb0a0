"""QuickBooks Online. What leaves this package are documents and errors, never the vendor's objects."""
