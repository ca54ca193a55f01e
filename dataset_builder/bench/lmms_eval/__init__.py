"""SpatialMosaic-Bench as tasks of lmms-eval, and models as `spatialmosaic evaluate` asks them as a plugin of it.

This folder is what `--include_path` wants; `docs/evaluation.md` has the command.
"""
