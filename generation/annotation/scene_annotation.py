"""All numbers about one scene: one frozen record of arrays, kept on disk."""

import io
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np

from dataset_builder.whole import write_file
from generation.annotation.overlap import pair_overlap
from generation.annotation.relations import AXES, distance_signs, interval_signs
from generation.geometry import Camera, extended_canvas


# Visibility classes (ANNOTATION section 1), for an image of 640 x 480 pixels
MIN_VISIBLE_PIXELS = 100
MIN_VISIBLE_SHARE = 0.1
MAX_ABSENT_PIXELS = 4
REFERENCE_PIXELS = 640 * 480
# A thing that moved more than this between two frames is at two places
MAX_MOVED_M = 0.5

ABSENT, UNCLEAR, VISIBLE = 0, 1, 2
VISIBILITY_NAMES = ("absent", "unclear", "visible")

# Why the masks of an instance in a frame are no more than a guess
SURE, TOO_FEW_POINTS, ONE_VIEW, OPEN_OUTLINE = 0, 1, 2, 3
NOT_LABELLED, UNSURE_PLACE, MARKED_HARD, HARDLY_ANY_POINTS, NOT_DRAWN, PARTLY_HIDDEN_SIGN = 4, 5, 6, 7, 8, 9
DOUBTS = (
    "",
    "too few points with depth",
    "seen in one frame only",
    "seen in part, and no frame shows how far it goes on",
    "where it stands at other times, it has no label",
    "too fast or too near for its place to be known",
    "marked as hard to make out",
    "hardly any lidar points on it or before it",
    "no single box drawn into the image is its own",
    "a sign hidden in part, and no box drawn to tell which part",
)


@dataclass(frozen=True, eq=False)
class SceneAnnotation:
    """The numbers of F frames and K instances of a scene; lengths in metres, boxes and counts in pixels.

    Args:
        scene_name (`str`), dataset (`str`), domain (`str`).
        method (`str`): how amodal masks were made; `"raycast"` for meshes, `"points"` where there are only fused
            points, `"boxes"` where there are only labelled boxes and lidar points.
        frame_ids (`np.ndarray` of shape `(F,)`): strings.
        image_sizes (`np.ndarray` of shape `(F, 2)`): width, height.
        intrinsics (`np.ndarray` of shape `(F, 3, 3)`), world_from_cam (`np.ndarray` of shape `(F, 4, 4)`).
        instance_ids (`np.ndarray` of shape `(K,)`), labels (`np.ndarray` of shape `(K,)`): askable instances only,
            unless the annotation was made with structure.
        box_centres (`np.ndarray` of shape `(K, 3)`): centres of the instances' upright boxes, world.
        amodal_pixels, visible_pixels, extended_pixels (`np.ndarray` of shape `(F, K)`): ANNOTATION section 1.
        amodal_box, visible_box (`np.ndarray` of shape `(F, K, 4)`): zeros where empty.
        depth_min_m, depth_mean_m (`np.ndarray` of shape `(F, K)`): camera Z over the visible mask, else NaN.
        centre_distance_m (`np.ndarray` of shape `(F, K)`): camera centre to box centre.
        nearest_m, mean_m (`np.ndarray` of shape `(F, K)`): camera centre to the surface, nearest point and mean.
        angles_deg (`np.ndarray` of shape `(F, K, 2, 2)`): see [`Extents`].
        surface_bits (`np.ndarray` of shape `(F, ceil(N / 8))`): visible surface samples, packed.
        distortion (`np.ndarray` of shape `(F, 4)` or `(F, 5)`, *optional*): k1, k2, p1, p2 and k3 of lenses; `None`
            for pinhole cameras.
        doubtful_pixels (`np.ndarray` of shape `(F, K, 2)`, *optional*): see [`FrameVisibility`]; `None` where the
            surfaces have no holes.
        doubts (`np.ndarray` of shape `(F, K)`, *optional*): why a mask is no more than a guess, index into `DOUBTS`.
        extent_error_m (`np.ndarray` of shape `(K,)`, *optional*): estimated error of each bound of the instance's
            extent, and so of sizes, centres and distances; 0 where surfaces are known all round.
        closest_m (`np.ndarray` of shape `(K, K)`, *optional*): distance between the closest points of two instances.
        longest_m (`np.ndarray` of shape `(K,)`, *optional*): see `sizes.longest_side`.
        centre_spread_m (`np.ndarray` of shape `(K,)`, *optional*): see `sizes.centre_spread_m`.
        frame_centres (`np.ndarray` of shape `(F, K, 3)`, *optional*): where things move, the centres of their boxes
            when each frame was taken, world; NaN where nobody knows. `box_centres` are then those of one moment.
        moments (`np.ndarray` of shape `(F,)`, *optional*): where things move, which frames were taken together.
    """

    scene_name: str
    dataset: str
    domain: str
    method: str
    frame_ids: np.ndarray
    image_sizes: np.ndarray
    intrinsics: np.ndarray
    world_from_cam: np.ndarray
    instance_ids: np.ndarray
    labels: np.ndarray
    box_centres: np.ndarray
    amodal_pixels: np.ndarray
    visible_pixels: np.ndarray
    extended_pixels: np.ndarray
    amodal_box: np.ndarray
    visible_box: np.ndarray
    depth_min_m: np.ndarray
    depth_mean_m: np.ndarray
    centre_distance_m: np.ndarray
    nearest_m: np.ndarray
    mean_m: np.ndarray
    angles_deg: np.ndarray
    surface_bits: np.ndarray
    distortion: np.ndarray | None = None
    doubtful_pixels: np.ndarray | None = None
    doubts: np.ndarray | None = None
    extent_error_m: np.ndarray | None = None
    closest_m: np.ndarray | None = None
    longest_m: np.ndarray | None = None
    centre_spread_m: np.ndarray | None = None
    frame_centres: np.ndarray | None = None
    moments: np.ndarray | None = None

    @cached_property
    def names(self) -> list[str]:
        """`labels` as plain strings, `(K,)`."""
        return self.labels.tolist()

    @cached_property
    def occlusion(self) -> np.ndarray:
        """Share of the amodal mask hidden by other things, `(F, K)`; NaN where the amodal mask is empty."""
        return _one_minus_share(self.visible_pixels, self.amodal_pixels)

    @cached_property
    def truncation(self) -> np.ndarray:
        """Share of the extended mask cut off by the image border, `(F, K)`; NaN where the extended mask is empty."""
        return _one_minus_share(self.amodal_pixels, self.extended_pixels)

    @cached_property
    def visibility(self) -> np.ndarray:
        """`ABSENT`, `UNCLEAR` or `VISIBLE` for every frame and instance, `(F, K)`.

        Where the pixels in doubt would make another class, or the masks of what is seen are a guess, it is `UNCLEAR`.
        """
        found = self._visibility_of(self.visible_pixels)
        guessed = np.zeros(found.shape, dtype=bool) if self.doubts is None else (self.doubts > 0) & (found != ABSENT)
        return np.where(self.in_doubt | guessed, UNCLEAR, found)

    @cached_property
    def in_doubt(self) -> np.ndarray:
        """Where holes of the mesh leave open what the frame shows: `bool` of shape `(F, K)`."""
        if self.doubtful_pixels is None:
            return np.zeros(self.visible_pixels.shape, dtype=bool)
        least = self._visibility_of(self.visible_pixels - self.doubtful_pixels[..., 0])
        most = self._visibility_of(self.visible_pixels + self.doubtful_pixels[..., 1])
        return least != most

    def _visibility_of(self, pixels: np.ndarray) -> np.ndarray:
        scale = self.image_sizes.prod(axis=1)[:, None] / REFERENCE_PIXELS
        share = pixels / np.maximum(self.amodal_pixels, np.maximum(pixels, 1))
        visible = (pixels >= MIN_VISIBLE_PIXELS * scale) & (share >= MIN_VISIBLE_SHARE)
        absent = pixels <= MAX_ABSENT_PIXELS * scale
        return np.where(visible, VISIBLE, np.where(absent, ABSENT, UNCLEAR))

    @cached_property
    def overlap(self) -> np.ndarray:
        """Overlap of every pair of frames in percent, `(F, F)`."""
        return pair_overlap(self.surface_bits)

    def camera(self, f: int) -> Camera:
        """Camera of frame index `f`."""
        width, height = (int(side) for side in self.image_sizes[f])
        lens = None if self.distortion is None or not self.distortion[f].any() else self.distortion[f]
        return Camera(width, height, self.intrinsics[f], self.world_from_cam[f], lens)

    @cached_property
    def directions(self) -> dict[str, np.ndarray]:
        """Where each instance lies from each other one in each frame's viewpoint (ANNOTATION section 4).

        Returns:
            For each axis, `int8` of shape `(F, K, K)`. At [f, a, b]: -1 when a is left of, higher than or closer than
            b; +1 when it is right of, lower than or farther than b; 0 when the direction is undefined.
        """
        signs = {axis: [] for axis in AXES}
        for f in range(len(self.frame_ids)):
            in_front = np.isfinite(self.angles_deg[f]).all(axis=(1, 2))  # (K,)
            in_canvas = in_front & self._centre_in_canvas(f) & (self.extended_pixels[f] > 0)
            for axis, sign, known in (
                ("lr", interval_signs(self.angles_deg[f, :, 0]), in_canvas),
                ("ab", interval_signs(self.angles_deg[f, :, 1]), in_canvas),
                ("fb", distance_signs(self.nearest_m[f], self.mean_m[f]), in_front),
            ):
                signs[axis].append(np.where(known[:, None] & known[None, :], sign, np.int8(0)))
        return {axis: np.array(per_frame) for axis, per_frame in signs.items()}

    def _centre_in_canvas(self, f: int) -> np.ndarray:
        camera = self.camera(f)
        pixels, depth_m = camera.project(self.box_centres if self.frame_centres is None else self.frame_centres[f])
        x0, y0, x1, y1 = extended_canvas(camera)
        return (depth_m > 0) & (pixels >= [x0, y0]).all(axis=1) & (pixels < [x1, y1]).all(axis=1)

    def save(self, path: Path) -> None:
        """Write to `path` (`.npz`), whole or not at all."""
        stored = {field.name: getattr(self, field.name) for field in fields(self)}
        stream = io.BytesIO()
        np.savez_compressed(stream, **{name: value for name, value in stored.items() if value is not None})
        write_file(path, stream.getvalue())

    @classmethod
    def load(cls, path: Path) -> "SceneAnnotation":
        """Read what `save` wrote."""
        with np.load(path) as stored:
            held = [field for field in fields(cls) if field.name in stored]
            return cls(**{f.name: str(stored[f.name]) if f.type is str else stored[f.name] for f in held})


def _one_minus_share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.where(whole > 0, 1.0 - part / np.maximum(whole, 1), np.nan)
