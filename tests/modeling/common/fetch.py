"""Fetch the model tests that Transformers runs on its own models, from the source package of the installed version.

python tests/modeling/common/fetch.py

They go into the virtual environment, where conftest.py finds them; without them these tests are skipped.
"""

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import transformers


FOLDER = Path(sys.prefix) / "share" / "transformers_tests" / transformers.__version__


def main() -> None:
    if FOLDER.is_dir():
        return
    with tempfile.TemporaryDirectory() as download:
        requirement = f"transformers=={transformers.__version__}"
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:", "--dest", download]
        subprocess.run([sys.executable, "-m", "pip", "download", *options, requirement], check=True)
        (archive,) = Path(download).glob("*.tar.gz")
        FOLDER.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER.parent) as unfinished, tarfile.open(archive) as tar:
            members = [member for member in tar if member.name.split("/")[1:2] == ["tests"]]
            tar.extractall(unfinished, members, filter="data")
            (tests,) = Path(unfinished).glob("*/tests")
            tests.rename(FOLDER)


if __name__ == "__main__":
    main()
