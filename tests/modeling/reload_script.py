"""Run in a fresh process that cannot import this project: load a saved folder, use it, save it again.

python reload_script.py MODEL_DIR IMAGE... OUTPUT_DIR
"""

import sys

import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModel, AutoModelForImageTextToText, AutoProcessor, pipeline


sys.modules["modeling_spatialmosaic"] = None  # importing it now fails, even where the project is installed
model_dir, *images, output_dir = sys.argv[1:]
images = [Image.open(path) for path in images]

for auto_class in (AutoConfig, AutoProcessor, AutoModelForImageTextToText):
    try:
        auto_class.from_pretrained(model_dir, trust_remote_code=False)
    except ValueError as error:
        assert "custom code" in str(error), error
    else:
        raise AssertionError(f"{auto_class.__name__} must ask before it runs code of the folder")

config = AutoConfig.from_pretrained(model_dir, trust_remote_code=True)
assert type(config).__name__ == "SpatialMosaicConfig"
model = AutoModelForImageTextToText.from_pretrained(model_dir, trust_remote_code=True)
processor = AutoProcessor.from_pretrained(model_dir, trust_remote_code=True)

views = [
    part
    for k, image in enumerate(images, start=1)
    for part in ({"type": "text", "text": f"Frame {k}:"}, {"type": "image", "image": image})
]
messages = [{"role": "user", "content": [*views, {"type": "text", "text": "How many chair(s) are visible?"}]}]
inputs = processor.apply_chat_template(
    messages, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
)
with torch.no_grad():
    logits = model(**inputs).logits
settings = {"max_new_tokens": 4, "min_new_tokens": 4}
generated = model.generate(**inputs, **settings)[:, inputs.input_ids.shape[1] :]

base_model = AutoModel.from_pretrained(model_dir, trust_remote_code=True)
with torch.no_grad():
    assert torch.equal(base_model(**inputs).last_hidden_state @ model.lm_head.weight.T, logits)

ask = pipeline("image-text-to-text", model=model_dir, trust_remote_code=True)
reply = ask(text=messages, generate_kwargs=settings, return_full_text=False)[0]["generated_text"]
assert reply == processor.decode(generated[0], skip_special_tokens=True), reply

model.save_pretrained(output_dir)
processor.save_pretrained(output_dir)
tensors = {**dict(model.named_parameters()), **dict(model.named_buffers()), **inputs}
tensors |= {"logits": logits, "generated": generated}
save_file({name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}, f"{output_dir}/seen.st")
