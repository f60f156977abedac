"""ONNX models in and out, their float64 evaluation, and what is counted in them."""
