"""The contracts of runtimes on TensorRT, all its generations, on a GPU that is made up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from ocrx.artifacts import Artifact
from ocrx.interfaces.runtimes import Backend
from ocrx.testing import BackendContract, SessionContract, Toy
from support.faketensorrt import GENERATIONS, Generation
from support.tensorrtmachine import Machine, machine


class Made:
    """TensorRT on the machine that the fixture makes."""

    machine: Machine

    @pytest.fixture(autouse=True, params=GENERATIONS)
    def a_machine(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
        with machine(cast("Generation", request.param), tmp_path / "cache") as made:
            self.machine = made
            yield
            made.tensorrt.check_clean()

    def make(self) -> Backend:
        return self.machine.backend()

    def artifact(self, toy: Toy, folder: Path) -> Artifact:
        return self.machine.engine(toy, folder / toy.name)


class TestTensorRt(Made, BackendContract):
    pass


class TestTensorRtSession(Made, SessionContract):
    @pytest.mark.slow  # dozens of sessions for every generation
    def test_a_closed_session_holds_no_memory(self, tmp_path: Path) -> None:
        super().test_a_closed_session_holds_no_memory(tmp_path)
