"""Results of runs that never were: every state, noise, several models on several runtimes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from ocrx.bench.data.dataset import DatasetInfo
from ocrx.bench.figures.result import (
    Cell,
    CellResult,
    Component,
    Confusion,
    Cost,
    Figures,
    Interval,
    MachineInfo,
    Miss,
    Parity,
    Quality,
    Result,
)

RECOGNIZERS = {
    "paddle:v6-small": (98.7, 6.2, 20.8),
    "paddle:v4": (96.1, 3.9, 10.4),
    "crnn": (91.4, 2.1, 31.9),
}
BACKENDS = {"onnxruntime": 1.0, "openvino": 0.62, "torch": 1.9, "tflite": 1.4, "paddle": 1.5}
PRECISIONS = {"fp32": (1.0, 0.0), "int8": (0.55, -1.8)}

ENVIRONMENT = MachineInfo(
    system="Linux 6.1 x86_64",
    python="3.11.9",
    cpu="AMD EPYC 9754",
    cpu_flags=("avx2", "avx512f", "avx512_bf16"),
    cores=2,
    memory_mb=7936.0,
    devices=("cpu",),
    packages={"ocrx": "0.1.0", "openvino": "2026.4.0", "onnxruntime": "1.23.0", "torch": "2.13.0"},
    variables={"OMP_NUM_THREADS": "2"},
)
DATASET = DatasetInfo(
    "receipts", "lines", 120, origin="example/receipts", digest="0123456789abcdef" * 4
)
STAGES = {"decode": 0.06, "rectify": 0.02, "recognize": 0.9, "orient": 0.04}
SETTINGS = {"rounds": "5", "warm-up": "until stable", "threads": "2", "seed": "0"}


def cost(p50: float, *, spread: float = 2.0, rounds: int = 5, drift: float = 0.0) -> Cost:
    """Rounds around `p50`: they differ by `spread` percent, deterministically."""
    offsets = [0.0, -0.5, 0.5, -0.25, 0.25] * rounds
    times = tuple(p50 * (1 + (offsets[i] * spread + drift * i) / 100) for i in range(rounds))
    found = 100 * (max(times) - min(times)) / sorted(times)[rounds // 2]
    return Cost(
        p50=p50,
        p90=p50 * 1.4,
        p99=p50 * 1.9,
        images_per_second=1000 / (p50 * 1.1),
        rounds=times,
        spread=found,
        stages={
            "decode": p50 * 0.06,
            "rectify": p50 * 0.02,
            "recognize": p50 * 0.9,
            "orient": p50 * 0.04,
        },
        startup=340.0,
        first=p50 * 3,
        build=None,
        model_mb=20.8,
        peak_mb=310.0,
        slope=0.4,
    )


def quality(
    characters: float,
    *,
    reach: float = 0.6,
    worst: Sequence[Miss] = (),
    confusions: Sequence[Confusion] = (),
) -> Quality:
    def around(value: float, wide: float) -> Interval:
        value = max(value, 0.0)
        return Interval(value, max(value - wide, 0.0), min(value + wide, 100.0))

    return Quality(
        samples=DATASET.samples,
        folding="case",
        characters=around(characters, reach),
        exact=around(100 - 3.1 * (100 - characters), 3 * reach),
        confusions=tuple(confusions),
        worst=tuple(worst),
    )


def ok(
    cell: Cell,
    p50: float = 10.0,
    characters: float = 95.0,
    *,
    reach: float = 0.6,
    spread: float = 2.0,
    rounds: int = 5,
) -> CellResult:
    """A measured cell; `reach` is half of the accuracy's interval."""
    spent = cost(p50, spread=spread, rounds=rounds)
    return CellResult(cell, "ok", figures=Figures(quality(characters, reach=reach), spent))


def result(*cells: CellResult, warnings: Sequence[str] = ()) -> Result:
    """A run of those cells."""
    return Result(DATASET, ENVIRONMENT, cells, "2026-11-23T10:00:00Z", SETTINGS, tuple(warnings))


def matrix() -> Result:
    """3 recognisers on 5 runtimes in 2 precisions, an engine of its own, and every state."""
    chance = random.Random(7)
    cells = [
        _cell(Cell(recognizer, "", backend, precision), chance)
        for recognizer in RECOGNIZERS
        for backend in BACKENDS
        for precision in PRECISIONS
    ]
    engine = ok(Cell("tesseract", "", "", "auto"), 61.0, 90.4, reach=1.9)
    cells.append(replace(engine, state="built-in"))
    return result(*cells, warnings=("2 of 31 cells were measured while the machine was busy",))


def _cell(cell: Cell, chance: random.Random) -> CellResult:
    where = (cell.backend, cell.precision)
    if where == ("paddle", "int8"):
        return CellResult(
            cell, "no route", "no converter makes paddle int8 of onnx",
            "Choose fp32 for this runtime.",
        )  # fmt: skip
    if where == ("tflite", "int8") and cell.recognizer == "crnn":
        return CellResult(
            cell, "failed", "the process was killed (signal 9) after 41 s, at 7.6 GB of memory",
            "Give the machine more memory, or leave this cell out.",
        )  # fmt: skip
    if cell.backend == "torch" and cell.recognizer == "crnn":
        return CellResult(
            cell, "missing", "the converter onnx2torch is not installed",
            "ocrx converters install onnx2torch",
        )  # fmt: skip
    return _measured(cell, chance)


def _measured(cell: Cell, chance: random.Random) -> CellResult:
    accuracy, time, size = RECOGNIZERS[cell.recognizer]
    factor, loss = PRECISIONS[cell.precision]
    p50 = time * BACKENDS[cell.backend] * factor * chance.uniform(0.97, 1.03)
    noisy = (cell.backend, cell.recognizer) == ("torch", "paddle:v4")
    read = quality(accuracy + loss, worst=WORST, confusions=CONFUSIONS)
    spent = replace(
        cost(p50, spread=34.0 if noisy else chance.uniform(0.8, 4)),
        model_mb=size * (0.28 if cell.precision == "int8" else 1),
        peak_mb=240 + 90 * BACKENDS[cell.backend] + chance.uniform(0, 20),
        startup=300 * BACKENDS[cell.backend],
        build=5200.0 if cell.backend == "tflite" else None,
    )
    used = (Component("recognition", cell.recognizer, cell.backend, "cpu", cell.precision),)
    if (cell.backend, cell.precision) == ("tflite", "int8"):
        parity = Parity("onnxruntime", 71.7, -9.3)
        read = quality(accuracy - 9.3, reach=2.1, worst=WORST, confusions=CONFUSIONS)
        return CellResult(
            cell, "mismatch", "71.7 % of pictures read as on onnxruntime; 99 % were asked for",
            "Use fp32 on this runtime.", Figures(read, spent, used, parity),
        )  # fmt: skip
    parity = Parity("onnxruntime", 100.0 if not loss else 93.3, loss)
    return CellResult(cell, "ok", figures=Figures(read, spent, used, parity))


CONFUSIONS = (
    Confusion("0", "O", 14),
    Confusion("1", "I", 9),
    Confusion("5", "S", 6),
    Confusion("8", "B", 4),
    Confusion(" ", "", 4),
    Confusion("", ".", 3),
    Confusion("粤", "奥", 2),
)
WORST = (
    Miss("crops/017.png", "LOT L2611-0873", "L0T L26II-O873", 71.4),
    Miss("crops/003.png", "粤B·8T352", "奥B8T35Z", 62.5),
    Miss("crops/090.png", "TOTAL 12.40", "", 0.0),
    Miss("crops/044.png", "<b>&amp;</b>", "<b>&</b>", 66.7),
)
