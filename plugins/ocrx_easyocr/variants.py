"""Which model a user means: a variant from the catalogue, or a checkpoint of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ocrx.artifacts import ModelSpec, Source
from ocrx.errors import UnknownName, UnknownOption, WeightsError
from ocrx.names import Task
from ocrx.system.suggest import did_you_mean
from ocrx.weights.onnx_metadata import CHARACTERS, LINE_HEIGHT, onnx_metadata
from ocrx.weights.records import check_task, record_of
from ocrx_easyocr.catalogue import HEIGHT, INPUT, characters_of, charset, shape, specs
from ocrx_easyocr.checkpoint import read_checkpoint
from ocrx_easyocr.settings import RecognitionOptions

CHECKPOINT, DESCRIPTION, TRAINED = ".pth", ".yaml", ".onnx"


@dataclass(frozen=True)
class Chosen:
    """A recogniser: its spec, the characters of its classes, and those that must not be read."""

    spec: ModelSpec
    charset: str
    unread: frozenset[str]


def detector(variant: str) -> ModelSpec:
    """The detector of that variant, or the one in a .pth file. Raises UnknownName."""
    compressed = record_of(Path(variant).expanduser()) if variant else None
    if compressed is not None:
        record, folder = compressed
        check_task(record, "detection", folder)
        return record.applied(detector(record.variant), folder)
    known = specs("detection")
    default = next(iter(known))
    if (variant or default) in known:
        return known[variant or default]
    path = Path(variant).expanduser()
    if path.suffix != CHECKPOINT:
        raise _unknown("detection", variant, known)
    return _own(known[default], path)


def recognizer(variant: str, options: RecognitionOptions) -> Chosen:
    """The recogniser of that variant, or a user's own: a .pth file with a .yaml file beside it, as
    EasyOCR takes them, or an .onnx file that `ocrx train` wrote.

    Raises UnknownName for an unknown variant, UnknownOption for a language that the model does not
    read, and WeightsError for a checkpoint that does not fit its description.
    """
    compressed = record_of(Path(variant).expanduser()) if variant else None
    if compressed is not None:
        record, folder = compressed
        check_task(record, "recognition", folder)
        chosen = recognizer(record.variant, options)
        return replace(chosen, spec=record.applied(chosen.spec, folder))
    known = specs("recognition")
    default = next(iter(known))
    name = variant or default
    if name in known:
        spec, characters = known[name], charset(name)
        allowed = _allowed(name, spec, characters, options)
        return Chosen(spec, characters, frozenset(characters) - allowed)
    path = Path(name).expanduser()
    if path.suffix not in (CHECKPOINT, DESCRIPTION, TRAINED):
        raise _unknown("recognition", name, known)
    own = _trained if path.suffix == TRAINED else _described
    spec, characters = own(known[default], path)
    if options.languages:
        raise UnknownOption(
            f"{path.name} says nothing of the characters of single languages",
            "Give the characters to read, with the option allowlist.",
        )
    return Chosen(spec, characters, frozenset(characters) - _allowed("", spec, characters, options))


def _allowed(
    name: str, spec: ModelSpec, characters: str, options: RecognitionOptions
) -> frozenset[str]:
    if options.allowlist:
        return frozenset(options.allowlist)
    if not options.languages:
        return frozenset(characters) - frozenset(options.blocklist)
    allowed: frozenset[str] = frozenset()
    for language in (one.strip() for one in options.languages.split(",")):
        if language not in spec.languages:
            raise UnknownOption(
                f"{spec.name} does not read the language {language!r}",
                f"{did_you_mean(language, spec.languages)}It reads: {', '.join(spec.languages)}.",
            )
        allowed |= characters_of(name, language)
    return allowed


def _described(like: ModelSpec, path: Path) -> tuple[ModelSpec, str]:
    """The spec and the characters of a user's own recogniser. Its Python file is not run: the
    network is that of generation 1 or 2, as its weights say."""
    from ocrx_easyocr.crnn import classes_of

    checkpoint, description = path.with_suffix(CHECKPOINT), path.with_suffix(DESCRIPTION)
    told = _read_yaml(description)
    characters, height = told.get("character_list"), told.get("imgH") or HEIGHT
    if not isinstance(characters, str) or not isinstance(height, int) or height < 32:
        raise WeightsError(
            f"{description} gives no character_list, or a bad imgH",
            "Give the .yaml file with which EasyOCR takes the model.",
        )
    classes = classes_of(read_checkpoint(checkpoint), str(checkpoint))
    if classes != len(characters) + 1:
        raise WeightsError(
            f"{checkpoint} has {classes} classes, {description} lists {len(characters)} characters "
            "and there is one blank",
            "Give the two files of the same model.",
        )
    languages = tuple(map(str, told.get("lang_list") or ()))
    spec = replace(
        _own(like, checkpoint), shapes={INPUT: shape("recognition", height)}, languages=languages
    )
    return spec, characters


def _trained(like: ModelSpec, path: Path) -> tuple[ModelSpec, str]:
    """The spec and the characters of a recogniser that was trained on."""
    told = onnx_metadata(path)
    characters, height = told.get(CHARACTERS, ""), told.get(LINE_HEIGHT, "")
    if not characters or not height.isdecimal():
        raise WeightsError(
            f"{path} carries no charset, or no height of lines",
            "Give the file that `ocrx train` wrote, as it is.",
        )
    spec = replace(
        _own(like, path),
        artifacts={"onnx": Source(path.name, path=path)},
        shapes={INPUT: shape("recognition", int(height))},
    )
    return spec, characters.replace("\n", "")


def _read_yaml(path: Path) -> Mapping[str, Any]:
    import yaml

    try:
        told = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise WeightsError(
            f"{path} cannot be read: {error.strerror or error}",
            "A recogniser of your own needs its .yaml file beside its .pth file.",
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise WeightsError(f"{path} is not YAML: {error}", "Correct the file.") from error
    return told if isinstance(told, dict) else {}


def _own(like: ModelSpec, path: Path) -> ModelSpec:
    (form,) = like.artifacts
    return replace(
        like,
        name=path.stem,
        artifacts={form: Source(path.name, path=path)},
        licence="",
        homepage="",
        languages=(),
    )


def _unknown(task: Task, variant: str, known: Mapping[str, ModelSpec]) -> UnknownName:
    return UnknownName(
        f"there is no EasyOCR {task} model {variant!r}",
        f"{did_you_mean(variant, known, most=3)}There are: {', '.join(known)}. "
        f"A path must end in {CHECKPOINT}, that of a recogniser also in {TRAINED}.",
    )
