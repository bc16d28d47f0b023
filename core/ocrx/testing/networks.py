"""The contract of network models: pictures to tensors and tensors to results, on a real runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np

from ocrx.artifacts import Artifact, Axis, Dimension
from ocrx.interfaces.decoding import Emissions
from ocrx.interfaces.feeds import check_feeds
from ocrx.interfaces.networks import NetworkModel
from ocrx.interfaces.runtimes import Backend, Session, SessionOptions
from ocrx.names import Task
from ocrx.networks.decode.ctc import ctc_greedy
from ocrx.networks.parts import SessionsRun
from ocrx.page.bidi import to_logical
from ocrx.testing import pictures as drawn
from ocrx.testing.checks import THREADS, check, in_threads
from ocrx.testing.components import (
    ComponentContract,
    DetectorContract,
    OrienterContract,
    RecognizerContract,
)
from ocrx.types import Batch, Image, Orientation, Tensor, Text
from ocrx.weights.store import Store

COMPONENTS: Mapping[Task, ComponentContract[Any]] = {
    "detection": DetectorContract(),
    "recognition": RecognizerContract(),
    "orientation": OrienterContract(),
}
"""What holds for the results of each task, whatever component gives them."""

SIZES = (
    *((1, 1), (1, 60), (90, 1), (7, 700), (17, 33), (20, 2500)),
    *((32, 100), (48, 320), (48, 321), (64, 65), (640, 480), (900, 700)),
)
"""The (height, width) of pictures: usual ones, strips, and sizes close to those of networks."""


class NetworkModelContract:
    """What the core relies on in a NetworkModel of one network. Define `make` and `backend`.

        class TestMyModel(NetworkModelContract):
            def make(self):
                return MyModel()

            def backend(self):
                return OpenVinoBackend()

    Override `pictures` and `expected` if the model is for another kind of picture, and `artifact`
    if its file is not on this machine in a format that the backend takes.
    """

    def make(self) -> NetworkModel[Any]:
        """A new instance of the model under test."""
        raise NotImplementedError(f"{type(self).__name__} must define make()")

    def backend(self) -> Backend:
        """The runtime to run the model on, which must be installed."""
        raise NotImplementedError(f"{type(self).__name__} must define backend()")

    def artifact(self) -> Artifact:
        """The model's file in a format that the backend takes. Nothing is downloaded."""
        spec = self.make().spec
        for wanted in self.backend().accepts:
            if wanted in spec.artifacts:
                return Artifact(Store(offline=True).path(spec.artifacts[wanted]), wanted, spec)
        raise NotImplementedError(
            f"{spec.name} is published as {', '.join(spec.artifacts)}, which the backend does not "
            f"take; {type(self).__name__} must define artifact()"
        )

    def pictures(self) -> list[Image]:
        """Pictures of the kind that the model is for, no two alike."""
        return self._component().pictures()

    def expected(self) -> list[tuple[Image, Any]]:
        """Pictures, and the answer for each: the text of a crop for a recogniser, the degrees for
        an orienter, the number of lines for a detector. There must be at least two different
        answers."""
        component = self._component()
        if isinstance(component, (RecognizerContract, OrienterContract)):
            return list(component.expected())
        return [(drawn.page(lines), len(lines)) for lines in drawn.PAGES]

    def test_its_spec_is_complete(self) -> None:
        spec = self.make().spec
        check(isinstance(spec.name, str) and spec.name, f"the spec's name is {spec.name!r}")
        check(
            spec.task in get_args(Task),
            f"the task {spec.task!r} is none of {', '.join(get_args(Task))}",
        )
        with self._open() as session:
            names = {tensor.name for tensor in session.inputs}
            check(
                set(spec.shapes) == names,
                f"the spec gives shapes for {sorted(spec.shapes)}, the network takes "
                f"{sorted(names)}",
            )
            for tensor in session.inputs:
                _check_dimensions(tensor.name, spec.shapes[tensor.name], tensor.shape)

    def test_its_limits_are_numbers(self) -> None:
        model = self.make()
        check(
            isinstance(model.max_batch, int) and model.max_batch >= 1,
            f"max_batch is {model.max_batch!r}, not a number of pictures",
        )
        for name in ("max_area", "large_area"):
            area = getattr(model, name)
            check(area > 0, f"{name} is {area!r}, not a number of pixels")

    def test_a_shape_is_a_bucket_of_the_profile(self) -> None:
        model = self.make()
        for size in SIZES:
            shape = model.shape(*size)
            _check_shape(shape, size)
            for name, tensor in model.encode([drawn.blank(*size[::-1])], shape).feeds.items():
                _check_fits(name, tensor, model.spec.shapes.get(name, ()), size)

    def test_a_picture_of_a_bucket_s_shape_needs_no_larger_one(self) -> None:
        model = self.make()
        for size in SIZES:
            shape = model.shape(*size)
            check(model.shape(*size) == shape, f"shape{size} gives another result each time")
            again = model.shape(*shape)
            if model.spec.task == "detection":
                continue  # a detector may enlarge small pictures
            check(
                again[0] <= shape[0] and again[1] <= shape[1],
                f"shape{size} is {shape}, but shape{shape} is {again}, which is larger",
            )

    def test_the_network_takes_what_it_encodes(self) -> None:
        model = self.make()
        with self._open() as session:
            for image in self.pictures():
                images = _alike(image, model.max_batch)
                batch = model.encode(images, model.shape(*image.shape[:2]))
                check_feeds(session.inputs, batch.feeds)
                check(
                    len(batch.context) == len(images),
                    f"{len(images)} pictures are encoded with {len(batch.context)} contexts",
                )
                for name, tensor in batch.feeds.items():
                    check(
                        len(tensor) == len(images),
                        f"{len(images)} pictures are encoded as {name!r} of shape {tensor.shape}",
                    )

    def test_a_result_of_its_task_for_each_picture(self) -> None:
        with self._open() as session:
            self._check_results(self.make(), session, self.pictures())

    def test_odd_pictures_do_no_harm(self) -> None:
        with self._open() as session:
            self._check_results(self.make(), session, drawn.odd())

    def test_a_picture_gives_the_same_alone_and_in_a_batch(self) -> None:
        model = self.make()
        with self._open() as session:
            for number, image in enumerate(self.pictures()):
                images = _alike(image, model.max_batch)
                together = _results(model, session, images)
                for one, result in zip(images, together, strict=True):
                    [alone] = _results(model, session, [one])
                    check(
                        self._same(alone, result),
                        f"picture {number} alone gives {alone!r}, in a batch {result!r}",
                    )

    def test_pictures_stay_as_they_are(self) -> None:
        model = self.make()
        for image in self.pictures():
            before = image.copy()
            image.setflags(write=False)
            model.encode([image], model.shape(*image.shape[:2]))
            check(np.array_equal(image, before), "a picture was changed")

    def test_views_of_a_picture_will_do(self) -> None:
        model = self.make()
        for image in self.pictures():
            wide = np.concatenate([image, image[:, ::-1]], axis=1)
            view = wide[:, : image.shape[1]]
            whole, part = (_encoded(model, [one]).feeds for one in (image, view))
            check(_equal(whole, part), "a view of a picture is encoded differently")

    def test_threads_get_what_one_thread_gets(self) -> None:
        model = self.make()
        images = self.pictures()
        with self._open() as session:
            expected = [_results(model, session, [image])[0] for image in images]

            def work(number: int) -> Any:
                return _results(model, session, [images[number % len(images)]])[0]

            for number, result in enumerate(in_threads(work, range(THREADS))):
                check(
                    self._same(result, expected[number % len(images)]),
                    "in threads, it gives another result",
                )

    def test_what_is_undecided_is_in_the_batch(self) -> None:
        model = self.make()
        with self._open() as session:
            for image in self.pictures():
                batch = _encoded(model, _alike(image, model.max_batch))
                undecided = model.undecided(
                    model.infer(SessionsRun(session, "the runtime"), batch), batch
                )
                numbers = range(len(batch.context))
                check(
                    len(set(undecided)) == len(undecided) and set(undecided) <= {*numbers},
                    f"undecided() gives {undecided!r} for {len(numbers)} pictures",
                )

    def test_it_gives_what_is_expected(self) -> None:
        model = self.make()
        expected = self.expected()
        check(
            len({answer for _, answer in expected}) > 1, "expected() must give at least two answers"
        )
        with self._open() as session:
            for image, answer in expected:
                [result] = _results(model, session, [image])
                found = _answer(result)
                check(found == answer, f"it gives {found!r} where {answer!r} is expected")

    def _component(self) -> ComponentContract[Any]:
        return COMPONENTS[self.make().spec.task]

    def _open(self) -> Session:
        return self.backend().open(self.artifact(), SessionOptions(precision="fp32"))

    def _check_results(
        self, model: NetworkModel[Any], session: Session, images: Sequence[Image]
    ) -> None:
        for image in images:
            [result] = _results(model, session, [image])
            self._component().check_result(result, image)

    def _same(self, one: Any, other: Any) -> bool:
        return self._component().same(one, other)


def _alike(image: Image, limit: int) -> list[Image]:
    """Pictures of the same size, and thus for one batch, but not alike: at most `limit`."""
    turned = np.ascontiguousarray(image[::-1, ::-1])
    return [image, turned, image][:limit]


def _encoded(model: NetworkModel[Any], images: Sequence[Image]) -> Batch:
    return model.encode(images, model.shape(*images[0].shape[:2]))


def _results(model: NetworkModel[Any], session: Session, images: Sequence[Image]) -> list[Any]:
    """The model's results for pictures of the same size, in one batch. Emissions are decoded
    greedily."""
    batch = _encoded(model, images)
    results = model.decode(model.infer(SessionsRun(session, "the runtime"), batch), batch)
    check(
        isinstance(results, list) and len(results) == len(images),
        f"for {len(images)} pictures it decodes {results!r}, not a list of as many results",
    )
    return [_decoded(one) if isinstance(one, Emissions) else one for one in results]


def _decoded(emissions: Emissions) -> Text:
    check(len(emissions) == 1, f"the emissions of one picture have {len(emissions)} rows")
    [text] = ctc_greedy(emissions)
    return to_logical(text)


def _answer(result: Any) -> Any:
    """What `expected` says of such a result."""
    if isinstance(result, Text):
        return result.text
    if isinstance(result, Orientation):
        return result.degrees
    return len(result)


def _equal(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(
        np.allclose(one[name], other[name], atol=1e-5) for name in one
    )


def _check_dimensions(name: str, declared: Sequence[Dimension], real: Sequence[int | None]) -> None:
    """Compare the dimensions of an input in the spec with those of the opened network."""
    check(
        len(declared) == len(real),
        f"the spec gives {name!r} {len(declared)} dimensions, the network has {len(real)}",
    )
    for number, (dimension, size) in enumerate(zip(declared, real, strict=True)):
        where = f"dimension {number} of {name!r}"
        if isinstance(dimension, Axis):
            check(size is None, f"{where} is {dimension} in the spec, but always {size}")
            ends = (dimension.minimum, dimension.maximum)
            check(
                all(end % dimension.step == 0 for end in ends),
                f"{where} goes from {ends[0]} to {ends[1]}, which are not multiples of "
                f"{dimension.step}",
            )
        else:
            check(size in (None, dimension), f"{where} is {dimension} in the spec, but {size}")


def _check_shape(shape: Any, size: tuple[int, int]) -> None:
    check(
        isinstance(shape, tuple)
        and len(shape) == 2
        and all(isinstance(side, int) and side > 0 for side in shape),
        f"shape{size} gives {shape!r}, not a (height, width)",
    )


def _check_fits(
    name: str, tensor: Tensor, dimensions: Sequence[Dimension], size: tuple[int, int]
) -> None:
    """Fail the test unless a tensor that was encoded from a picture of that size is within the
    shapes of the spec."""
    fits = len(tensor.shape) == len(dimensions) and all(
        _within(length, dimension)
        for length, dimension in zip(tensor.shape[1:], dimensions[1:], strict=True)
    )
    check(
        fits,
        f"a picture of (height, width) {size} is encoded as {name!r} of shape {tensor.shape}, "
        f"which is not within {tuple(dimensions)}",
    )


def _within(length: int, dimension: Dimension) -> bool:
    if not isinstance(dimension, Axis):
        return length == dimension
    return dimension.minimum <= length <= dimension.maximum and length % dimension.step == 0
