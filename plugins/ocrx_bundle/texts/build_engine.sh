#!/bin/sh
# Builds the engines of this bundle for this board. An engine gets its name only when it is whole.
set -eu
cd "$$(dirname "$$0")"
trtexec=$${TRTEXEC:-/usr/src/tensorrt/bin/trtexec}
if [ ! -x "$$trtexec" ]; then
    echo "there is no $$trtexec: sudo apt install libnvinfer-bin, or set TRTEXEC" >&2
    exit 1
fi
build() { # NETWORK LEAST USUAL MOST
    "$$trtexec" --onnx="$$1.onnx" --saveEngine="$$1.engine.part" --buildOnly \
        --workspace=$workspace $flags --minShapes="$$2" --optShapes="$$3" --maxShapes="$$4"
    mv "$$1.engine.part" "$$1.engine"
}
$builds
