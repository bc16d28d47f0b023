from ocrx.testing import PageReaderContract

from ocrx_rapidocr import RapidOcrOptions, RapidOcrReader


class TestRapidOcr(PageReaderContract):
    def make(self) -> RapidOcrReader:
        return RapidOcrReader(RapidOcrOptions())
