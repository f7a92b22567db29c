#!/usr/bin/env python3
"""Trains the digits network and writes digits_fp32.onnx, digits_int8.onnx and images/.

The data are the 1797 handwritten digits, 8x8 pixels of 0 to 16, that come with scikit-learn
(the test part of the UCI "Optical Recognition of Handwritten Digits" set, CC BY 4.0). The last
360 of a fixed shuffle are kept for testing; the ten images are the first of each class in them.
Needs Debian's python3-sklearn and python3-onnx. Only numpy computes; the run is reproducible.

    /usr/bin/python3 train.py
"""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits

HERE = pathlib.Path(__file__).parent
EPOCHS, BATCH, TEST = 120, 32, 360


def patches(x):
    """x[n, c, h, w] -> [n, h, w, c, 3, 3], zero padded by one."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3)).transpose(0, 2, 3, 1, 4, 5)


class Conv:
    def __init__(self, rng, inputs, outputs):
        self.w = rng.normal(0, np.sqrt(2 / (9 * inputs)), (outputs, inputs, 3, 3))
        self.b = np.zeros(outputs)

    def forward(self, x):
        self.patches = patches(x)
        return np.tensordot(self.patches, self.w, ((3, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2) + self.b[:, None, None]

    def backward(self, dy):
        dy_last = dy.transpose(0, 2, 3, 1)
        self.dw = np.tensordot(dy_last, self.patches, ((0, 1, 2), (0, 1, 2)))
        self.db = dy.sum((0, 2, 3))
        flipped = self.w[:, :, ::-1, ::-1]
        return np.tensordot(patches(dy), flipped, ((3, 4, 5), (0, 2, 3))).transpose(0, 3, 1, 2)


class Dense:
    def __init__(self, rng, inputs, outputs):
        self.w = rng.normal(0, np.sqrt(2 / inputs), (outputs, inputs))
        self.b = np.zeros(outputs)

    def forward(self, x):
        self.x = x
        return x @ self.w.T + self.b

    def backward(self, dy):
        self.dw, self.db = dy.T @ self.x, dy.sum(0)
        return dy @ self.w


class Relu:
    def forward(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, dy):
        return dy * self.on


class MaxPool:
    def forward(self, x):
        n, c, h, w = x.shape
        self.shape, blocks = x.shape, x.reshape(n, c, h // 2, 2, w // 2, 2)
        y = blocks.max((3, 5))
        self.first = blocks == y[:, :, :, None, :, None]
        return y

    def backward(self, dy):
        return (self.first * dy[:, :, :, None, :, None]).reshape(self.shape)


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy):
        return dy.reshape(self.shape)


def network(rng):
    return [Conv(rng, 1, 8), Relu(), MaxPool(), Conv(rng, 8, 16), Relu(), MaxPool(), Flatten(),
            Dense(rng, 64, 32), Relu(), Dense(rng, 32, 10)]


def forward(layers, x):
    activations = [x]
    for layer in layers:
        activations.append(layer.forward(activations[-1]))
    return activations


def train(layers, x, labels, rng):
    """Adam (Kingma & Ba 2014, algorithm 1) on the cross entropy, half of the batches moved by a pixel."""
    trained = [layer for layer in layers if hasattr(layer, "w")]
    moments = {(id(layer), key): [0.0, 0.0] for layer in trained for key in "wb"}
    step = 0
    for epoch in range(EPOCHS):
        rate = 2e-3 * (1 - epoch / EPOCHS)
        for batch in np.array_split(rng.permutation(len(x)), len(x) // BATCH):
            step += 1
            shift = tuple(rng.integers(-1, 2, 2)) if rng.random() < 0.5 else (0, 0)
            scores = forward(layers, np.roll(x[batch], shift, (2, 3)))[-1]
            p = np.exp(scores - scores.max(1, keepdims=True))
            grad = p / p.sum(1, keepdims=True)
            grad[np.arange(len(batch)), labels[batch]] -= 1
            grad /= len(batch)
            for layer in reversed(layers):
                grad = layer.backward(grad)
            for layer in trained:
                for key in "wb":
                    g, m = getattr(layer, "d" + key), moments[id(layer), key]
                    m[0] = 0.9 * m[0] + 0.1 * g
                    m[1] = 0.999 * m[1] + 0.001 * g * g
                    update = m[0] / (1 - 0.9 ** step) / (np.sqrt(m[1] / (1 - 0.999 ** step)) + 1e-8)
                    setattr(layer, key, getattr(layer, key) - rate * update)


def save(path, nodes, weights, name):
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 8, 8])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 10])
    tensors = [numpy_helper.from_array(value, key) for key, value in weights.items()]
    graph = helper.make_graph(nodes, name, [image], [scores], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="train.py")
    model.ir_version = 7
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def float_model(layers):
    """The ONNX nodes of `layers` and their weights, up to and with the softmax."""
    nodes, weights, x, count = [], {}, "image", {}
    for layer in layers:
        kind = {Conv: "Conv", Dense: "Gemm", Relu: "Relu", MaxPool: "MaxPool", Flatten: "Flatten"}[type(layer)]
        count[kind] = count.get(kind, 0) + 1
        y = f"{kind.lower()}{count[kind]}"
        inputs, attrs = [x], {}
        if kind in ("Conv", "Gemm"):
            weights[y + ".w"], weights[y + ".b"] = layer.w.astype(np.float32), layer.b.astype(np.float32)
            inputs += [y + ".w", y + ".b"]
            attrs = {"pads": [1, 1, 1, 1], "kernel_shape": [3, 3]} if kind == "Conv" else {"transB": 1}
        elif kind == "MaxPool":
            attrs = {"kernel_shape": [2, 2], "strides": [2, 2]}
        nodes.append(helper.make_node(kind, inputs, [y], name=y, **attrs))
        x = y
    nodes.append(helper.make_node("Softmax", [x], ["scores"], name="softmax", axis=1))
    return nodes, weights


def quantized_model(layers, samples):
    """The same in QDQ form: int8 activations per tensor, int8 weights per output channel, int32 biases."""
    float_nodes, float_weights = float_model(layers)
    nodes, weights, ranges = [], {}, {}
    for node, values in zip(float_nodes, forward(layers, samples)[1:]):
        ranges[node.output[0]] = values
    ranges["image"] = samples

    def parameters(values):
        low, high = min(values.min(), 0), max(values.max(), 0)
        scale = np.float32((high - low) / 255)
        return scale, np.int8(np.clip(np.rint(-128 - low / scale), -128, 127))

    def dequantized(name, stored, scale, zero, axis=None):
        weights.update({name + "_q": stored, name + "_scale": scale, name + "_zero": zero})
        attrs = {} if axis is None else {"axis": axis}
        nodes.append(helper.make_node("DequantizeLinear", [name + "_q", name + "_scale", name + "_zero"], [name + "_dq"], **attrs))
        return name + "_dq"

    scales, current = {}, {}

    def requantized(name, scale, zero):
        weights.update({name + "_scale": np.asarray(scale), name + "_zero": np.asarray(zero)})
        nodes.append(helper.make_node("QuantizeLinear", [name, name + "_scale", name + "_zero"], [name + "_q"]))
        nodes.append(helper.make_node("DequantizeLinear", [name + "_q", name + "_scale", name + "_zero"], [name + "_dq"]))
        scales[name], current[name] = (scale, zero), name + "_dq"

    requantized("image", *parameters(ranges["image"]))
    for position, node in enumerate(float_nodes):
        inputs, y = [current.get(node.input[0], node.input[0])], node.output[0]
        if len(node.input) == 3:
            w = float_weights[node.input[1]]
            scale = np.maximum(np.abs(w).reshape(len(w), -1).max(1) / 127, 1e-8).astype(np.float32)
            stored = np.clip(np.rint(w / scale.reshape(-1, *[1] * (w.ndim - 1))), -127, 127).astype(np.int8)
            inputs.append(dequantized(node.input[1], stored, scale, np.zeros(len(w), np.int8), 0))
            bias_scale = (scales[node.input[0]][0] * scale).astype(np.float32)
            bias = np.rint(float_weights[node.input[2]] / bias_scale).astype(np.int32)
            inputs.append(dequantized(node.input[2], bias, bias_scale, np.zeros(len(w), np.int32), 0))
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        del copy.input[:]
        copy.input.extend(inputs)
        nodes.append(copy)
        followed_by_relu = position + 1 < len(float_nodes) and float_nodes[position + 1].op_type == "Relu"
        if node.op_type in ("MaxPool", "Flatten"):
            requantized(y, *scales[node.input[0]])
        elif node.op_type != "Softmax" and not followed_by_relu:
            requantized(y, *parameters(ranges[y]))
    return nodes, weights


def write_pgm(path, pixels):
    rows = "\n".join(" ".join(f"{int(p):2d}" for p in row) for row in pixels)
    path.write_text(f"P2\n8 8\n16\n{rows}\n")


def main():
    rng = np.random.default_rng(1)
    digits = load_digits()
    order = rng.permutation(len(digits.target))
    images, labels = digits.images[order], digits.target[order]
    x = (images / 16).astype(np.float64)[:, None]
    layers = network(rng)
    train(layers, x[:-TEST], labels[:-TEST], rng)
    right = (forward(layers, x[-TEST:])[-1].argmax(1) == labels[-TEST:]).mean()
    print(f"fp32 network: {100 * right:.1f} % of {TEST} test images right")
    save(HERE / "digits_fp32.onnx", *float_model(layers), "digits")
    save(HERE / "digits_int8.onnx", *quantized_model(layers, x[:-TEST]), "digits")
    for digit in range(10):
        first = np.flatnonzero(labels[-TEST:] == digit)[0]
        write_pgm(HERE / "images" / f"{digit}.pgm", images[-TEST:][first])


if __name__ == "__main__":
    main()
