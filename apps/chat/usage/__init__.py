"""What calls of the model use and cost, and the limits.

`gate` and `limits` check before a call, `records` books it afterwards, `text_quota` bounds what is
stored.
"""
