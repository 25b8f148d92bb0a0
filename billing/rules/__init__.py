"""What the books allow, as pure functions: no database, no clock, no framework."""
