"""Makes the library's model tests importable as `transformers_tests`, where fetch.py has put them."""

import sys
from pathlib import Path
from types import ModuleType

import transformers


FOLDER = Path(sys.prefix) / "share" / "transformers_tests" / transformers.__version__
# Modules that the source package leaves out, with the empty classes that stand in for theirs
LEFT_OUT = {
    "transformers_tests.exporters": {},
    "transformers_tests.exporters.test_export": {"ExportTesterMixin": type("ExportTesterMixin", (), {})},
    "transformers_tests.generation": {},
    "transformers_tests.generation.test_utils": {"GenerationTesterMixin": type("GenerationTesterMixin", (), {})},
}

if FOLDER.is_dir():
    for name, contents in {"transformers_tests": {}, **LEFT_OUT}.items():
        module = ModuleType(name)
        module.__path__ = [str(FOLDER)] if name == "transformers_tests" else []
        vars(module).update(contents)
        sys.modules[name] = module


def pytest_configure(config):
    for kind in (
        "accelerate_tests",
        "flash_attn_test",
        "flash_attn_3_test",
        "flash_attn_4_test",
        "torch_compile_test",
    ):
        config.addinivalue_line("markers", f"{kind}: set by the library's tests")
