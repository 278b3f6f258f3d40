"""What lies apart from the data, in ``FADEOUT_KEYS``: the HMAC key and the tokens of the erased."""
