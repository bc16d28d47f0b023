from ocrx.testing import PageReaderContract
from ocrx.testing.pictures import page
from ocrx.types import Image
from ocrx_rapidocr import RapidOcrOptions, RapidOcrReader


class TestRapidOcr(PageReaderContract):
    def make(self) -> RapidOcrReader:
        return RapidOcrReader(RapidOcrOptions(engine="openvino"))

    def pictures(self) -> list[Image]:
        """Square ones: RapidOCR enlarges a narrow picture, and takes its time for it."""
        return [page(("LOT", "4711-B", "EXP", "2027-03"), 180), page(("one", "two", "three"), 150)]

    def expected(self) -> list[tuple[Image, str]]:
        texts = ("LOT", "4711-B", "EXP"), ("one", "two", "three")
        return [(page(words, 180), " ".join(words)) for words in texts]
