"""Builds a serialized engine from an ONNX network, with any version of TensorRT.

Versions are told apart by the attributes their classes have, never by their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocrx.artifacts import Axis, Dimension, ShapeProfile
from ocrx.errors import ConversionFailed, PrecisionUnavailable
from ocrx.interfaces.conversion import Progress
from ocrx.names import Precision
from ocrx_tensorrt.caches import BlobFile
from ocrx_tensorrt.half import to_fp16
from ocrx_tensorrt.library import MESSAGES, Library, logger_of
from ocrx_tensorrt.monitor import PhaseTracker, monitor_of
from ocrx_tensorrt.options import TensorRtConverterOptions

MIB = 1 << 20
FLAGS: dict[Precision, str] = {"fp16": "FP16", "int8": "INT8"}


@dataclass(frozen=True)
class Plan:
    """What to build.

    `path` is the network's file, `held` the precision it holds and `wanted` the engine's.
    `architecture` is like "sm89", or "" for the current GPU.
    """

    name: str
    path: Path
    held: Precision
    wanted: Precision
    shapes: ShapeProfile
    architecture: str
    options: TensorRtConverterOptions


def precision_by_flag(module: Any) -> bool:
    """Whether a flag makes this TensorRT choose precisions. If not, the network gives them all."""
    return hasattr(module.BuilderFlag, "FP16")


def build_engine(library: Library, plan: Plan, timings: BlobFile, progress: Progress) -> bytes:
    """The serialized engine. `timings` is the cache of kernels measured before.

    Raises ConversionFailed with TensorRT's reason, PrecisionUnavailable, and whatever `progress`
    raises.
    """
    module = library.module
    MESSAGES.take()  # discard the messages of earlier work
    builder = module.Builder(logger_of(module))
    network = builder.create_network(_network_flags(module))
    _parse(module, network, plan)
    config = builder.create_builder_config()
    _configure(module, config, plan)
    _add_profile(builder, config, network, plan)
    tracker = PhaseTracker(progress)
    monitor = None
    if hasattr(module, "IProgressMonitor"):
        # The configuration may not keep it alive, so hold it until the build ends.
        monitor = monitor_of(module, tracker)
        config.progress_monitor = monitor
    cache = _use_timings(config, timings) if library.measures else None
    progress(0.0, f"building an engine in {plan.wanted}")
    engine = builder.build_serialized_network(network, config)
    del monitor
    if tracker.error is not None:
        raise tracker.error
    if engine is None:
        raise _failed(plan, "be built")
    if cache is not None:
        timings.update(lambda held: _joined(config, cache, held))
    progress(1.0, "built")
    return bytes(engine)


def _network_flags(module: Any) -> int:
    names = module.NetworkDefinitionCreationFlag
    wanted = ["EXPLICIT_BATCH"]  # required by old versions, unknown to new ones
    if not precision_by_flag(module):
        wanted.append("STRONGLY_TYPED")
    return sum(1 << int(getattr(names, name)) for name in wanted if hasattr(names, name))


def _parse(module: Any, network: Any, plan: Plan) -> None:
    parser = module.OnnxParser(network, logger_of(module))
    cast = plan.wanted == "fp16" != plan.held and not precision_by_flag(module)
    parsed = (
        parser.parse(_in_fp16(plan)) if cast else parser.parse_from_file(str(plan.path.resolve()))
    )
    if parsed:
        return
    errors = [str(parser.get_error(index).desc()) for index in range(parser.num_errors)]
    MESSAGES.take()
    if plan.held == "int8":
        raise ConversionFailed(
            f"TensorRT cannot parse {plan.name} in int8 ({plan.path}): {'; '.join(errors)}",
            "It takes only symmetric quantisation: int8 with zero points of 0, and biases in fp32 "
            "(in ONNX Runtime: QInt8, ActivationSymmetric, WeightSymmetric, QuantizeBias=False).",
        )
    raise ConversionFailed(
        f"TensorRT cannot parse {plan.name} ({plan.path}): {'; '.join(errors)}",
        "Choose another backend: `--backend onnxruntime` runs ONNX as it is.",
    )


def _in_fp16(plan: Plan) -> bytes:
    try:
        return to_fp16(plan.path)
    except ImportError as error:
        raise ConversionFailed(
            f"this TensorRT takes precision from the network, and {plan.name} cannot be cast to "
            f"fp16 without the package onnx ({error})",
            "Get it with `pip install onnx`.",
        ) from error
    # For a file that is not ONNX, protobuf raises errors that share no base but Exception.
    except Exception as error:
        raise ConversionFailed(
            f"{plan.path} cannot be cast to fp16: {type(error).__name__}: {error}",
            "If the file is damaged, delete it and fetch it again.",
        ) from error


def _configure(module: Any, config: Any, plan: Plan) -> None:
    flags = module.BuilderFlag
    wanted = FLAGS.get(plan.wanted)
    if wanted and precision_by_flag(module):
        if not hasattr(flags, wanted):
            raise PrecisionUnavailable(f"this TensorRT has no {plan.wanted}", "Choose another.")
        config.set_flag(getattr(flags, wanted))
    if hasattr(flags, "TF32") and not plan.options.tf32:
        config.clear_flag(flags.TF32)  # on by default, with only 10 bits of mantissa
    # Without it only one execution context can use a profile, so calls could not run at once.
    sharing = getattr(getattr(module, "PreviewFeature", None), "PROFILE_SHARING_0806", None)
    if sharing is not None:
        config.set_preview_feature(sharing, True)
    if plan.options.optimization_level is not None:
        if not hasattr(config, "builder_optimization_level"):
            raise ConversionFailed(
                "this TensorRT has no optimisation levels", "Leave optimization_level out."
            )
        config.builder_optimization_level = plan.options.optimization_level
    if plan.options.workspace is not None:
        if hasattr(config, "set_memory_pool_limit"):
            pool = module.MemoryPoolType.WORKSPACE
            config.set_memory_pool_limit(pool, plan.options.workspace * MIB)
        else:
            config.max_workspace_size = plan.options.workspace * MIB
    if plan.architecture:
        capability = getattr(module.ComputeCapability, plan.architecture.upper())
        config.num_compute_capabilities = 1
        config.set_compute_capability(capability, 0)


def _add_profile(builder: Any, config: Any, network: Any, plan: Plan) -> None:
    """Add one profile, with the minimum, typical and maximum shape of every input.

    An axis of which the profile has only one size is made static in the network. Raises
    ConversionFailed.
    """
    profile = builder.create_optimization_profile()
    dynamic = False
    for index in range(network.num_inputs):
        tensor = network.get_input(index)
        declared = tuple(tensor.shape)
        known = plan.shapes.get(tensor.name)
        if -1 not in declared:
            continue
        dynamic = True
        if known is None or len(known) != len(declared):
            raise ConversionFailed(
                f"{plan.name} has an input {tensor.name!r} of shape {declared}, but its ranges "
                f"are given as {known}",
                "The model's ModelSpec must give a shape profile of every dynamic input.",
            )
        ranges = [_range(*pair) for pair in zip(declared, known, strict=True)]
        _tell_axes_apart(tensor)
        tensor.shape = tuple(low if low == high else -1 for low, _, high in ranges)
        least, usual, most = (tuple(sizes) for sizes in zip(*ranges, strict=True))
        profile.set_shape(tensor.name, least, usual, most)
    if dynamic and config.add_optimization_profile(profile) < 0:
        raise _failed(plan, "take its shape profile")


def _tell_axes_apart(tensor: Any) -> None:
    """Give every axis a name of its own. TensorRT requires axes of one name to have one length,
    and many exporters name every dynamic axis "?"."""
    if not hasattr(tensor, "set_dimension_name"):
        return
    axes = range(len(tuple(tensor.shape)))
    names = [str(tensor.get_dimension_name(axis)) for axis in axes]
    for axis in axes:
        name = names[axis]
        if names.count(name) > 1 or not any(letter.isalnum() for letter in name):
            tensor.set_dimension_name(axis, f"{tensor.name}:{axis}")


def _range(declared: int, known: Dimension) -> Sequence[int]:
    if declared >= 0:
        return (declared,) * 3
    if isinstance(known, Axis):
        return known.minimum, known.typical, known.maximum
    return (known,) * 3


def _use_timings(config: Any, timings: BlobFile) -> Any:
    """A cache of measured kernels for this build, filled from `timings` if they fit."""
    for blob in (timings.read(), b""):
        cache = config.create_timing_cache(blob)
        if cache is not None and config.set_timing_cache(cache, False):
            return cache
    return None


def _joined(config: Any, cache: Any, held: bytes) -> bytes:
    """What was measured now, together with what others have written in the meantime."""
    other = config.create_timing_cache(held) if held else None
    if other is not None:
        cache.combine(other, False)
    return bytes(cache.serialize())


def _failed(plan: Plan, what: str) -> ConversionFailed:
    return ConversionFailed(
        f"the engine of {plan.name} in {plan.wanted} cannot {what}: {MESSAGES.take()}",
        "Choose another precision or backend; if memory ran out, set the converter's option "
        "workspace.",
    )
