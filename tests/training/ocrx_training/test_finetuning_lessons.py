"""What is kept of a teacher's word."""

from __future__ import annotations

import pytest
import torch

from ocrx_training.finetuning.lessons import KEPT, told


def test_of_a_large_charset_the_most_probable_classes_are_kept() -> None:
    whole = torch.rand(2, 3, 5000, generator=torch.manual_seed(0)).mul(20).softmax(2)
    kept = told(whole)
    assert kept.classes.shape == kept.probabilities.shape == (2, 3, KEPT)
    assert kept.classes[..., 0].equal(whole.argmax(2).int())
    assert kept.probabilities.float() == pytest.approx(whole.gather(2, kept.classes.long()), 1e-3)
    assert kept.probabilities.float().min(2).values.gt(whole.median(2).values).all()


def test_of_a_small_charset_all_is_kept() -> None:
    whole = torch.tensor([[[0.25, 0.5, 0.25]]])
    kept = told(whole)
    again = torch.zeros(1, 1, 3).scatter(2, kept.classes.long(), kept.probabilities.float())
    assert again.equal(whole)
