"""The optional photoreal renderer: Cycles, by way of the package `bpy` (docs/photoreal.md)."""
