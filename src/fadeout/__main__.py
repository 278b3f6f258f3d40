"""``python -m fadeout`` is the same as the ``fadeout`` command."""

from fadeout.cli.main import main

if __name__ == "__main__":
    main()
