"""QuickBooks Online's accounting API."""
