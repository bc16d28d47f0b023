"""Opens engines: which library, which GPU, and never an engine built for another GPU."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ocrx.artifacts import Artifact, Format
from ocrx.errors import BackendError, DeviceMissing, OcrxError, PrecisionUnavailable
from ocrx.interfaces.runtimes import Availability, Backend, SessionOptions
from ocrx.names import Precision
from ocrx_tensorrt.caches import BlobFile
from ocrx_tensorrt.driver import (
    CudaError,
    Gpu,
    NoDriver,
    architecture_of,
    count_gpus,
    find_gpu,
    name_of,
)
from ocrx_tensorrt.library import (
    MESSAGES,
    ONE_AT_A_TIME,
    Library,
    driver_remedy,
    load_library,
    logger_of,
    this_platform,
)
from ocrx_tensorrt.options import TensorRtOptions
from ocrx_tensorrt.passport import Passport, read_passport

if TYPE_CHECKING:
    from ocrx_tensorrt.session import TensorRtSession

REBUILD = "Build it again: run `ocrx models clean`, then repeat your command."


class TensorRtBackend(Backend):
    """Runs TensorRT engines, in the precision and on the kind of GPU they were built for.

    Devices are "cuda:0", "cuda:1" and so on; "auto" means the first.
    """

    name: ClassVar[str] = "tensorrt"
    accepts: ClassVar[tuple[Format, ...]] = ("tensorrt",)
    # The last resort of "auto", because an engine takes minutes to build.
    priority: ClassVar[int] = 0

    def __init__(
        self, options: TensorRtOptions | None = None, cache_dir: Path | None = None
    ) -> None:
        self._options = options or TensorRtOptions()
        self._cache_dir = cache_dir

    def weights(self, asked: Precision) -> Precision:
        """An engine computes in the precision it was built in."""
        return "fp32" if asked == "auto" else asked

    def probe(self) -> Availability:
        try:
            gpus = count_gpus()
        except CudaError as error:
            return Availability(False, remedy=driver_remedy(), detail=str(error))
        try:
            library = load_library(self._options.library)
        except OcrxError as error:
            remedy = error.remedy.removeprefix("Get it with: ")
            return Availability(False, remedy=remedy, detail=error.message)
        devices = tuple(f"cuda:{index}" for index in range(gpus))
        names = {}
        for index, device in enumerate(devices):
            with suppress(CudaError):  # opening an engine on that GPU will report it
                names[device] = name_of(index)
        return Availability(True, library.version, devices, detail=library.name, names=names)

    def open(self, artifact: Artifact, options: SessionOptions) -> TensorRtSession:
        passport = read_passport(artifact.path)
        asked = self._options.library
        library = load_library(passport.library if passport and asked == "auto" else asked)
        try:
            index = find_gpu(options.device)
            _check_precision(artifact, options.precision)
            if passport:
                _check_passport(passport, library, artifact, index)
            return self._open(library, artifact, index, max(1, options.concurrency))
        except NoDriver as error:
            raise DeviceMissing(
                f"TensorRT has nothing to run on: {error}", f"Get it with: {driver_remedy()}"
            ) from error
        except CudaError as error:
            raise BackendError(
                f"{artifact.path} cannot be opened on {options.device}: {error}",
                "Check with `nvidia-smi` that the GPU works and has memory left.",
            ) from error

    def _open(
        self, library: Library, artifact: Artifact, index: int, concurrency: int
    ) -> TensorRtSession:
        from ocrx_tensorrt.calls import calls_of
        from ocrx_tensorrt.session import TensorRtSession

        blob = _read(artifact.path)
        gpu = Gpu(index)
        try:
            with ONE_AT_A_TIME, gpu.current():
                engine = _deserialize(library, artifact.path, blob)
                compiled = Compiled(engine, self._kernels(library, index, blob))
                contexts = _contexts(compiled, artifact.path, concurrency)
                calls = calls_of(library.module, engine)
                name = artifact.spec.name
                session = TensorRtSession(name, calls, contexts, gpu, compiled.close)
        except BaseException:
            with suppress(CudaError):  # it would hide the reason
                gpu.close()
            raise
        session.device = f"cuda:{index}"
        session.precision = artifact.spec.precision
        return session

    def _kernels(self, library: Library, index: int, blob: bytes) -> BlobFile | None:
        """The file that keeps the kernels compiled for this engine; None without a cache."""
        if self._cache_dir is None:
            return None
        digest = hashlib.sha256(blob).hexdigest()[:16]
        name = f"kernels-{library.version}-{architecture_of(index)}-{digest}.cache"
        return BlobFile(self._cache_dir, name)


def _deserialize(library: Library, path: Path, blob: bytes) -> Any:
    """The engine in `blob`. TensorRT itself recognises what is not one of its engines.

    Raises BackendError.
    """
    MESSAGES.take()
    runtime = library.module.Runtime(logger_of(library.module))
    engine = runtime.deserialize_cuda_engine(blob) if blob else None
    if engine is None:
        raise BackendError(
            f"{path} is not an engine that {library.name} {library.version} can load here: "
            f"{MESSAGES.take()}",
            f"An engine runs only on the TensorRT and kind of GPU it was built for. {REBUILD}",
        )
    return engine


class Compiled:
    """An engine, and the kernels that TensorRT for RTX compiles while it runs.

    The kernels are kept for the next session. TensorRT proper stores them in the engine itself.
    """

    def __init__(self, engine: Any, kernels: BlobFile | None) -> None:
        self._engine = engine
        self._file = kernels
        self._config = self._cache = None
        if not hasattr(engine, "create_runtime_config"):
            return
        config = engine.create_runtime_config()
        if kernels is None or not hasattr(config, "create_runtime_cache"):
            return
        cache = config.create_runtime_cache()
        held = kernels.read()
        if held:
            cache.deserialize(held)  # rejects kernels of another GPU or driver: start empty
        config.set_runtime_cache(cache)
        self._config, self._cache = config, cache

    def new_context(self) -> Any:
        if self._config is None:
            return self._engine.create_execution_context()
        return self._engine.create_execution_context(self._config)

    def close(self) -> None:
        if self._file is not None and self._cache is not None:
            cache = self._cache
            self._file.update(lambda _: bytes(cache.serialize()))
        self._engine = self._config = self._cache = None


def _contexts(compiled: Compiled, path: Path, wanted: int) -> list[Any]:
    """Up to `wanted` execution contexts. A TensorRT in which contexts cannot share a profile gives
    only one.

    Raises BackendError if there is none.
    """
    contexts: list[Any] = []
    for _ in range(wanted):
        context = compiled.new_context()
        if context is None or context.active_optimization_profile < 0:
            break
        contexts.append(context)
    if not contexts:
        raise BackendError(
            f"TensorRT cannot prepare to run {path}: {MESSAGES.take()}",
            "Check with `nvidia-smi` that the GPU has memory left.",
        )
    return contexts


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BackendError(f"{path} cannot be read: {error.strerror or error}", REBUILD) from error


def _check_precision(artifact: Artifact, asked: Precision) -> None:
    held = artifact.spec.precision
    if asked not in ("auto", held):
        raise PrecisionUnavailable(
            f"the engine of {artifact.spec.name} is built in {held}, not in {asked}",
            f"Choose a model that is published in {asked}, or `--precision {held}`.",
        )


def _check_passport(passport: Passport, library: Library, artifact: Artifact, index: int) -> None:
    here = Passport(
        library.name,
        library.version,
        this_platform(),
        architecture_of(index),
        artifact.spec.precision,
    )
    differs = passport.differs(here)
    if differs:
        raise BackendError(f"{artifact.path} was built for another {differs}", REBUILD)
