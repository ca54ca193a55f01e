"""What one frame shows of one instance, in pixels, whichever way its masks were found."""

from dataclasses import dataclass

import numpy as np

from generation.geometry import Camera


@dataclass(frozen=True)
class Seen:
    """One instance in one frame, in pixels of the stored image.

    Args:
        visible, amodal, extended (`int`): pixels of the masks M, A and E of ANNOTATION section 1.
        box (`tuple` of 4 `int`, *optional*): tight box of M, ends exclusive; `None` where M is empty.
        in_doubt (`tuple` of 2 `int`): pixels of M that holes in the scan may give it wrongly, and that they may take.
        guessed (`bool`): A is no more than a guess, so that nobody knows how much of it M is.
    """

    visible: int
    amodal: int
    extended: int
    box: tuple[int, int, int, int] | None
    in_doubt: tuple[int, int] = (0, 0)
    guessed: bool = False

    @classmethod
    def of_masks(cls, visible: np.ndarray, amodal: np.ndarray, beyond: int, guessed: bool = False) -> "Seen":
        """From M and A, both `(H, W)`, and the number of pixels that E has beyond the image."""
        rows, columns = np.nonzero(visible)
        box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if len(rows) else None
        return cls(
            visible=int(visible.sum()),
            amodal=int(amodal.sum()),
            extended=int(amodal.sum() + beyond),
            box=box and tuple(int(side) for side in box),
            guessed=guessed,
        )

    @property
    def occlusion(self) -> float | None:
        return 1 - self.visible / self.amodal if self.amodal else None

    @property
    def truncation(self) -> float | None:
        return 1 - self.amodal / self.extended if self.extended else None

    @property
    def centre(self) -> tuple[int, int]:
        """Column and row of the pixel that holds the centre of the box."""
        x0, y0, x1, y1 = self.box
        return (x0 + x1) // 2, (y0 + y1) // 2


def canvas(camera: Camera) -> tuple[int, int, int, int]:
    """The canvas of twice the size, as a box in pixels of the image: its principal point is the image's doubled."""
    x0, y0 = -round(camera.intrinsics[0, 2]), -round(camera.intrinsics[1, 2])
    return x0, y0, x0 + 2 * camera.width, y0 + 2 * camera.height
