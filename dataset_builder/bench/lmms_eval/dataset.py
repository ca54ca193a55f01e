"""Where the tasks find their dataset; task files cannot read the environment, so they take it from here."""

import os

from dataset_builder.errors import DatasetError


VARIABLE = "SPATIALMOSAIC_DATASET"
PATH = os.environ.get(VARIABLE)
if not PATH:
    raise DatasetError(
        f"The tasks do not know their dataset: the environment variable {VARIABLE} is not set. Set it to a folder "
        "made by `spatialmosaic generate`, or to the id of such a dataset on the Hub."
    )
