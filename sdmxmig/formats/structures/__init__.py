"""What all formats of structures share: how an artefact of one version of SDMX becomes what another version has."""
