"""`python -m inrarch`."""

from __future__ import annotations

import sys

from inrarch.cli.main import main

sys.exit(main())
