"""The runtime that `auto` takes for an ONNX file, which hangs on the machine's processor."""

from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_openvino.backend import OpenVinoBackend

_OPENVINO_FIRST = OpenVinoBackend.priority > OnnxRuntimeBackend.priority

PREFERRED = OpenVinoBackend.name if _OPENVINO_FIRST else OnnxRuntimeBackend.name
