"""Recognition: what the labels of tables mean, in any language, with a confidence and the reason for it."""

from sdmxmig.recognition.candidates import APPLIED, Candidate
from sdmxmig.recognition.recogniser import Recogniser, read_recogniser

__all__ = ["APPLIED", "Candidate", "Recogniser", "read_recogniser"]
