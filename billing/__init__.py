"""Customers, work, invoices and payments: what is owed to an organization, and what came in."""
