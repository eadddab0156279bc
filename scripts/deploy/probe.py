"""The health check of the container: fails unless Parlor takes work."""

import os
import sys
import urllib.error
import urllib.request

url = f"http://127.0.0.1:{os.environ.get('PORT', 8000)}/readyz/"
try:
    with urllib.request.urlopen(url, timeout=9) as response:
        print(response.read().decode())
except urllib.error.HTTPError as error:  # It says what is missing.
    sys.exit(error.read().decode())
except OSError as error:
    sys.exit(str(error))
