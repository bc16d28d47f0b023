"""Building, in the fake TensorRT: networks, configurations of each generation, the builder."""

from __future__ import annotations

import enum
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import onnx

if TYPE_CHECKING:
    from support.faketensorrt import FakeTensorRt

MAGIC = b"fake engine\n"
Range: TypeAlias = list[list[int]]


class Severity(enum.IntEnum):
    INTERNAL_ERROR, ERROR, WARNING, INFO, VERBOSE = range(5)


class ILogger:
    Severity = Severity


class IProgressMonitor:
    pass


class Tensor:
    """An input of a network."""

    def __init__(self, value: onnx.ValueInfoProto) -> None:
        dims = value.type.tensor_type.shape.dim
        self.name = str(value.name)
        self.shape = tuple(d.dim_value if d.HasField("dim_value") else -1 for d in dims)
        self._names = [str(d.dim_param) for d in dims]

    def get_dimension_name(self, axis: int) -> str:
        return self._names[axis]

    def set_dimension_name(self, axis: int, name: str) -> None:
        self._names[axis] = name


class Network:
    def __init__(self, flags: int) -> None:
        self.flags = flags
        self.model = onnx.ModelProto()
        self.inputs: list[Tensor] = []

    @property
    def num_inputs(self) -> int:
        return len(self.inputs)

    def get_input(self, index: int) -> Tensor:
        return self.inputs[index]


class ParserError:
    def __init__(self, text: str) -> None:
        self._text = text

    def desc(self) -> str:
        return self._text


class OnnxParser:
    def __init__(self, network: Network, logger: Any) -> None:
        self._network = network
        self._errors: list[ParserError] = []

    @property
    def num_errors(self) -> int:
        return len(self._errors)

    def get_error(self, index: int) -> ParserError:
        return self._errors[index]

    def parse(self, model: bytes) -> bool:
        try:
            parsed = onnx.load_from_string(model)
            onnx.checker.check_model(parsed)
        except Exception as error:
            self._errors.append(ParserError(f"ModelImporter: {error}"))
            return False
        unsigned = [t for t in parsed.graph.initializer if t.data_type == onnx.TensorProto.UINT8]
        if unsigned:
            self._errors.append(ParserError("QuantizeLinear: UINT8 zero points are not supported"))
            return False
        self._network.model = parsed
        self._network.inputs = [Tensor(value) for value in parsed.graph.input]
        return True

    def parse_from_file(self, path: str) -> bool:
        return self.parse(Path(path).read_bytes())


class Profile:
    def __init__(self) -> None:
        self.ranges: dict[str, Range] = {}

    def set_shape(self, name: str, least: Any, usual: Any, most: Any) -> None:
        self.ranges[name] = [list(least), list(usual), list(most)]


class TimingCache:
    """Counts how many builds it has seen."""

    def __init__(self, blob: bytes) -> None:
        self.builds = int(blob.removeprefix(b"timings ") or 0)

    def combine(self, other: TimingCache, ignore_mismatch: bool) -> bool:
        self.builds = max(self.builds, other.builds)
        return True

    def serialize(self) -> bytes:
        return b"timings %d" % self.builds


class Config:
    """What every generation's IBuilderConfig has."""

    def __init__(self) -> None:
        self.flags: set[Any] = set()
        self.profiles: list[Profile] = []
        self.timings: TimingCache | None = None

    def set_flag(self, flag: Any) -> None:
        self.flags.add(flag)

    def clear_flag(self, flag: Any) -> None:
        self.flags.discard(flag)

    def add_optimization_profile(self, profile: Profile) -> int:
        self.profiles.append(profile)
        return len(self.profiles) - 1

    def create_timing_cache(self, blob: bytes) -> TimingCache | None:
        return TimingCache(blob) if blob.startswith(b"timings ") or not blob else None

    def set_timing_cache(self, cache: TimingCache, ignore_mismatch: bool) -> bool:
        self.timings = cache
        return True


class OldConfig(Config):
    """Before memory pools and optimisation levels."""

    max_workspace_size = 0


class PoolConfig(Config):
    def __init__(self) -> None:
        super().__init__()
        self.builder_optimization_level = 3
        self.pools: dict[Any, int] = {}
        self.previews: set[Any] = set()

    def set_memory_pool_limit(self, pool: Any, size: int) -> None:
        self.pools[pool] = size

    def set_preview_feature(self, feature: Any, enable: bool) -> None:
        self.previews.add(feature)


class MonitoredConfig(PoolConfig):
    progress_monitor: Any = None


class RtxConfig(MonitoredConfig):
    num_compute_capabilities = 0
    capability: Any = None

    def create_timing_cache(self, blob: bytes) -> TimingCache | None:
        raise DeprecationWarning("Timing cache operations are no-ops in TensorRT-RTX.")

    def set_compute_capability(self, capability: Any, index: int) -> bool:
        self.capability = capability
        return index < self.num_compute_capabilities


class Builder:
    """Bound to its generation by `make_tensorrt`."""

    tensorrt: FakeTensorRt

    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def create_network(self, flags: int = 0) -> Network:
        network = Network(flags)
        self.tensorrt.networks.append(network)
        return network

    def create_builder_config(self) -> Config:
        config: Config = self.tensorrt.config()
        config.set_flag(self.tensorrt.module.BuilderFlag.TF32)  # as it is by default
        self.tensorrt.configs.append(config)
        return config

    def create_optimization_profile(self) -> Profile:
        return Profile()

    def build_serialized_network(self, network: Network, config: Any) -> bytes | None:
        here = self.tensorrt.cuda.current()
        chosen = getattr(config, "capability", None)
        if here is None and chosen is None:
            return self._fail("CUDA initialization failure with error: 35")
        ranges = config.profiles[0].ranges if config.profiles else {}
        for tensor in network.inputs:
            if -1 in tensor.shape and tensor.name not in ranges:
                return self._fail(f"{tensor.name} has dynamic shape and no profile")
        if not self._reported(getattr(config, "progress_monitor", None)):
            return self._fail("Build process was aborted by the progress monitor")
        if config.timings is not None:
            config.timings.builds += 1
        about = {
            "version": self.tensorrt.version,
            "architecture": chosen.name.lower() if chosen else self.tensorrt.architecture(here),
            "shapes": {tensor.name: list(tensor.shape) for tensor in network.inputs},
            "ranges": ranges,
            "shared": self.tensorrt.shares(config),
        }
        text, model = json.dumps(about).encode(), bytes(network.model.SerializeToString())
        return MAGIC + b"%d %d\n" % (len(text), len(model)) + text + model

    def _reported(self, monitor: Any) -> bool:
        """Progress is told from a thread of TensorRT's own."""
        if monitor is None:
            return True
        answers: list[bool] = []

        def tell() -> None:
            monitor.phase_start("Building", None, 2)
            for step in range(2):
                monitor.phase_start("Timing", "Building", 50)
                answers.extend(monitor.step_complete("Timing", tactic) for tactic in range(50))
                monitor.phase_finish("Timing")
                answers.append(monitor.step_complete("Building", step))
            monitor.phase_finish("Building")

        thread = threading.Thread(target=tell)
        thread.start()
        thread.join()
        return all(answers)

    def _fail(self, why: str) -> bytes | None:
        self._logger.log(Severity.ERROR, f"IBuilder::buildSerializedNetwork: {why}")
        return None
