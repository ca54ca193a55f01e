"""COLMAP models: cameras, poses, and the points that each photo saw. Read by pycolmap."""

from pathlib import Path, PurePosixPath

import numpy as np

from dataset_builder.schema import SAFE_NAME
from generation.geometry import Camera
from generation.scenes.base import SceneError
from generation.scenes.reprojection import Sightings


# Where the four numbers of `Camera.distortion` stand among the parameters of a camera model
DISTORTION = {
    "SIMPLE_PINHOLE": (),
    "PINHOLE": (),
    "SIMPLE_RADIAL": (3,),
    "RADIAL": (3, 4),
    "OPENCV": (4, 5, 6, 7),
}
# Points that are enough to judge one photo's pose
MAX_SIGHTINGS = 500


class ColmapModel:
    """The model in `folder`, which holds `cameras`, `images` and `points3D` as `.txt` or `.bin`.

    Raises:
        [`SceneError`]: pycolmap is not installed, or the model is missing or damaged.
    """

    def __init__(self, folder: Path):
        try:
            import pycolmap
        except ImportError as error:
            raise SceneError("Scans need pycolmap. Install it: pip install 'spatialmosaic[scans]'.") from error
        for name in ("cameras", "images", "points3D"):
            if not any((folder / f"{name}{ending}").is_file() for ending in (".txt", ".bin")):
                raise SceneError(f"{folder / name}.txt is missing. It is part of the poses; copy it again.")
        pycolmap.logging.minloglevel = 3  # its errors come as exceptions, too
        self.folder = folder
        try:
            self._model = pycolmap.Reconstruction(folder)
        except Exception as error:  # pycolmap passes on whatever its parsers stumble on
            raise SceneError(f"{folder} is not readable as a COLMAP model ({error}). Copy it again.") from error
        self._images = {}
        for image in self._model.images.values():
            name = PurePosixPath(image.name)
            if len(name.parts) != 1 or not SAFE_NAME.match(name.stem):
                raise SceneError(
                    f"{folder} has a photo named {image.name!r}, which is not a plain file name. Photos must lie in "
                    "their folder itself; use letters, digits, '_', '-' and '.'."
                )
            if image.has_pose:
                self._images[image.name] = image

    @property
    def names(self) -> list[str]:
        """File names of all photos with a pose, sorted."""
        return sorted(self._images)

    def camera(self, name: str) -> Camera:
        """Camera of a photo."""
        image = self._images[name]
        model = self._model.cameras[image.camera_id]
        if model.model_name not in DISTORTION:
            raise SceneError(
                f"{self.folder} has a camera of the model {model.model_name}. Use one of {', '.join(DISTORTION)}, or "
                "undistort the photos."
            )
        distortion = np.zeros(4)
        distortion[: len(DISTORTION[model.model_name])] = model.params[list(DISTORTION[model.model_name])]
        return Camera(
            width=model.width,
            height=model.height,
            intrinsics=np.array(model.calibration_matrix()),
            world_from_cam=np.vstack([image.cam_from_world().inverse().matrix(), [0, 0, 0, 1]]),
            distortion=distortion if distortion.any() else None,
        )

    def sightings(self, name: str) -> Sightings:
        """What a photo saw, in its own pixels; at most 500 points."""
        seen = self._images[name].get_observation_points2D()
        seen = seen[:: max(1, len(seen) // MAX_SIGHTINGS)]
        lost = [point.point3D_id for point in seen if point.point3D_id not in self._model.points3D]
        if lost:
            raise SceneError(
                f"{self.folder} lacks the point {lost[0]} that its photo {name!r} saw. The file of points (points3D) "
                "is cut short; copy it again."
            )
        return Sightings(
            pixels=np.array([point.xy for point in seen]).reshape(-1, 2),
            points=np.array([self._model.points3D[point.point3D_id].xyz for point in seen]).reshape(-1, 3),
        )

    def undistorted_sightings(self, name: str, camera: Camera) -> Sightings:
        """`sightings` in the pixels of a pinhole camera with the same pose."""
        seen = self.sightings(name)
        model = self._model.cameras[self._images[name].camera_id]
        plane = np.array(model.cam_from_img(seen.pixels)).reshape(-1, 2)
        return Sightings(camera.pixels_of(plane), seen.points)
