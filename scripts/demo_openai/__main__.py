import sys
from contextlib import suppress

from scripts.demo_openai.server import main

with suppress(KeyboardInterrupt):
    sys.exit(main())
