"""TensorRT without a GPU, in the shapes that its Python module has had.

Building parses the ONNX file for real; running computes it with ONNX Runtime, on the addresses and
the stream it is given, once the stream is waited for. Each generation has just the names that the
real one has (compared with the bindings of 8.6.1, 10.3, 11.4 and RTX 1.7): code that relies on any
other fails.
"""

from __future__ import annotations

import weakref
from enum import Enum, IntEnum
from types import ModuleType
from typing import Any, Literal, TypeAlias

from support.fakecuda import FakeCuda
from support.faketensorrt import build, run

Generation: TypeAlias = Literal["8.4", "8.6", "10", "11", "rtx"]
GENERATIONS: tuple[Generation, ...] = ("8.4", "8.6", "10", "11", "rtx")

FLAGS = Enum("FLAGS", ["TF32", "REFIT"])
OLD_FLAGS = Enum("OLD_FLAGS", ["TF32", "REFIT", "FP16", "INT8"])
POOLS = Enum("POOLS", ["WORKSPACE"])
PREVIEWS = Enum("PREVIEWS", ["PROFILE_SHARING_0806"])
LATER_PREVIEWS = Enum("LATER_PREVIEWS", ["ALIASED_PLUGIN_IO_10_03"])
CAPABILITIES = Enum("CAPABILITIES", ["NONE", "CURRENT", "SM75", "SM80", "SM86", "SM89", "SM120"])
EXPLICIT = IntEnum("EXPLICIT", {"EXPLICIT_BATCH": 0})
BOTH = IntEnum("BOTH", {"EXPLICIT_BATCH": 0, "STRONGLY_TYPED": 1})
TYPED = IntEnum("TYPED", {"STRONGLY_TYPED": 1})

# Version, flags of builder and network, previews, configuration, engine, context.
PARTS: dict[Generation, tuple[Any, ...]] = {
    "8.4": ("8.4.1", OLD_FLAGS, EXPLICIT, None, build.OldConfig, run.NumberedEngine),
    "8.6": ("8.6.1", OLD_FLAGS, EXPLICIT, PREVIEWS, build.PoolConfig, run.NamedEngine),
    "10": ("10.3.0", OLD_FLAGS, BOTH, PREVIEWS, build.MonitoredConfig, run.NamedEngine),
    "11": ("11.4.0", FLAGS, TYPED, LATER_PREVIEWS, build.MonitoredConfig, run.ConfiguredEngine),
    "rtx": ("1.7.1", FLAGS, TYPED, LATER_PREVIEWS, build.RtxConfig, run.RtxEngine),
}


class FakeTensorRt:
    """One generation on one machine. `alive` holds engines and contexts not yet let go, `configs`
    each configuration that was made, `module` is what `import tensorrt` would give."""

    def __init__(self, generation: Generation, cuda: FakeCuda) -> None:
        self.generation = generation
        self.cuda = cuda
        self.alive: weakref.WeakSet[Any] = weakref.WeakSet()
        self.configs: list[Any] = []
        self.networks: list[build.Network] = []
        self.version, flags, network_flags, previews, self.config, self.engine = PARTS[generation]
        numbered = self.engine is run.NumberedEngine
        self.context = run.NumberedContext if numbered else run.NamedContext
        self.name = "tensorrt_rtx" if generation == "rtx" else "tensorrt"
        self.module: Any = ModuleType(self.name)
        bound = {"tensorrt": self}
        names = {
            "__version__": self.version,
            "ILogger": build.ILogger,
            "OnnxParser": build.OnnxParser,
            "Builder": type("Builder", (build.Builder,), bound),
            "Runtime": type("Runtime", (run.Runtime,), bound),
            "BuilderFlag": flags,
            "NetworkDefinitionCreationFlag": network_flags,
        }
        if previews is not None:
            names |= {"PreviewFeature": previews, "MemoryPoolType": POOLS}
        if not numbered:
            names["TensorIOMode"] = run.TensorIOMode
        if issubclass(self.config, build.MonitoredConfig):
            names["IProgressMonitor"] = build.IProgressMonitor
        if generation == "rtx":
            names["ComputeCapability"] = CAPABILITIES
        vars(self.module).update(names)

    def architecture(self, gpu: int | None) -> str:
        major, minor = self.cuda.gpus[gpu or 0][1]
        return f"sm{major}{minor}"

    def shares(self, config: Any) -> bool:
        """Whether several contexts may use the one profile: always, or if asked for."""
        if self.generation in ("8.4", "8.6"):
            return PREVIEWS.PROFILE_SHARING_0806 in getattr(config, "previews", ())
        return True

    def check_clean(self) -> None:
        """Fail unless every engine, context, stream and byte on the GPU has been let go."""
        assert not list(self.alive)
        assert self.cuda.is_clean(), (len(self.cuda.blocks), self.cuda.streams, self.cuda.retained)
