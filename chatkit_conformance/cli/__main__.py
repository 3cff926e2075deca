"""`python -m chatkit_conformance.cli` is `chatkit-conformance`."""

import sys

from . import main

sys.exit(main())
