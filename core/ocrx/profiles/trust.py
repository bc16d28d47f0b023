"""How far scores can be trusted: what `ocrx calibrate` found, for each recogniser and decoder.

The confidence of a line is the probability that it is read right as a whole. What a network says is
mostly too sure of itself, and is corrected on the scale of log-odds by a temperature and an offset
(Platt, "Probabilistic Outputs for Support Vector Machines", 1999; Guo et al., "On Calibration of
Modern Neural Networks", ICML 2017).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from math import exp, log
from pathlib import Path

from ocrx.errors import InputError, OutputError
from ocrx.profiles.profile import profile_path
from ocrx.system.text import printable
from ocrx.types import Line

CERTAIN = 1e-7
"""Probabilities are kept this far from 0 and 1."""


@dataclass(frozen=True)
class Trust:
    """Turns what a network says into a confidence: its log-odds, divided by `temperature`, plus
    `offset`. `samples` is the number of pictures it was found on, 0 for what is not calibrated."""

    temperature: float = 1.0
    offset: float = 0.0
    samples: int = 0
    dataset: str = ""

    def confidence(self, probability: float) -> float:
        """The confidence for a probability, both from 0 to 1."""
        odds = log_odds(probability) / self.temperature + self.offset
        return 1 / (1 + exp(-max(-700.0, min(700.0, odds))))


def log_odds(probability: float) -> float:
    """The logarithm of the odds of a probability."""
    kept = min(max(probability, CERTAIN), 1 - CERTAIN)
    return log(kept / (1 - kept))


def said(line: Line) -> float:
    """The probability that a line is right, as it was read: that under patterns, or the product of
    its characters' scores. 0 if it matches no pattern or its check digits do not hold."""
    if line.match is not None:
        return line.match.probability if line.match.holds else 0.0
    found = 1.0
    for char in line.chars:
        found *= 1.0 if char.text.isspace() else char.score
    return found if line.chars else line.score


def key(recognizer: str, decoder: str, views: int) -> str:
    """What a calibration holds for."""
    return f"{recognizer} {decoder} {views}"


def load_trust(name: str) -> Trust:
    """The calibration for that key; one that changes nothing if there is none.

    Raises InputError for a file that cannot be read.
    """
    path = _path()
    if path is None or not path.exists():
        return Trust()
    try:
        found = json.loads(path.read_text("utf-8")).get(name)
        return Trust() if found is None else Trust(**found)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"the calibrations in {printable(str(path))} cannot be read ({error})",
            "Remove the file, and run `ocrx calibrate` again.",
        ) from error


def save_trust(name: str, trust: Trust) -> Path:
    """Keep a calibration beside the profile, and return its file. Raises OutputError if it cannot
    be written, InputError if the file is damaged."""
    path = _path()
    if path is None:
        raise OutputError("profiles are off (OCRX_PROFILE)", "Unset it, or give it a path.")
    load_trust(name)
    kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
    kept[name] = asdict(trust)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".new")
        scratch.write_text(json.dumps(kept, indent=1), "utf-8")
        scratch.replace(path)
    except OSError as error:
        raise OutputError(
            f"the calibration cannot be written to {printable(str(path))}: {error}",
            "Make it writable, or set OCRX_PROFILE to another place.",
        ) from error
    return path


def _path() -> Path | None:
    profile = profile_path()
    return None if profile is None else profile.with_name("trust.json")
