"""What others may know of pictures: chat counts them, says when it is enough, and shows some.

All are sent inside the transaction that writes the row, so what a receiver writes stands or falls
with it.
"""

from django.dispatch import Signal

# Before a picture is asked for, each time: user, model. A receiver may raise Refused.
picture_wanted = Signal()

# Just before the service is called for it: picture. A receiver may raise GatewayError.
picture_begins = Signal()

# When the state of a picture has changed, but to be tried again: picture, as its row now is.
picture_changed = Signal()

# When a call for a picture has ended, however it did: picture, as its row now is; outcome, a final
# state or a code of errors.py; seconds.
picture_ended = Signal()
