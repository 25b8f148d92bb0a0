"""Where things are in this checkout."""

import os
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
# Everything a running checkout writes: engines, secrets, collected files, the sandbox's state.
HOME = Path(os.environ.get("REGENTRA_HOME") or BASE / ".regentra").absolute()
