"""`python -m ocrx_cli`: the command `ocrx`, for where scripts are not on the path."""

from __future__ import annotations

import sys

from ocrx_cli.app import main

sys.exit(main())
