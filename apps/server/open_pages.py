"""Pages that stay open: what is awaited arrives as late HTML, without any script."""

import re

from django.http import StreamingHttpResponse

CUT = "<!-- cut -->"  # Marks in the template where the page is cut; text is escaped, so only there.

# They know no style sheets, so what a later part hides would stand there twice; and they show
# a page when it is complete. They get what was awaited in its final form only.
TEXT_BROWSERS = re.compile(r"\b(w3m|lynx|e?links|edbrowse|netrik|retawq)\b", re.IGNORECASE)


def keep_flowing(response: StreamingHttpResponse) -> StreamingHttpResponse:
    response["Content-Encoding"] = "identity"  # A compressor would hold words back,
    response["X-Accel-Buffering"] = "no"  # and so would nginx.
    return response
