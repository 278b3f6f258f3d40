"""The ``fadeout`` command: reads a request, makes one domain call, shows the answer."""
