"""The one exception of this package for input that breaks a rule."""


class DatasetError(ValueError):
    """A folder, row or image that breaks a rule; the message names it, the finding and the remedy."""
