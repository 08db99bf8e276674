"""Recognition: what the labels of tables mean, in any language, with a confidence and the reason for it."""

from sdmxmig.conversion.recognition.candidates import APPLIED, Candidate
from sdmxmig.conversion.recognition.recogniser import Recogniser, read_recogniser

__all__ = ["APPLIED", "Candidate", "Recogniser", "read_recogniser"]
