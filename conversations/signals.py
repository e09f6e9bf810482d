"""What others, who stand on conversations, may wait for.

The one place where the product uses signals: a reply that has ended may be a part of something that `conversations`
knows nothing of.
"""

from django.dispatch import Signal

# Sent within the transaction that ends a reply, however it ends, by the worker or where a waiting one is stopped.
# Arguments: `conversation` (its id) and `about` (the conversation's metadata, so that nobody has to ask for it).
reply_ended = Signal()
