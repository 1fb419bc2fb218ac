# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of TensorFlow Lite files to the networks of core/models/network.py.

Only the operations of the two networks that semvec ships are known; others raise ValueError.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import tflite

_NAMES = {
    code: name for name, code in vars(tflite.BuiltinOperator).items() if not name.startswith("_")
}
_ELEMENTWISE = {
    "RELU": "relu",
    "HARD_SWISH": "hard_swish",
    "LOGISTIC": "sigmoid",
    "MUL": "multiply",
}
_DTYPES = {tflite.TensorType.FLOAT16: np.float16, tflite.TensorType.FLOAT32: np.float32}


def convert(data: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of a converted network, for `numpy.savez`."""
    return _Converter(data).arrays()


class _Converter:
    """One model: its tensors by index, and the steps and weights written so far."""

    def __init__(self, data: bytes) -> None:
        self._model = tflite.Model.GetRootAsModel(data, 0)
        self._graph = self._model.Subgraphs(0)
        self._aliases: dict[int, int] = {}  # outputs of reshapes and the like, by their input
        self._padding: dict[int, list[int]] = {}  # of outputs of PAD: top, bottom, left, right
        self._weights: dict[str, np.ndarray] = {}
        self._steps: list[list[Any]] = []

    def arrays(self) -> dict[str, np.ndarray]:
        for index in range(self._graph.OperatorsLength()):
            self._add(self._graph.Operators(index))
        (given,) = self._graph.InputsAsNumpy()
        program = {
            "shape": self._shape(given)[1:],
            "outputs": [self._name(output) for output in self._graph.OutputsAsNumpy()],
            "weights": {name: values.shape for name, values in self._weights.items()},
            "steps": self._steps,
        }
        text = json.dumps(program, separators=(",", ":")).encode()
        weights = np.concatenate([values.ravel() for values in self._weights.values()])
        return {"program": np.frombuffer(text, np.uint8), "weights": weights}

    def _add(self, operator: Any) -> None:
        """Write the step of one operator, or note what later ones need of it."""
        code = self._model.OperatorCodes(operator.OpcodeIndex())
        name = _NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        inputs, (output,) = operator.InputsAsNumpy().tolist(), operator.OutputsAsNumpy().tolist()
        if name in ("DEQUANTIZE", "DENSIFY", "RESHAPE"):
            self._aliases[output] = inputs[0]
        elif name == "PAD":
            self._aliases[output] = inputs[0]
            self._padding[output] = self._values(inputs[1])[1:3].ravel().tolist()
        elif name in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            self._add_convolution(name, operator, inputs, output)
        elif name == "CUSTOM" and code.CustomCode() == b"Convolution2DTransposeBias":
            self._add_transposed(inputs, output)
        else:
            operation, attributes = self._simple(name, operator, inputs, output)
            operands = inputs[:1] if name == "RESIZE_BILINEAR" else inputs
            self._write(operation, operands, output, attributes)

    def _simple(
        self, name: str, operator: Any, inputs: list[int], output: int
    ) -> tuple[str, dict[str, Any]]:
        """Return the operation and attributes of an operator without weights."""
        if name in _ELEMENTWISE:
            return _ELEMENTWISE[name], {}
        if name == "ADD":
            return "add", {"rectified": self._rectified(_options(operator, tflite.AddOptions))}
        if name == "AVERAGE_POOL_2D":
            options = _options(operator, tflite.Pool2DOptions)
            if [options.FilterHeight(), options.FilterWidth()] == self._shape(inputs[0])[1:3]:
                return "mean", {}
        if name == "RESIZE_BILINEAR":
            options = _options(operator, tflite.ResizeBilinearOptions)
            if not options.AlignCorners():
                half_pixel = bool(options.HalfPixelCenters())
                return "resize", {"size": self._shape(output)[1:3], "half_pixel": half_pixel}
        if name == "DEPTH_TO_SPACE":
            options = _options(operator, tflite.DepthToSpaceOptions)
            return "depth_to_space", {"block": options.BlockSize()}
        raise ValueError(f"The operator {name} is not supported.")

    def _add_convolution(self, name: str, operator: Any, inputs: list[int], output: int) -> None:
        depthwise = name == "DEPTHWISE_CONV_2D"
        kind = tflite.DepthwiseConv2DOptions if depthwise else tflite.Conv2DOptions
        options = _options(operator, kind)
        image, kernel, bias = inputs
        values = self._values(kernel)
        # [1, h, w, C] of each channel, or [D, h, w, C] of each filter
        values = values[0] if depthwise else values.transpose(1, 2, 3, 0)
        padding = self._padding.get(image, [0, 0, 0, 0])
        if options.Padding() == tflite.Padding.SAME:
            padding = self._same(image, output, options.StrideH(), values.shape)
        attributes = {
            "stride": options.StrideH(),
            "padding": padding,
            "rectified": self._rectified(options),
        }
        if options.StrideH() != options.StrideW() or options.DilationHFactor() != 1:
            raise ValueError("Convolutions must have one stride and no dilation.")
        operation = "depthwise" if depthwise else "convolution"
        self._write(operation, [image], output, attributes, values, self._values(bias))

    def _add_transposed(self, inputs: list[int], output: int) -> None:
        image, kernel, bias = inputs
        values = self._values(kernel).transpose(1, 2, 3, 0)
        if self._shape(output)[1] != values.shape[0] * self._shape(image)[1]:
            raise ValueError("Transposed convolutions must have the stride of their size.")
        self._write("transposed", [image], output, {}, values, self._values(bias))

    def _write(
        self,
        operation: str,
        inputs: list[int],
        output: int,
        attributes: dict[str, Any],
        *weights: np.ndarray,
    ) -> None:
        names = [self._name(index) for index in inputs]
        for values in weights:
            name = f"w{len(self._weights)}"
            self._weights[name] = np.ascontiguousarray(values, np.float16)
            names.append(name)
        self._steps.append([operation, names, self._name(output), attributes])

    def _same(self, image: int, output: int, stride: int, kernel: tuple[int, ...]) -> list[int]:
        """Return the padding that TensorFlow calls SAME."""
        padding = []
        for before, after, size in zip(
            self._shape(image)[1:3], self._shape(output)[1:3], kernel[:2], strict=True
        ):
            total = max((after - 1) * stride + size - before, 0)
            padding += [total // 2, total - total // 2]
        return padding

    def _rectified(self, options: Any) -> bool:
        activation = options.FusedActivationFunction()
        if activation not in (
            tflite.ActivationFunctionType.NONE,
            tflite.ActivationFunctionType.RELU,
        ):
            raise ValueError("The only activation within an operator is ReLU.")
        return bool(activation)

    def _name(self, index: int) -> str:
        while index in self._aliases:
            index = self._aliases[index]
        return "input" if index == self._graph.InputsAsNumpy()[0] else f"t{index}"

    def _shape(self, index: int) -> list[int]:
        return self._graph.Tensors(index).ShapeAsNumpy().tolist()

    def _values(self, index: int) -> np.ndarray:
        """Return the values of a constant tensor, dense."""
        while index in self._aliases:
            index = self._aliases[index]
        tensor = self._graph.Tensors(index)
        data = self._model.Buffers(tensor.Buffer()).DataAsNumpy()
        stored = data.view(_DTYPES.get(tensor.Type(), np.int32))
        sparsity = tensor.Sparsity()
        shape = self._shape(index)
        return _dense(stored, sparsity, shape) if sparsity else stored.reshape(shape)


def _dense(stored: np.ndarray, sparsity: Any, shape: list[int]) -> np.ndarray:
    """Return a tensor whose last axis is compressed, in the order of its axes, as an array."""
    last = sparsity.DimMetadata(len(shape) - 1)
    if sparsity.BlockMapLength() or last.Format() != tflite.DimensionType.SPARSE_CSR:
        raise ValueError("Sparse weights must be compressed along their last axis.")
    segments = _integers(last.ArraySegmentsType(), last.ArraySegments())
    columns = _integers(last.ArrayIndicesType(), last.ArrayIndices())
    rows = np.repeat(np.arange(len(segments) - 1), np.diff(segments))
    values = np.zeros((len(segments) - 1, shape[-1]), stored.dtype)
    values[rows, columns] = stored
    return values.reshape(shape)


def _integers(kind: int, table: Any) -> np.ndarray:
    """Return a vector of integers of a sparse tensor."""
    vectors = {
        tflite.SparseIndexVector.Int32Vector: tflite.Int32Vector,
        tflite.SparseIndexVector.Uint16Vector: tflite.Uint16Vector,
        tflite.SparseIndexVector.Uint8Vector: tflite.Uint8Vector,
    }
    vector = vectors[kind]()
    vector.Init(table.Bytes, table.Pos)
    return vector.ValuesAsNumpy().astype(int)


def _options(operator: Any, kind: Any) -> Any:
    """Return the options of an operator, a table of this kind."""
    table, options = operator.BuiltinOptions(), kind()
    options.Init(table.Bytes, table.Pos)
    return options
