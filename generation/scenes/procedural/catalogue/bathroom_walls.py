"""What hangs on the walls of a bathroom."""

import numpy as np

from generation.scenes.procedural.asset import Asset, Category
from generation.scenes.procedural.catalogue.assembly import disc, on_wall
from generation.scenes.procedural.catalogue.palette import (
    BLACK,
    BRASS,
    BRIGHTS,
    CHROME,
    PANE,
    WHITE,
    fabric,
    glowing,
    linear,
    metal,
    mirror_glass,
    plain,
    wood,
)
from generation.scenes.procedural.shapes import (
    box,
    circle,
    lathe,
    loft,
    ring,
    rounded_rectangle,
    stacked,
    tube,
    turned,
)


def towel_rail(rng: np.random.Generator, variant: str) -> Asset:
    """Heated ladder of 0.5 to 0.6 m by 0.8 to 1.3 m, or a plain double bar; mostly with a towel over it."""
    width = rng.uniform(0.5, 0.6)
    tubes = CHROME if rng.random() < 0.6 else plain(WHITE, gloss=0.4)
    cloth = fabric(rng, BRIGHTS)
    parts = []
    if variant == "ladder":
        rungs = int(rng.integers(10, 16))
        height = 0.08 * rungs + 0.08
        for side in (-1, 1):
            x = side * width / 2
            parts.append(tube(tubes, [(x, -0.06, 0), (x, -0.06, height)], 0.015))
            parts += [tube(tubes, [(x, 0, z), (x, -0.06, z)], 0.01) for z in (0.08, height - 0.08)]
        zs = [0.06 + 0.08 * k for k in range(rungs) if k % 5 != 4]
        parts += [tube(tubes, [(-width / 2, -0.06, z), (width / 2, -0.06, z)], 0.01) for z in zs]
        top, y = zs[-1], -0.06
    else:
        for z, y in ((0.12, -0.08), (0.0, -0.15)):
            parts.append(tube(tubes, [(-width / 2, y, z), (width / 2, y, z)], 0.01))
        for side in (-1, 1):
            parts.append(
                tube(
                    tubes,
                    [(side * width / 2, 0, 0.12), (side * width / 2, -0.08, 0.12), (side * width / 2, -0.15, 0)],
                    0.011,
                )
            )
            parts.append(disc(tubes, 0.03, 0.01, (side * width / 2, 0, 0.12), 16))
        top, y = 0.12, -0.08
    if variant == "double bar" or rng.random() < 0.8:
        drop, span = rng.uniform(0.35, 0.5), rng.uniform(0.55, 0.8) * width
        fold = np.array(
            [(-0.022, -drop), (-0.022, 0.0), (-0.012, 0.018), (0.012, 0.018), (0.022, 0.0), (0.022, -0.6 * drop)]
        )
        skin = np.concatenate([fold, (fold * [0.5, 1.0] - [0, 0.006])[::-1]])
        skin[6, 1], skin[-1, 1] = fold[-1, 1], fold[0, 1]
        ends = [
            np.column_stack([np.full(len(skin), x), skin[:, 0] + y, skin[:, 1] + top]) for x in (-span / 2, span / 2)
        ]
        parts.append(loft(cloth, np.stack(ends)[:, ::-1]))
    return on_wall("towel rail", parts)


def mirror(rng: np.random.Generator, variant: str) -> Asset:
    """Wall mirror, 0.45 to 0.9 m on its longer side: square, round, or with an arched top."""
    silver = mirror_glass()
    frame = (wood(rng), metal(BRASS), plain(BLACK, gloss=0.3), CHROME)[rng.integers(4)]
    if variant == "round":
        radius = rng.uniform(0.25, 0.4)
        outline = circle(40) * radius
    elif variant == "rectangular":
        width, height = rng.uniform(0.45, 0.6), rng.uniform(0.6, 0.9)
        outline = rounded_rectangle(width, height, 0.01, 2)
    else:
        half, height = rng.uniform(0.22, 0.28), rng.uniform(0.6, 0.9)
        arch = np.radians(np.linspace(0, 180, 17))
        top = np.stack([half * np.cos(arch), height - 1.5 * half + half * np.sin(arch)], axis=1)
        outline = np.concatenate([top, [(-half, -half / 2), (0, -half / 2), (half, -half / 2)]]) - [
            0,
            height / 2 - half / 2,
        ]
    rim = 1 - 0.045 / np.abs(outline).max()
    pane = loft(silver, stacked(np.stack([outline * rim * 1.01] * 2), (0.0, 0.012)))
    rim_part = ring(frame, outline, outline * rim, 0.025)
    parts = [turned(part, "x", 90) for part in (pane, rim_part)]
    low, high = outline[:, 1].min(), outline[:, 1].max()
    if variant == "rectangular":
        parts.append(box(CHROME, (0.7 * width, 0.05, 0.03), (0, -0.025, high + 0.04), 0.006))
        parts.append(tube(glowing(), [(-0.33 * width, -0.06, high + 0.05), (0.33 * width, -0.06, high + 0.05)], 0.018))
        parts.append(box(PANE, (width, 0.12, 0.008), (0, -0.06, low - 0.06), 0.002))
        for side in (-1, 1):
            parts.append(box(CHROME, (0.02, 0.03, 0.03), (0.4 * side * width, -0.015, low - 0.075), 0.004))
        cup = [(0, 0), (0.03, 0), (0.035, 0.09), (0.032, 0.09), (0.027, 0.005), (0, 0.005)]
        parts.append(lathe(plain(linear("#9fc3cf"), gloss=0.5), cup, (0.3 * width, -0.06, low - 0.0525)))
    elif variant == "round":
        strap = plain(linear("#5a3a24"), gloss=0.2)
        knob = (0.0, -0.02, 1.55 * high)
        parts.append(disc(frame, 0.022, 0.03, (0, 0, knob[2]), 16))
        parts += [tube(strap, [knob, (side * 0.62 * high, -0.012, 0.76 * high)], 0.007, 6) for side in (-1, 1)]
    return on_wall("mirror", parts)


CATEGORIES = (
    Category("towel rail", "wall", towel_rail, ((0.4, 0.06, 0.3), (0.7, 0.25, 1.5)), ("ladder", "double bar")),
    Category("mirror", "wall", mirror, ((0.4, 0.02, 0.4), (0.95, 0.14, 1.1)), ("rectangular", "round", "arched")),
)
