"""Each kind of document, built from our rows, the links and the choices of an admin; see `compose.py`."""
