"""Shader nodes written as arithmetic: `blend(color, accent, 0.75 * rings)` builds the nodes that compute it."""

from __future__ import annotations

from dataclasses import dataclass


Number = "float | Value"
Color = "tuple[float, float, float] | Value"


@dataclass(frozen=True)
class Value:
    """The output of a node, a number or a vector of three.

    On vectors, `+ - * /`, `minimum` and `maximum` take each component by itself; the rest is for numbers.
    """

    tree: object
    socket: object

    @property
    def is_vector(self) -> bool:
        return self.socket.type != "VALUE"

    def __add__(self, other: Number) -> Value:
        return self._math("ADD", other)

    def __radd__(self, other: Number) -> Value:
        return self._math("ADD", other)

    def __sub__(self, other: Number) -> Value:
        return self._math("SUBTRACT", other)

    def __rsub__(self, other: Number) -> Value:
        return self * -1.0 + other

    def __mul__(self, other: Number) -> Value:
        return self._math("MULTIPLY", other)

    def __rmul__(self, other: Number) -> Value:
        return self._math("MULTIPLY", other)

    def __truediv__(self, other: Number) -> Value:
        return self._math("DIVIDE", other)

    def floor(self) -> Value:
        return self._math("FLOOR")

    def fraction(self) -> Value:
        return self._math("FRACT")

    def power(self, exponent: float) -> Value:
        return self._math("POWER", exponent)

    def absolute(self) -> Value:
        return self._math("ABSOLUTE")

    def sine(self) -> Value:
        return self._math("SINE")

    def exponential(self) -> Value:
        return self._math("EXPONENT")

    def minimum(self, other: Number) -> Value:
        return self._math("MINIMUM", other)

    def maximum(self, other: Number) -> Value:
        return self._math("MAXIMUM", other)

    def below(self, other: Number) -> Value:
        """1 where this is less than `other`, else 0."""
        return self._math("LESS_THAN", other)

    def components(self) -> tuple[Value, Value, Value]:
        x, y, z = node(self.tree, "ShaderNodeSeparateXYZ", Vector=self).outputs
        return Value(self.tree, x), Value(self.tree, y), Value(self.tree, z)

    def _math(self, operation: str, *others: Number) -> Value:
        if not (self.is_vector or any(isinstance(other, Value) and other.is_vector for other in others)):
            made = self.tree.nodes.new("ShaderNodeMath")
        else:
            made = self.tree.nodes.new("ShaderNodeVectorMath")
        made.operation = operation
        for socket, value in zip(made.inputs, (self, *others), strict=False):
            connect(self.tree, socket, value)
        return Value(self.tree, made.outputs[0])


def node(tree, kind: str, settings: dict | None = None, **inputs):
    """A new node of a type, with settings, its inputs by name constants or values."""
    made = tree.nodes.new(kind)
    for name, value in (settings or {}).items():
        setattr(made, name, value)
    for name, value in inputs.items():
        connect(tree, made.inputs[name], value)
    return made


def connect(tree, socket, value) -> None:
    """Set an input to a constant, or link it to a value. A number stands for a vector or grey of its components."""
    if isinstance(value, Value):
        tree.links.new(value.socket, socket)
    elif socket.type == "VALUE" or not isinstance(value, (int, float)):
        socket.default_value = (*value, 1.0) if socket.type == "RGBA" else value
    else:
        socket.default_value = (value,) * 3 if socket.type == "VECTOR" else (value, value, value, 1.0)


def attribute(tree, name: str) -> Value:
    """A vector attribute of the mesh."""
    made = node(tree, "ShaderNodeAttribute", {"attribute_type": "GEOMETRY", "attribute_name": name})
    return Value(tree, made.outputs["Vector"])


def blend(tree, first: Color, second: Color, share: Number) -> Value:
    """Colours between two colours; `share` of the second one, 0 to 1."""
    made = tree.nodes.new("ShaderNodeMix")
    made.data_type, made.clamp_factor = "RGBA", True
    # Each of the node's types has sockets of its own, of the same names
    by_type = {socket.identifier: socket for socket in made.inputs}
    for identifier, value in (("Factor_Float", share), ("A_Color", first), ("B_Color", second)):
        connect(tree, by_type[identifier], value)
    return Value(tree, next(socket for socket in made.outputs if socket.identifier == "Result_Color"))


def vector(tree, x: Number, y: Number, z: Number = 0.0) -> Value:
    return Value(tree, node(tree, "ShaderNodeCombineXYZ", X=x, Y=y, Z=z).outputs[0])


def noise(tree, at: Value, detail: float = 0.0) -> Value:
    """Smooth noise in [0, 1] with features of size 1, mean 0.5."""
    made = node(tree, "ShaderNodeTexNoise", {"noise_dimensions": "3D"}, Vector=at, Scale=1.0, Detail=detail)
    return Value(tree, made.outputs[0])


def random(tree, x: Number, y: Number, z: Number) -> Value:
    """A uniform number in [0, 1] for each triple of whole numbers."""
    made = node(tree, "ShaderNodeTexWhiteNoise", {"noise_dimensions": "3D"}, Vector=vector(tree, x, y, z))
    return Value(tree, made.outputs["Value"])
