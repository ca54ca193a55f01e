"""SpatialMosaic model. Importing this package registers it with the `Auto*` classes of Transformers."""

from transformers import (
    AutoConfig,
    AutoImageProcessor,
    AutoModel,
    AutoModelForDepthEstimation,
    AutoModelForImageTextToText,
    AutoProcessor,
)

from .configuration_da3 import DA3_SIZES, SpatialMosaicDa3Config
from .configuration_pointmap import SpatialMosaicPointmapConfig
from .configuration_spatialmosaic import SpatialMosaicConfig
from .configuration_vggt import SpatialMosaicVggtConfig
from .geometry_encoders import GEOMETRY_ENCODERS, SpatialMosaicNoGeometryConfig
from .image_processing_spatialmosaic import SpatialMosaicImageProcessor
from .modeling_da3 import SpatialMosaicDa3Model
from .modeling_da3_heads import SpatialMosaicDa3ForReconstruction
from .modeling_pointmap import SpatialMosaicPointmapModel
from .modeling_spatialmosaic import SpatialMosaicForConditionalGeneration, SpatialMosaicModel
from .modeling_vggt import SpatialMosaicVggtModel
from .modeling_vggt_heads import SpatialMosaicVggtForReconstruction
from .processing_spatialmosaic import SpatialMosaicProcessor


# For users of this package.
AutoConfig.register(SpatialMosaicConfig.model_type, SpatialMosaicConfig)
AutoModel.register(SpatialMosaicConfig, SpatialMosaicModel)
AutoModelForImageTextToText.register(SpatialMosaicConfig, SpatialMosaicForConditionalGeneration)
AutoModelForDepthEstimation.register(SpatialMosaicDa3Config, SpatialMosaicDa3ForReconstruction)
AutoModelForDepthEstimation.register(SpatialMosaicVggtConfig, SpatialMosaicVggtForReconstruction)
AutoImageProcessor.register(SpatialMosaicConfig, image_processor_classes={"pil": SpatialMosaicImageProcessor})
AutoProcessor.register(SpatialMosaicConfig, SpatialMosaicProcessor)
for geometry_config, geometry_model in GEOMETRY_ENCODERS.values():
    AutoConfig.register(geometry_config.model_type, geometry_config)
    if geometry_model is not None:
        AutoModel.register(geometry_config, geometry_model)

# For saved folders: `save_pretrained` adds these files, so that `trust_remote_code=True` needs nothing installed.
SpatialMosaicConfig.register_for_auto_class()
SpatialMosaicModel.register_for_auto_class("AutoModel")
SpatialMosaicForConditionalGeneration.register_for_auto_class("AutoModelForImageTextToText")
SpatialMosaicImageProcessor.register_for_auto_class()
SpatialMosaicProcessor.register_for_auto_class()
SpatialMosaicDa3Config.register_for_auto_class()
SpatialMosaicDa3Model.register_for_auto_class("AutoModel")
SpatialMosaicDa3ForReconstruction.register_for_auto_class("AutoModelForDepthEstimation")
SpatialMosaicPointmapConfig.register_for_auto_class()
SpatialMosaicPointmapModel.register_for_auto_class("AutoModel")
SpatialMosaicVggtConfig.register_for_auto_class()
SpatialMosaicVggtModel.register_for_auto_class("AutoModel")
SpatialMosaicVggtForReconstruction.register_for_auto_class("AutoModelForDepthEstimation")


__all__ = [
    "DA3_SIZES",
    "GEOMETRY_ENCODERS",
    "SpatialMosaicConfig",
    "SpatialMosaicDa3Config",
    "SpatialMosaicDa3ForReconstruction",
    "SpatialMosaicDa3Model",
    "SpatialMosaicForConditionalGeneration",
    "SpatialMosaicImageProcessor",
    "SpatialMosaicModel",
    "SpatialMosaicNoGeometryConfig",
    "SpatialMosaicPointmapConfig",
    "SpatialMosaicPointmapModel",
    "SpatialMosaicProcessor",
    "SpatialMosaicVggtConfig",
    "SpatialMosaicVggtForReconstruction",
    "SpatialMosaicVggtModel",
]
