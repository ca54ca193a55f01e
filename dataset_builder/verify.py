"""`spatialmosaic verify`: is the user's own copy of a source the one that the questions were made from?"""

from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from dataset_builder.errors import DatasetError
from dataset_builder.photos import check_copy, read_photos


@dataclass(frozen=True, kw_only=True)
class VerifySettings:
    """Compare your copy of a source whose photos are not part of a dataset with what the questions were made from.

    Names every photo that is missing, cannot be read, or has another size; ends with an error if there are any. Photos
    of the same size with other bytes (decoded from a video by another program, say) are named too.
    """

    folder: Path = field(metadata={"help": "Dataset folder.", "positional": True})
    images_root: Path = field(metadata={"help": "Your copy of the source."})


def run_verify(settings: VerifySettings) -> None:
    """Print what differs.

    Raises:
        [`DatasetError`]: photos are missing or do not fit, or there are none to compare.
    """
    photos = read_photos(settings.folder)
    findings = list(check_copy(settings.images_root, photos))
    console = Console(soft_wrap=True)
    for finding in findings:
        console.print(f"{'/'.join(finding.key)} {finding.text}.", highlight=False)
    wrong = sum(not finding.fits for finding in findings)
    console.print(
        f"{len(photos):,} photos: {len(photos) - len(findings):,} as they were, {len(findings) - wrong:,} with other "
        f"bytes, {wrong:,} missing or unfit."
    )
    if wrong:
        raise DatasetError(
            f"{settings.images_root} lacks {wrong:,} of {len(photos):,} photos as the questions need them; they are "
            "named above. Get them from the source again."
        )
