"""Run in a fresh process that cannot import this project: load a converted VGGT in three ways, save what they give.

python vggt_reload_script.py MODEL_DIR IMAGES.safetensors OUTPUT.safetensors
"""

import sys

import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoImageProcessor, AutoModel, AutoModelForDepthEstimation


sys.modules["modeling_spatialmosaic"] = None  # importing it now fails, even where the project is installed
model_dir, images_file, output_file = sys.argv[1:]
images = load_file(images_file)["images"]

image_processor = AutoImageProcessor.from_pretrained(model_dir, trust_remote_code=True)
pixel_values = image_processor(Image.new("RGB", (90, 70)), return_tensors="pt").pixel_values
assert pixel_values.shape == (1, 3, 56, 70), pixel_values.shape  # 3.9 patches high at the model's width

aggregator = AutoModel.from_pretrained(model_dir, trust_remote_code=True)
assert type(aggregator).__name__ == "SpatialMosaicVggtModel"
model = AutoModelForDepthEstimation.from_pretrained(model_dir, trust_remote_code=True)
assert type(model).__name__ == "SpatialMosaicVggtForReconstruction"
with torch.no_grad():
    output = model(images)
    tokens = aggregator(images).last_hidden_state
tensors = {"tokens": tokens, "pose_encoding": output.pose_encodings[-1], "depth": output.depth}
save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, output_file)
