"""Recognition of table labels in any language, with confidence and reason."""

from sdmxmig.conversion.recognition.labels import APPLIED, Candidate
from sdmxmig.conversion.recognition.recogniser import Recogniser, read_recogniser

__all__ = ["APPLIED", "Candidate", "Recogniser", "read_recogniser"]
