"""The nouns that the functions take and give."""

from sdmxmig.catalogue import Catalogue
from sdmxmig.conversion import Conversion
from sdmxmig.errors import SdmxmigError
from sdmxmig.model.data import Dataset
from sdmxmig.model.findings import Findings

__all__ = ["Catalogue", "Conversion", "Dataset", "Findings", "SdmxmigError"]
