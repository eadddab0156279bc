"""What others may know of pictures: chat counts them, and says when it is enough.

Both are sent inside the transaction that writes the row, so what a receiver writes stands or falls
with it.
"""

from django.dispatch import Signal

# Before a picture is asked for, each time: user, model. A receiver may raise Refused.
picture_wanted = Signal()

# When a call for a picture has ended, however it did: picture, as its row now is; outcome, a final
# state or a code of errors.py; seconds.
picture_ended = Signal()
