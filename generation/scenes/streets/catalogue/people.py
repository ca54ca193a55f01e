"""People: pedestrians who stand or walk, 1.05 to 1.95 m tall, and cyclists on their bicycles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from generation.scenes.appearance import Material
from generation.scenes.procedural.asset import Asset, Part
from generation.scenes.procedural.catalogue.palette import BRIGHTS, pick, plain
from generation.scenes.procedural.shapes import box, circle, cushion, ellipsoid, moved, turned
from generation.scenes.streets.catalogue.cycles import Bicycle
from generation.scenes.streets.catalogue.paints import CLOTHES, HAIRS, SKINS, TROUSERS, cloth
from generation.scenes.streets.solids import limb, skin, standing


# Shares of the height: joints' heights, lengths of limbs, half distances between the joints
HIP, NECK, THIGH, SHIN, UPPER_ARM, FOREARM = 0.53, 0.83, 0.245, 0.235, 0.17, 0.17
HIPS, SHOULDERS, SOLE = 0.058, 0.115, 0.045
ASTRIDE = 0.086  # half distance of the hip joints of somebody on a saddle
HAND = np.array([0.045, 0.05, 0.06])
TOUCH_M = 0.0005  # a rider is this far from what carries them, so that nothing crosses


@dataclass(frozen=True)
class Look:
    """What a person wears.

    Args:
        tall (`float`): height, metres.
        broad (`float`): width of the body as a factor.
        skin, hair, top, bottom, shoes ([`Material`]).
        is_bare_armed, has_long_hair, has_skirt, has_coat (`bool`).
    """

    tall: float
    broad: float
    skin: Material
    hair: Material
    top: Material
    bottom: Material
    shoes: Material
    is_bare_armed: bool
    has_long_hair: bool
    has_skirt: bool
    has_coat: bool


@dataclass(frozen=True, eq=False)
class Pose:
    """Where the joints are, `(3,)` metres each; pairs are those at x > 0 and at x < 0.

    Args:
        pelvis, neck (`np.ndarray`): ends of the trunk.
        ankles, wrists (`tuple` of 2 `np.ndarray`): the latter are the middles of the hands.
        pitches_deg (`tuple` of 2 `float`): how far each foot's heel is raised.
        knees, elbows (`np.ndarray`): directions in which they bend.
        hips (`float`): half of the hip joints' distance, as a share of the height.
    """

    pelvis: np.ndarray
    neck: np.ndarray
    ankles: tuple[np.ndarray, np.ndarray]
    wrists: tuple[np.ndarray, np.ndarray]
    pitches_deg: tuple[float, float] = (0.0, 0.0)
    knees: Sequence[float] = (0, -1, 0)
    elbows: Sequence[float] = (0, 1, -0.3)
    hips: float = HIPS


def draw_look(rng: np.random.Generator, child: bool = False) -> Look:
    """A random person, child or grown up."""
    hair, skin_color = pick(rng, HAIRS), pick(rng, SKINS)
    has_coat = rng.random() < 0.3
    return Look(
        tall=rng.uniform(1.08, 1.42) if child else float(np.clip(rng.normal(1.72, 0.09), 1.52, 1.92)),
        broad=rng.uniform(0.92, 1.15),
        skin=plain(skin_color),
        hair=plain(hair, gloss=0.1),
        top=cloth(rng),
        bottom=cloth(rng, TROUSERS),
        shoes=plain(pick(rng, ("#1b1b1d", "#e6e4de", "#5a3a26", "#7d2626", "#3b4a63"))),
        is_bare_armed=not has_coat and rng.random() < 0.4,
        has_long_hair=rng.random() < 0.4,
        has_skirt=not has_coat and rng.random() < 0.2,
        has_coat=has_coat,
    )


def pedestrian(rng: np.random.Generator, walking: bool | None = None) -> Asset:
    """A person who stands or walks, one in eight of them a child, some with a bag or rucksack."""
    look = draw_look(rng, child=rng.random() < 0.125)
    is_walking = rng.random() < 0.6 if walking is None else walking
    pose = _walking(look, rng) if is_walking else _standing(look, rng)
    parts = body(look, pose)
    burden = rng.random()
    back = (pose.pelvis + pose.neck) / 2
    if burden < 0.2:
        sack = cushion(cloth(rng, BRIGHTS), (0.3, 0.44, 0.2), (0, 0, 0), 0.07)
        parts.append(moved(turned(sack, "x", -90), back + [0, 0.13 * look.broad * look.tall / 1.7, 0.06]))
    elif burden < 0.45:
        hand = min(pose.wrists, key=lambda wrist: wrist[2])
        bag = box(cloth(rng, (*BRIGHTS, *CLOTHES)), (0.12, 0.34, 0.3), hand - [0, 0, 0.5], 0.03)
        parts += [
            bag,
            limb(bag.material, [hand - [0, 0.1, 0.21], hand - [0, 0.0, 0.06], hand - [0, -0.1, 0.21]], [0.008] * 3, 5),
        ]
    return standing("pedestrian", parts)


def _standing(look: Look, rng: np.random.Generator) -> Pose:
    t = look.tall
    pelvis, neck = np.array([0, 0, HIP * t]), np.array([0, 0.01, NECK * t])
    apart = rng.uniform(0.06, 0.11) * t
    ankles = tuple(np.array([s * apart, rng.uniform(-0.02, 0.03) * t, SOLE * t]) for s in (1, -1))
    low = [
        np.array([s * (SHOULDERS * look.broad + 0.035) * t, 0.02 - rng.uniform(0.0, 0.06) * t, 0.5 * t])
        for s in (1, -1)
    ]
    kind = rng.random()
    if kind < 0.3:  # holds a telephone
        low[0] = np.array([0.05 * t, -0.2 * t, 0.72 * t])
    elif kind < 0.45:  # hands before the body
        low = [np.array([s * 0.03 * t, -0.13 * t, 0.56 * t]) for s in (1, -1)]
    return Pose(pelvis, neck, ankles, tuple(low))


def _walking(look: Look, rng: np.random.Generator) -> Pose:
    t, side = look.tall, rng.choice([-1, 1])
    stride = rng.uniform(0.15, 0.19) * t
    pelvis, neck = np.array([0, 0, (HIP - 0.022) * t]), np.array([0, -0.025 * t, (NECK - 0.02) * t])
    ahead = {1: -stride, -1: 0.85 * stride}
    ankles, pitches, wrists = [], [], []
    for s in (1, -1):
        step = ahead[s * side]
        pitch = 0.0 if step < 0 else 30.0
        ankles.append(np.array([s * 0.045 * t, step, (SOLE + (0.062 if pitch else 0.0)) * t]))
        pitches.append(pitch)
        swing = -0.9 * step
        wrists.append(
            np.array([s * (SHOULDERS * look.broad + 0.03) * t, swing - 0.02 * t, (0.51 + 0.1 * (swing < 0)) * t])
        )
    return Pose(pelvis, neck, tuple(ankles), tuple(wrists), tuple(pitches))


def body(look: Look, pose: Pose) -> list[Part]:
    """All parts of a person in a pose."""
    t, broad = look.tall, look.broad
    up = (pose.neck - pose.pelvis) / np.linalg.norm(pose.neck - pose.pelvis)
    parts = _trunk(look, pose.pelvis, pose.neck, up)
    for k, s in enumerate((1, -1)):
        hip = pose.pelvis + [s * pose.hips * t, 0, 0]
        shoulder = pose.neck - 0.035 * t * up + [s * SHOULDERS * broad * t, 0, 0]
        ankle, wrist = pose.ankles[k], pose.wrists[k]
        knee = _bend(hip, ankle, THIGH * t, SHIN * t, pose.knees)
        elbow = _bend(shoulder, wrist, UPPER_ARM * t, FOREARM * t, pose.elbows)
        legs = look.skin if look.has_skirt else look.bottom
        wide = 1.0 if look.has_skirt else 1.12
        calf = (knee + 0.35 * (ankle - knee)) + [0, 0.008, 0]
        parts.append(
            limb(legs, [hip, knee, calf, ankle], wide * broad * t * np.array([0.05, 0.034, 0.034, 0.023]), 10)
        )
        shoe = cushion(look.shoes, (0.055 * t, 0.155 * t, 0.055 * t), (0, -0.04 * t, -SOLE * t), 0.02)
        parts.append(moved(turned(shoe, "x", pose.pitches_deg[k]), ankle))
        sleeve = look.skin if look.is_bare_armed else look.top
        thick = t * np.array([0.031, 0.026, 0.019]) * (1.15 if look.has_coat else 1.0)
        if look.is_bare_armed:
            parts.append(limb(look.top, [shoulder, shoulder + 0.55 * (elbow - shoulder)], [0.036 * t, 0.034 * t], 10))
        parts.append(limb(sleeve, [shoulder, elbow, wrist], thick, 10))
        parts.append(ellipsoid(look.skin, HAND * t, wrist, sides=8))
    return parts + _head(look, pose.neck, up)


def _trunk(look: Look, pelvis: np.ndarray, neck: np.ndarray, up: np.ndarray) -> list[Part]:
    t, broad = look.tall, look.broad
    ahead = np.cross(up, [1.0, 0, 0])
    ahead /= np.linalg.norm(ahead)
    length = np.linalg.norm(neck - pelvis)

    def rings(levels: list[tuple[float, float, float]]) -> np.ndarray:
        across, along = t * circle(14).T[..., None] * np.stack([[broad, 0, 0], ahead])[:, None]  # (14, 3) each
        return np.stack([pelvis + level * length * up + wide * across + deep * along for level, wide, deep in levels])

    hem, loose = (-0.62, 0.012) if look.has_coat else (-0.08, 0.0)
    shirt = [
        (hem, 0.101 + 1.5 * loose, 0.072 + loose), (0.05, 0.1 + loose, 0.071 + loose),
        (0.35, 0.088 + loose, 0.062 + loose), (0.68, 0.108 + loose, 0.072 + loose),
        (0.86, 0.118, 0.065), (0.95, 0.09, 0.05), (1.0, 0.045, 0.04),
    ]  # fmt: skip
    parts = [skin(look.top, rings(shirt)), skin(look.bottom, rings([(-0.2, 0.09, 0.062), (0.05, 0.099, 0.069)]))]
    if look.has_skirt:
        parts.append(skin(look.bottom, rings([(-0.72, 0.155, 0.165), (-0.3, 0.125, 0.105), (0.12, 0.1, 0.072)])))
    return parts


def _head(look: Look, neck: np.ndarray, up: np.ndarray) -> list[Part]:
    t = max(look.tall, 1.35)  # children have large heads
    middle = neck + [0, -0.012 * t, 0.07 * t + 0.015 * look.tall] + 0.03 * t * (up - [0, 0, 1.0])
    parts = [
        limb(look.skin, [neck - 0.02 * t * up, middle], [0.032 * t, 0.03 * t], 10),
        ellipsoid(look.skin, (0.088 * t, 0.112 * t, 0.135 * t), middle, sides=14),
        ellipsoid(look.skin, (0.016 * t, 0.03 * t, 0.025 * t), middle + [0, -0.055 * t, -0.008 * t], sides=6),
        ellipsoid(look.hair, (0.096 * t, 0.112 * t, 0.11 * t), middle + [0, 0.012 * t, 0.022 * t], sides=14),
    ]
    if look.has_long_hair:
        parts.append(
            ellipsoid(look.hair, (0.096 * t, 0.06 * t, 0.19 * t), middle + [0, 0.036 * t, -0.04 * t], sides=12)
        )
    return parts


def _bend(start: np.ndarray, end: np.ndarray, first: float, second: float, towards: Sequence[float]) -> np.ndarray:
    """Joint between two bars of given lengths, on the side of `towards`; a reach too long is stretched straight."""
    line = end - start
    reach = np.linalg.norm(line)
    along = (first**2 - second**2 + reach**2) / (2 * reach)
    off = np.sqrt(max(first**2 - along**2, 0.0))
    out = np.asarray(towards) - np.dot(towards, line) / reach**2 * line
    return start + along / reach * line + off * out / np.linalg.norm(out)


def cyclist(ridden: Bicycle, rng: np.random.Generator) -> Asset:
    """Rider of a bicycle, in the bicycle's frame; touches saddle, grips and pedals from above."""
    look = draw_look(rng)
    t = float(np.clip(look.tall, 1.6, 1.82))
    look = replace(look, tall=t, has_coat=False, has_skirt=False, broad=min(look.broad, 1.05))
    lean = np.radians(rng.uniform(20, 32))
    up = np.array([0, -np.sin(lean), np.cos(lean)])
    seat = _trunk(look, np.zeros(3), (NECK - HIP) * t * up, up)
    pelvis = ridden.saddle + [0, 0.05, TOUCH_M - min(part.vertices[:, 2].min() for part in seat)]
    neck = pelvis + (NECK - HIP) * t * up
    feet = tuple(pedal + [0, 0.02, SOLE * t + TOUCH_M] for pedal in ridden.pedals)
    hands = tuple(ridden.grip * [s, 1, 1] + [0, 0, HAND[2] / 2 * t + TOUCH_M] for s in (1, -1))
    parts = body(look, Pose(pelvis, neck, feet, hands, knees=(0, -1, 0.3), elbows=(0, 0.3, -1), hips=ASTRIDE))
    if rng.random() < 0.6:
        shell = plain(pick(rng, BRIGHTS), gloss=0.4)
        parts.append(ellipsoid(shell, (0.115 * t, 0.14 * t, 0.1 * t), neck + [0, -0.02 * t, 0.125 * t], sides=14))
    return Asset("cyclist", tuple(parts))
