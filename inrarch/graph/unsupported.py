"""Operators that are refused: why, and what would help."""

from __future__ import annotations

from collections.abc import Iterable

import onnx

from inrarch.errors import UserError, did_you_mean
from inrarch.graph.opset import DEFAULT_DOMAINS

_FAMILIES: tuple[tuple[str, str, str], ...] = (
    (
        "If",
        "its condition does not follow from sizes that are known when the model is loaded",
        "write both branches and choose with Where, or export with the condition as a constant",
    ),
    (
        "Loop Scan",
        "it repeats a subgraph",
        "export with a fixed number of steps, so that the exporter unrolls it",
    ),
    (
        "RNN GRU LSTM",
        "it is recurrent over a sequence",
        "write the cell with MatMul, Sigmoid and Tanh, for a fixed number of steps",
    ),
    (
        "QuantizeLinear DequantizeLinear DynamicQuantizeLinear QLinearConv QLinearMatMul MatMulInteger ConvInteger",
        "it works on quantised integers, which have no derivatives",
        "give the model as it was before it was quantised: fixed-point formats are chosen here",
    ),
    (
        "RandomNormal RandomNormalLike RandomUniform RandomUniformLike Bernoulli Multinomial",
        "its result is random",
        "make the random numbers an input of the model",
    ),
    (
        "SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap "
        "SplitToSequence ConcatFromSequence Optional OptionalGetElement OptionalHasElement",
        "its values are sequences or optional values",
        "export a model whose values are tensors",
    ),
    (
        "StringConcat StringNormalizer StringSplit RegexFullMatch TfIdfVectorizer",
        "it works on text",
        "turn text into numbers outside of the model",
    ),
    (
        "ArgMax ArgMin TopK NonZero Unique Compress NonMaxSuppression Hardmax OneHot",
        "which entries it takes, or how many, depends on their values",
        "choose with Where and comparisons",
    ),
    (
        "GridSample Resize AffineGrid RoiAlign",
        "it interpolates in an image",
        "interpolate in the model, with Floor, Gather, Mul and Add",
    ),
    (
        "Det",
        "determinants are not differentiated",
        "write the determinant of a small matrix with Mul and Sub",
    ),
    (
        "DFT STFT",
        "its result is complex",
        "write a fixed transform as MatMul with its cosines and sines",
    ),
)
_REASONS = {name: (reason, hint) for names, reason, hint in _FAMILIES for name in names.split()}

_DOMAINS = {
    "com.microsoft": "ONNX Runtime writes such nodes when it optimises a model: give the model from before",
    "ai.onnx.ml": "trees, tables and other classical models are not neural fields: give the network alone",
    "org.pytorch.aten": "PyTorch's exporter found no ONNX operator for it: write the layer with others",
}
_OTHER_DOMAIN = "define it as a function in the model, from operators of ONNX"


def unsupported(node: onnx.NodeProto, place: str, known: Iterable[str]) -> UserError:
    """The error for a node whose operator is not one of `known`; `place` names the model and the node."""
    listed = list(known)
    if node.domain not in DEFAULT_DOMAINS:
        return UserError(
            f"operator {node.op_type!r} of domain {node.domain!r} is not supported",
            place=place,
            expected="operators of ONNX itself",
            hint=_DOMAINS.get(node.domain, _OTHER_DOMAIN),
        )
    found = f"operator {node.op_type!r} is not supported"
    if node.op_type in _REASONS:
        reason, hint = _REASONS[node.op_type]
        return UserError(f"{found}: {reason}", place=place, hint=hint)
    return UserError(found, place=place, expected="one of " + " ".join(listed), hint=did_you_mean(node.op_type, listed))
