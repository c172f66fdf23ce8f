"""`python -m filmgate`."""

import sys

from filmgate.cli import main

sys.exit(main())
