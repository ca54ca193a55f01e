"""`transformers serve` for models of this package: an OpenAI-compatible server, with every option of the original.

python -m modeling_spatialmosaic.serve FOLDER --port 8000

The stock command loads no custom code, whatever its `--trust-remote-code` says: Transformers 5.23 takes the model's
class from its own module, and looks the name up in its own list of classes that see images. So both get it here.
"""

import transformers
import typer
from transformers.cli.serve import Serve
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

from . import SpatialMosaicConfig, SpatialMosaicForConditionalGeneration


if __name__ == "__main__":
    name = SpatialMosaicForConditionalGeneration.__name__
    setattr(transformers, name, SpatialMosaicForConditionalGeneration)
    MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES[SpatialMosaicConfig.model_type] = name
    typer.run(Serve)
