"""Words for parts of a country that only name a break-down: “Region and country of birth”, “Region” over labels."""

from __future__ import annotations

from sdmxmig.recognition.mentions import Mention, ReadTitle

PLACE, ROLE, JOINING = "PLACE", "ROLE", "JOINING"
IN = "in"
"""The Slovenian “and”, which says elsewhere where the figures are from: “by nationality in region B”."""


def is_heading(mention: Mention, reading: ReadTitle) -> bool:
    """Whether a word for a part of the country names a break-down: alone, or joined to the name of a dimension.

    “In the region of Mombasa” limits the figures, and so does “the region by citizenship”.
    """
    roles = reading.of(ROLE)
    if mention.concept != PLACE or mention.negated or mention.at not in {role.at for role in roles}:
        return False  # the name of a place is none of a dimension
    return is_alone(reading) or any(is_joined(mention, role, reading) for role in roles if role.at != mention.at)


def is_alone(reading: ReadTitle) -> bool:
    """Whether a text says nothing but names of dimensions."""
    roles, joints = {role.at for role in reading.of(ROLE)}, {joint.at for joint in reading.of(JOINING)}
    return {mention.at for mention in reading.mentions} <= roles | joints and not reading.unexplained


def is_joined(mention: Mention, role: Mention, reading: ReadTitle) -> bool:
    """Whether “and”, “or” or a stroke alone stands between a word and the name of a dimension."""
    first, last = sorted((mention, role), key=lambda word: word.at)
    joints = {joint.at for joint in reading.of(JOINING) if joint.phrase.casefold() != IN}
    if first.end < last.at:
        return set(range(first.end, last.at)) <= joints
    between = reading.title.partition(first.phrase)[2].partition(last.phrase)[0]
    return first.end == last.at and between.strip() in ("/", "、")
