"""``python -m crm_core …``: make the environment if needed, then do as asked.

Standard library only, and syntax an older Python can still read, so that a
Python that is too old hears a sentence instead of a traceback.
"""

from __future__ import annotations

import sys

from crm_core.bootstrap import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
