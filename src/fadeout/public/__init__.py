"""The pages for everybody: no sign-in, no session; each reads a request, makes one call, shows the answer."""
