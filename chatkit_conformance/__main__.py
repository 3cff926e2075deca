"""`python -m chatkit_conformance` is `chatkit-conformance`."""

import sys

from .cli import main

sys.exit(main())
