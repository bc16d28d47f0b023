"""The runtime that `auto` takes for an ONNX file, which hangs on the machine's processor."""

from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_openvino.backend import OpenVinoBackend

PREFERRED = max(OnnxRuntimeBackend, OpenVinoBackend, key=lambda backend: backend.priority).name
