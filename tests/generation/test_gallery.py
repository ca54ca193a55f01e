"""The gallery: what its pictures show, and that the same seed gives the same."""

import numpy as np
import pytest
from PIL import Image

from generation.gallery import __main__ as gallery
from generation.gallery import scenes
from generation.gallery.sheets import captioned, grid
from generation.gallery.studio import SETTINGS, cameras_of, portraits
from generation.rendering.renderer import SceneRenderer
from generation.rng import stage_rng
from generation.scenes import open_source
from generation.scenes.procedural.catalogue import CATEGORIES
from generation.settings import SourceSettings


SIZE = (50, 60)


def test_every_sheet_is_there_and_the_same_again(tmp_path):
    some = {label: CATEGORIES[label] for label in ("mug", "dining chair")}
    for name in ("one", "two"):
        gallery.write_gallery(tmp_path / name, 5, some, sources=[])
    files = sorted(str(path.relative_to(tmp_path / "one")) for path in (tmp_path / "one").rglob("*.png"))
    # without a source there is no sheet of its scenes
    assert files == ["categories/dining_chair.png", "categories/mug.png", "overview.png"]
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    assert Image.open(tmp_path / "one" / "categories" / "mug.png").size == (800, 240)


def test_a_sheet_shows_the_variants_in_turn():
    asked = []
    category = CATEGORIES["sofa"]

    class Recorder:
        label, place, variants = category.label, category.place, category.variants

        def build(self, rng, variant):
            asked.append(variant)
            return category.build(rng, variant)

    pictures = gallery.category_pictures(Recorder(), 0)
    assert asked == ["between arms", "chaise", "timber frame", "between arms"]
    assert len(pictures) == 4 and all(picture.shape == (240, 200, 3) for picture in pictures)


@pytest.mark.parametrize("label", ["ladder", "mirror", "pendant lamp", "rug"])
def test_objects_lie_whole_within_their_portraits(label):
    """The corners of every object's box fall into its picture, and span most of one of its sides."""
    category = CATEGORIES[label]
    assets = [category.build(stage_rng(k, label)) for k in range(3)]
    for placed, camera in cameras_of(category, assets, SIZE):
        low, high = placed.asset.bounds
        corners = np.array(
            [[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])]
        )
        pixels, depth_m = camera.project(placed.to_world(corners))
        assert (depth_m > 0).all()
        assert (pixels >= 0).all() and (pixels <= SIZE).all()
        assert 0.6 < (np.ptp(pixels, axis=0) / SIZE).max() < 0.95


@pytest.mark.parametrize("label", ["toilet", "clock", "chandelier"])
def test_the_backdrop_fills_the_picture(label):
    """Its four corners are grey: neither sky nor object."""
    category = CATEGORIES[label]
    (picture,) = portraits(category, [category.build(stage_rng(0, label))], SIZE, 0)
    corners = picture[[0, 0, -1, -1], [0, -1, 0, -1]].astype(int)
    assert np.ptp(corners, axis=1).max() < 12 and corners.min() > 60


def test_settings_are_for_places_that_categories_have():
    assert set(SETTINGS) < {category.place for category in CATEGORIES.values()}


def test_grid_and_caption():
    pictures = [np.full((2, 3, 3), value, dtype=np.uint8) for value in (10, 20, 30)]
    sheet = grid(pictures, 2)
    assert sheet.shape == (4, 6, 3)
    assert [sheet[0, 0, 0], sheet[0, 3, 0], sheet[2, 0, 0], sheet[2, 3, 0]] == [10, 20, 30, 255]
    named = captioned(np.zeros((240, 200, 3), dtype=np.uint8), "mug", 100)
    assert named.shape[1] == 100 and (named[:120] == 0).all()
    assert named[120:].min() < 100 and (named[-1] == 255).all()


def test_photos_show_the_fullest_frame_of_each_scene(monkeypatch):
    monkeypatch.setattr(scenes, "FRAMES", 3)
    (picture,) = scenes.photos("procedural", 1, 1, 32)
    opened = open_source(SourceSettings(source="procedural", seed=1, scenes=1, frames=3))
    room = opened.load(opened.scene_names()[0])
    renderer, built_in = SceneRenderer(room), {i.instance_id for i in room.instances if i.is_structure}
    shown = [renderer.render(scenes.resized(frame.camera, 64), stage_rng(0)).instance for frame in room.frames]
    counts = [len(set(np.unique(image)) - built_in - {0}) for image in shown]
    fullest = room.frames[int(np.argmax(counts))].camera
    expected = renderer.render(scenes.resized(fullest, 32), stage_rng(1, room.scene_name, "gallery")).rgb
    assert np.array_equal(picture, expected)
