"""Benchmarking items and their answer scales, and the profile in which a country answers them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text

CHANGING_FLOWS = ("DF_IMM", "DF_EMI")
"""Dataflows whose latest change a comment of the profile may explain."""
COUNTRY = "_Z"
"""The subject of answers about the country as a whole."""
CONFIRMED, PUBLIC, REPORTED, INFERRED, NOT_VERIFIED = "CONFIRMED", "PUBLIC", "REPORTED", "INFERRED", "NOT_VERIFIED"
FROM_PUBLIC_SOURCES = (PUBLIC, REPORTED)
EVIDENCE = (CONFIRMED, PUBLIC, REPORTED, INFERRED, NOT_VERIFIED)
"""The classes of evidence, as in CL_EVIDENCE."""
UNKNOWN, NOT_APPLICABLE = "unknown", "not applicable"
"""Why an answer says nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a profile says on one item: about the country, or about one indicator, source, product or action.

    `answer` is a code of the item's scale; empty means that it is not known. `evidence` is a code of CL_EVIDENCE: where
    the answer comes from; without one it is not verified. `question` is what the office still has to confirm, and
    `subject` is what the answer is about. `is_refused` says that it was read without the evidence that it needs: it can
    be corrected, but says nothing.
    """

    item: str
    answer: str = ""
    _: KW_ONLY
    practice: Text = Text()
    sources: tuple[str, ...] = ()
    evidence: str = ""
    question: Text = Text()
    subject: str = COUNTRY
    is_refused: bool = field(default=False, compare=False)
    place: Place | None = field(default=None, compare=False)

    @property
    def is_verified(self) -> bool:
        """Whether somebody states it: the office, a source, or the data."""
        return self.evidence not in ("", NOT_VERIFIED) and not self.is_refused


@dataclass(frozen=True, slots=True)
class Profile:
    """A country's answers to the benchmarking items, with practice and sources.

    `signed_off` names who signed the profile off and when; empty means that the office has not reviewed it.
    `answers` are about the country, by item; `about` are those about indicators, sources of module H, integrated
    products and actions of the roadmap, by subject and then by item; `sources` are full citations by key.
    """

    area: str
    year: str
    _: KW_ONLY
    answers: Mapping[str, Answer]
    about: Mapping[str, Mapping[str, Answer]]
    sources: Mapping[str, str]
    signed_off: str = ""
    place: Place | None = field(default=None, compare=False)

    def of(self, item: str, subject: str = COUNTRY) -> Answer:
        """The answer on one item about one subject; one that says nothing if there is none."""
        answers = self.answers if subject == COUNTRY else self.about.get(subject, {})
        return answers.get(item) or Answer(item, subject=subject)

    @property
    def is_answered(self) -> bool:
        """Whether it says anything."""
        return any(answer.answer or answer.practice for answer in self.all_answers())

    def all_answers(self) -> Iterator[Answer]:
        """All answers: about the country, then about each subject."""
        for answers in (self.answers, *self.about.values()):
            yield from answers.values()


@dataclass(frozen=True, slots=True)
class Scale:
    """An answer scale of the benchmarking study: its codes with labels, and the points of each (None: not counted).

    `gaps` are the answers that make a gap, ``whole`` or ``partial``; what is not known or not applicable is none.
    `actions` say what to do about an answer where that does not depend on what was asked. `silent` are the answers that
    say nothing, each with whether that is ``unknown`` or ``not applicable``. `shown_as` are answers that are not
    counted, each with the one that has its sign.
    """

    id: str
    labels: tuple[tuple[str, Text], ...]
    _: KW_ONLY
    points: tuple[tuple[str, Decimal | None], ...]
    name: Text = Text()
    gaps: tuple[tuple[str, str], ...] = ()
    actions: tuple[tuple[str, Text], ...] = ()
    silent: tuple[tuple[str, str], ...] = ()
    shown_as: tuple[tuple[str, str], ...] = ()

    def label(self, code: str) -> Text:
        """What a code means."""
        return dict(self.labels).get(code, Text())

    def gap(self, code: str) -> str:
        """The gap that an answer makes: ``whole``, ``partial``, or empty for none."""
        return dict(self.gaps).get(code, "")

    def action(self, code: str) -> Text:
        """What to do about an answer."""
        return dict(self.actions).get(code, Text())

    def silence(self, code: str) -> str:
        """Why an answer says nothing: ``unknown`` or ``not applicable``; empty if it says something."""
        return dict(self.silent).get(code, "") if code else UNKNOWN

    def falls_short(self, code: str) -> bool:
        """Whether an answer makes a gap or has fewer points than the best one: it needs evidence."""
        points = dict(self.points).get(code)
        return bool(self.gap(code)) or (points is not None and points < self.most)

    @property
    def most(self) -> Decimal:
        """The most points that an answer can have; zero where none has any."""
        return max((number for _, number in self.points if number is not None), default=Decimal(0))

    def level(self, code: str) -> int | None:
        """How far an answer goes, in quarters of the most points that the scale gives; None if it has no points.

        An answer that is not counted may be shown as another one is.
        """
        points_of_code = dict(self.points).get(dict(self.shown_as).get(code, code))
        if points_of_code is None or not self.most:
            return None
        return int((4 * points_of_code / self.most).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class BenchmarkItem:
    """One item of the benchmarking study: what is asked, what the standard says, on which scale it is answered.

    `scale` is empty where words are asked for. `of` is what it is asked of: the country if empty, else each
    ``indicator``, ``source``, ``product`` or ``action``. `action` is what to do about a gap; `status` and `source`
    speak about the recommendation text, `checked` is the passage of the published standard with which that was
    compared, empty until then. `weight` is how much the answer counts beside others, None if it does not
    count; `group` puts definitions together (a code of CL_DEF_GROUP); `driver` is the obstacle that is asked about (a
    code of CL_FEAS_DRIVER). `is_short` are the items of the short form; `number` says which number may be told with it.
    """

    id: str
    module: str
    _: KW_ONLY
    name: Text
    recommendation: Text
    scale: str
    action: Text = Text()
    status: str = "candidate"
    source: str = ""
    of: str = ""
    weight: Decimal | None = None
    group: str = ""
    driver: str = ""
    is_short: bool = False
    number: Text = Text()
    checked: str = ""
