"""Entry point of the group `lmms_eval.models`: what lmms-eval must know of the plugin before it is used."""

from lmms_eval.models.registry_v2 import ModelManifest


MANIFEST = ModelManifest("spatialmosaic", chat_class_path="dataset_builder.bench.lmms_eval.model.SpatialMosaic")
