"""Commands in this process, as in the tests of the command line."""

from tests.cli.conftest import command as command  # noqa: PLC0414 - a fixture of these tests too
