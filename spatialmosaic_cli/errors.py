"""The one exception of this package: a command that cannot go on, for a reason that its message explains."""


class CommandError(Exception):
    """The message names what was found and the remedy."""
