"""Does the geometry encoder help? A study from scratch, on procedural scenes; see docs/geometry_study.md.

python -m modeling_spatialmosaic.recipes.geometry_study --size reduced --out runs/geometry_study
"""
