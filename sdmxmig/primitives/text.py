"""Localised words, numbers and dates (Babel, CLDR), and texts that spreadsheet programs run as formulas.

``=HYPERLINK(…)`` is text in SDMX but a command in CSV. SDMX-CSV (``data/*.csv``, ``profile.csv``, ``transform``) and
codelists stay exact and are reported (`RUNNING_FORMULA`). Tables for editing (``untranslated-<language>.csv``) are
escaped (`shield_formula`, `unshield_formula`). Workbooks need neither.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from unicodedata import combining, normalize

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, get_month_names
from babel.numbers import get_decimal_symbol, get_group_symbol

from sdmxmig.primitives.errors import SdmxmigError

MINUS = "−"
# “hielo” and “ion” begin with a consonant sound: “y” stays before them.
AND_BEFORE_I = re.compile(r"(?<= )y(?= (?:[ií](?!o)|hí|hi(?![aeo])))", re.IGNORECASE)
DAY_FIRST = "en-GB"
ARABIC_MONTHS = (
    "كانون الثاني/يناير",
    "شباط/فبراير",
    "آذار/مارس",
    "نيسان/أبريل",
    "أيار/مايو",
    "حزيران/يونيه",
    "تموز/يوليه",
    "آب/أغسطس",
    "أيلول/سبتمبر",
    "تشرين الأول/أكتوبر",
    "تشرين الثاني/نوفمبر",
    "كانون الأول/ديسمبر",
)
HAN_CHARACTERS = "\\u3400-\\u9fff，。；：、（）《》"
HAN_OR_QUOTE = HAN_CHARACTERS + "“”"
COMMAS = {"ar": "، ", "zh": "，"}
BLANK_BEFORE_PERCENT = re.compile(r"(?<=\d) (?=%)")
BLANK_AT_FRENCH_SIGNS = re.compile(r"(?<=\S) (?=[:;?!»](?:\W|$))|(?<=«) ")
BLANK_BESIDE_HAN = (
    rf"(?<=[{HAN_OR_QUOTE}]) (?=[−+]?[0-9{{]|[{HAN_OR_QUOTE}])|(?<=[0-9}}%]) (?=[{HAN_OR_QUOTE}])"
    rf"|(?<=[{HAN_CHARACTERS}]) (?=[A-Za-z])|(?<=[A-Za-z]) (?=[{HAN_CHARACTERS}])"
)
LEFT_TO_RIGHT_MARK = "\u200e"
LEFT_TO_RIGHT_ISOLATE, END_OF_ISOLATE = "\u2066", "\u2069"

DRAFT_NOTICE = "Draft, not signed off by the national statistical office"
ILLUSTRATION_NOTICE = "Illustration from public sources, not reviewed by the national statistical office"
MADE_UP_NOTICE = "Made-up country: all figures are simulated, all texts invented"
MADE_UP_REGION = "Made-up countries: all figures are simulated, all texts invented"


def build_notice(*, is_draft: bool, is_fictional: bool, is_from_public_sources: bool = False) -> str:
    """Return the notice for a country: fictional or draft, in English.

    >>> build_notice(is_draft=False, is_fictional=True)
    'Made-up country: all figures are simulated, all texts invented'
    >>> build_notice(is_draft=True, is_fictional=False)
    'Draft, not signed off by the national statistical office'
    """
    if is_fictional:
        return MADE_UP_NOTICE
    if not is_draft:
        return ""
    return ILLUSTRATION_NOTICE if is_from_public_sources else DRAFT_NOTICE


@lru_cache(maxsize=64)
def find_locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError) as error:
        raise SdmxmigError(
            f"“{language}” is not a language that sdmxmig knows.",
            hint="Write a language tag such as en, fr, es, ar, ru or zh.",
        ) from error


def normalise_tag(language: str) -> str:
    """Normalise a language tag; raise `SdmxmigError` if unknown.

    >>> normalise_tag("FR"), normalise_tag("fr_FR"), normalise_tag("zh-hans")
    ('fr', 'fr-FR', 'zh-Hans')
    """
    return str(find_locale(language)).replace("_", "-")


def choose_language(language: str, languages: Collection[str]) -> str:
    """Choose the language of a translation: an exact match, or the base language, or none.

    >>> choose_language("FR", ["en", "fr"]), choose_language("fr_CA", ["en", "fr"]), choose_language("de", ["en"])
    ('fr', 'fr', '')
    """
    with suppress(SdmxmigError):
        tagged = normalise_tag(language)
        return next((known for known in (tagged, find_base_language(tagged)) if known in languages), "")
    return ""


def find_base_language(tagged: str) -> str:
    """Return the language of a tag, without region or script.

    >>> find_base_language("fr-CA"), find_base_language("fr")
    ('fr', 'fr')
    """
    return tagged.partition("-")[0]


def find_direction(language: str) -> str:
    """Return the writing direction of a language (HTML): ``ltr`` or ``rtl``.

    >>> find_direction("ar"), find_direction("fr")
    ('rtl', 'ltr')
    """
    return str(find_locale(language).text_direction)


def find_separators(language: str) -> tuple[str, str]:
    """Return the decimal and thousands separators of a language.

    >>> find_separators("es")
    (',', '.')
    """
    language_locale = find_locale(language)
    return get_decimal_symbol(language_locale), get_group_symbol(language_locale)


@lru_cache(maxsize=64)
def _map_signs(language: str) -> dict[int, str]:
    decimal, group = find_separators(language)
    return str.maketrans({".": decimal, ",": group})


class WrittenNumber(str):
    """A number written in a language: `value` is exact, `pattern` is its spreadsheet format."""

    value: Decimal
    pattern: str

    @classmethod
    def of(cls, written: str, value: Decimal | int, pattern: str) -> WrittenNumber:
        number = cls(written)
        number.value, number.pattern = Decimal(value), pattern
        return number


def _round_half_up(value: Decimal | int, decimals: int) -> Decimal:
    return Decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _format_places(decimals: int) -> str:
    return "." + "0" * decimals if decimals else ""


def format_number(value: Decimal | int, language: str = "en", decimals: int = 0) -> WrittenNumber:
    """Format a number with thousands grouping and a real minus sign, rounded half up.

    >>> format_number(Decimal("-39207"), "en"), format_number(Decimal("3704.55"), "fr", 1)
    ('−39,207', '3 704,6')
    """
    rounded = _round_half_up(value, decimals)
    pattern = "#,##0" + _format_places(decimals)
    # Not by format_decimal of babel, which is thirty times slower; four-digit numbers are grouped in every locale.
    digits = f"{abs(rounded):,.{decimals}f}".translate(_map_signs(language))
    return WrittenNumber.of(f"{_mark(language)}{MINUS}{digits}" if rounded < 0 else digits, value, pattern)


def write_shortest(value: Decimal) -> str:
    """Write a number without trailing zeros after the decimal point.

    >>> write_shortest(Decimal("1200.50")), write_shortest(Decimal("1200.0")), write_shortest(Decimal("1E+2"))
    ('1200.5', '1200', '100')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_signed(value: Decimal | int, language: str = "en", decimals: int = 0) -> WrittenNumber:
    """Format a change or difference with its sign; zero without one.

    >>> format_signed(14386), format_signed(-51), format_signed(0)
    ('+14,386', '−51', '0')
    """
    digits = format_number(value, language, decimals)
    written = f"{_mark(language)}+{digits}" if _round_half_up(value, decimals) > 0 else digits
    return WrittenNumber.of(written, value, f"+{digits.pattern};-{digits.pattern};{digits.pattern}")


def _mark(language: str) -> str:
    return LEFT_TO_RIGHT_MARK if find_direction(language) == "rtl" else ""


def isolate_english(foreign: str, language: str) -> str:
    r"""Isolate English text in right-to-left languages.

    >>> isolate_english("5 of 11", "fr"), isolate_english("5 of 11", "ar")
    ('5 of 11', '\u20665 of 11\u2069')
    """
    if find_direction(language) == "ltr" or not foreign:
        return foreign
    return f"{LEFT_TO_RIGHT_ISOLATE}{foreign}{END_OF_ISOLATE}"


def parse_whole_number(written: str, digits: int = 9) -> int | None:
    """Parse a whole number of at most `digits` digits; return None for other texts.

    >>> (parse_whole_number("12"), parse_whole_number("-1"),
    ...  parse_whole_number("١٢"), parse_whole_number("1234", digits=3))
    (12, None, None, None)
    """
    return int(written) if written.isascii() and written.isdigit() and len(written) <= digits else None


def format_percent(share: Decimal, language: str = "en", decimals: int = 1) -> WrittenNumber:
    r"""Format a share between 0 and 1 as a percentage.

    >>> format_percent(Decimal("0.1956"), "en"), format_percent(Decimal(1), "de", 0)
    ('19.6%', '100\xa0%')
    """
    digits = format_number(share * 100, language, decimals)
    pattern = str(find_locale(language).percent_formats[None].pattern)
    written = digits + pattern[max(pattern.rfind("0"), pattern.rfind("#")) + 1 :]
    return WrittenNumber.of(written, share, f"0{_format_places(decimals)}%")


def spell_date(value: dt.date, language: str = "en") -> str:
    """Format a date in the style of the United Nations: day first in English, both month names in Arabic.

    >>> (spell_date(dt.date(2024, 1, 1), "fr"), spell_date(dt.date(2024, 1, 1), "en"),
    ...  spell_date(dt.date(2024, 6, 30), "ar"))
    ('1er janvier 2024', '1 January 2024', '30 حزيران/يونيه 2024')
    """
    if language == "ar":
        return f"{value.day} {ARABIC_MONTHS[value.month - 1]} {value.year}"
    written = format_date(value, format="long", locale=find_locale(DAY_FIRST if language == "en" else language))
    # French uses an ordinal for the first day, which the locale data lack.
    return f"1er{written[1:]}" if find_base_language(language) == "fr" and value.day == 1 else written


def format_month(value: dt.date, language: str = "en") -> str:
    """Format the month of a date.

    >>> day = dt.date(2026, 12, 1)
    >>> format_month(day), format_month(day, "fr"), format_month(day, "zh")
    ('Dec 2026', 'déc. 2026', '2026年12月')
    """
    if language == "ar":
        return f"{ARABIC_MONTHS[value.month - 1]} {value.year}"
    return format_skeleton("yMMM", value, locale=find_locale(language))


def adjust_spanish_conjunction(words: str, language: str) -> str:
    """Replace Spanish “y” by “e” before the sound i.

    >>> adjust_spanish_conjunction("emigrantes y inmigrantes", "es"), adjust_spanish_conjunction("agua y hielo", "es")
    ('emigrantes e inmigrantes', 'agua y hielo')
    """
    return AND_BEFORE_I.sub("e", words) if find_base_language(language) == "es" else words


def find_day_in_year(day: str, year: str) -> dt.date | None:
    """Return the date for a day and month in English; None for other texts.

    >>> find_day_in_year("1 January", "2025"), find_day_in_year("another day", "2025")
    (datetime.date(2025, 1, 1), None)
    """
    months = {name: number for number, name in get_month_names("wide", locale=find_locale("en")).items()}
    number, _, month = day.partition(" ")
    if month not in months or not number.isdecimal() or not year.isdecimal():
        return None
    with suppress(ValueError):
        return dt.date(int(year), months[month], int(number))
    return None


def join_texts(parts: Iterable[str], language: str = "en") -> str:
    """Join texts with the comma of a language's script.

    >>> join_texts(["a", "b"], "ru"), join_texts(["a", "b"], "ar"), join_texts(["a", "b"], "zh-Hans")
    ('a, b', 'a، b', 'a，b')
    """
    return COMMAS.get(find_base_language(language), ", ").join(parts)


def fold_text(text: str) -> str:
    """Return a text to search or sort by, without case and accents.

    >>> fold_text("São Tomé") == fold_text("SAO TOME")
    True
    """
    return "".join(sign for sign in normalize("NFKD", text) if not combining(sign)).casefold()


def tighten_blanks(words: str, language: str) -> str:
    r"""Keep percent signs with numbers and French punctuation with words; remove blanks next to Chinese characters.

    >>> (tighten_blanks("有 19 类", "zh"), tighten_blanks("由 sdmxmig 计算", "zh"), tighten_blanks("19 kinds", "en"),
    ...  tighten_blanks("8,7 % de", "es"), tighten_blanks("source : « a »", "fr"))
    ('有19类', '由sdmxmig计算', '19 kinds', '8,7\xa0% de', 'source\xa0: «\xa0a\xa0»')
    """
    kept = BLANK_BEFORE_PERCENT.sub("\u00a0", words)
    if find_base_language(language) == "fr":
        return BLANK_AT_FRENCH_SIGNS.sub("\u00a0", kept)
    return re.sub(BLANK_BESIDE_HAN, "", kept) if find_base_language(language) == "zh" else kept


def find_plural_form(number: int, language: str) -> str:
    """Return the plural form (Unicode CLDR).

    >>> [find_plural_form(format_number, "ar") for format_number in (0, 1, 2, 3, 11, 100)]
    ['zero', 'one', 'two', 'few', 'many', 'other']
    """
    return str(find_locale(language).plural_form(number))


BLANK = re.compile(r"\{([A-Za-z_]+)\}")


def fill_message(message: str, values: Mapping[str, object]) -> str:
    """Fill a message; unknown names are kept and, unlike with `str.format`, attributes cannot be accessed.

    >>> fill_message("{n} of {all}: {n.real}", {"n": 3, "all": 11})
    '3 of 11: {n.real}'
    """
    return BLANK.sub(lambda match: str(values[match[1]]) if match[1] in values else match[0], message)


def find_values(message: str, text: str) -> dict[str, str] | None:
    """Return the values of a message's placeholders in a text; None if it does not match.

    >>> find_values("within {share} of {value}", "within 5% of 120"), find_values("about {value}", "after 7")
    ({'share': '5%', 'value': '120'}, None)
    >>> find_values("As in {file}.", "As in pop.2024.toml.")
    {'file': 'pop.2024.toml'}
    """
    first, *names_and_words = BLANK.split(message)
    if not text.startswith(first):
        return None
    rest, values = text[len(first) :], {}
    last = len(names_and_words) // 2 - 1
    for at, (name, words) in enumerate(zip(names_and_words[::2], names_and_words[1::2], strict=True)):
        is_end = at == last and rest.endswith(words)
        value, between, after = (rest.removesuffix(words), words, "") if is_end else rest.partition(words)
        if not value or between != words:
            return None
        values[name], rest = value, after
    return None if rest else values


def list_placeholders(message: str) -> list[str]:
    return BLANK.findall(message)


CONTROL_CHARACTERS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
DIRECTION_CHARACTERS = "\u202a-\u202e\u2066-\u206f"
INVISIBLE_CHARACTERS = (
    "\u00ad\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029\u2060-\u2065\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
"""Invisible and line-breaking characters and surrogates.

Direction marks of Arabic and Hebrew (U+200E, U+200F, U+061C) are allowed.
"""
_SHAPED, _JOINERS = "[\u0600-\uffef\U00010000-\U0010ffff]", "\u200c\u200d"
_JOINS_NOTHING = rf"(?<!{_SHAPED}[{_JOINERS}])|(?!{_SHAPED})"
HIDDEN_CHARACTERS = re.compile(  # one set comes first, because alternatives are tried at each letter
    rf"[{CONTROL_CHARACTERS}{DIRECTION_CHARACTERS}{INVISIBLE_CHARACTERS}{_JOINERS}](?:(?<![{_JOINERS}])|{_JOINS_NOTHING})"
)
UNPRINTABLE_CHARACTERS = re.compile(f"[{CONTROL_CHARACTERS}\u202a-\u202e\ud800-\udfff\ufffe\uffff]")

MAX_SHOWN_LENGTH = 200


def escape_invisible(text: str) -> str:
    r"""Return one line with invisible characters as numbers, including line feeds.

    >>> escape_invisible("Tbilisi\x1b[31m"), escape_invisible("a\nb"), escape_invisible("Île-de-France")
    ('Tbilisi<U+001B>[31m', 'a<U+000A>b', 'Île-de-France')
    """
    return show_lines(text).replace("\n", "<U+000A>")


def show_lines(text: str) -> str:
    r"""Show invisible characters in lines of text.

    >>> show_lines("ok\n\x07")
    'ok\n<U+0007>'
    """
    return HIDDEN_CHARACTERS.sub(lambda sign: f"<U+{ord(sign[0]):04X}>", text)


def escape_json(text: str) -> str:
    r"""Show invisible characters in JSON without changing its meaning: they occur only in its strings.

    >>> escape_json('["\x9b31m", "\U000e0041"]')
    '["\\u009b31m", "\\udb40\\udc41"]'
    """
    return HIDDEN_CHARACTERS.sub(_escape_character, text)


def show_all(value: Any) -> Any:
    r"""Show invisible characters in JSON content; member names stay unchanged.

    >>> show_all({"text": ["Tbilisi\x07", 1]})
    {'text': ['Tbilisi<U+0007>', 1]}
    """
    if isinstance(value, str):
        return escape_invisible(value)
    if isinstance(value, dict):
        return {name: show_all(member) for name, member in value.items()}
    return [show_all(member) for member in value] if isinstance(value, list) else value


def replace_unprintable(text: str) -> str:
    r"""Replace characters that documents cannot contain, or that reorder text, with a visible mark.

    >>> replace_unprintable("Tbilisi\x1b[31m")
    'Tbilisi�[31m'
    """
    return UNPRINTABLE_CHARACTERS.sub("\ufffd", text)


def shorten_text(text: str, most: int = MAX_SHOWN_LENGTH) -> str:
    """Shorten a text to this many characters, with an ellipsis.

    >>> shorten_text("Tbilisi", 4), shorten_text("Tbilisi")
    ('Tbil…', 'Tbilisi')
    """
    return text if len(text) <= most else f"{text[:most]}…"


def _escape_character(sign: re.Match[str]) -> str:
    units = sign[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[offset : offset + 2].hex()}" for offset in range(0, len(units), 2))


FORMULA_SIGNS = "=+@\uff1d\uff0b\uff20\t\r\n\uff0d-"
FORMULA_BEGINNING = re.compile(rf"'*\s*[{FORMULA_SIGNS}]")
SHIELDED_FORMULA = re.compile(rf"''*\s*[{FORMULA_SIGNS}]")
SIGNED_NUMBER = re.compile(r"[+-]?[0-9][0-9.,\u00a0\u202f ]*%?")
EXTERNAL_FUNCTIONS = (
    "hyperlink|webservice|filterxml|import(?:xml|data|html|feed|range)|image|dde|rtd|call|register|exec|indirect"
)
RUNNING_FORMULA = (
    r"(?s)^[\s\u00a0]*(?:[=\uff1d]\s*[^\s=].*|[+@\uff0b\uff20\uff0d-].*"
    rf"(?:\|.*!|\b[A-Z][A-Z0-9.]+\(|(?i:\b(?:{EXTERNAL_FUNCTIONS})\s*\()).*)$"
)
"""Texts that spreadsheet programs would run: an equals sign, or another sign with a function call."""
_RUNS = re.compile(RUNNING_FORMULA)


def is_formula(text: str) -> bool:
    """Check whether a spreadsheet program would run a text.

    >>> is_formula("=HYPERLINK(A1)"), is_formula("-5.3 %"), is_formula("- provisional")
    (True, False, False)
    """
    return _RUNS.match(text) is not None


def shield_formula(text: str) -> str:
    """Escape a text that spreadsheet programs would run as a formula; `unshield_formula` reverts this.

    >>> shield_formula("=1+1"), shield_formula("-5.3"), shield_formula("Total"), shield_formula("'-x")
    ("'=1+1", '-5.3', 'Total', "''-x")
    """
    return f"'{text}" if FORMULA_BEGINNING.match(text) and not SIGNED_NUMBER.fullmatch(text) else text


def write_shielded_csv(rows: Sequence[Mapping[str, str]], columns: Sequence[str] = ()) -> bytes:
    """Write rows as CSV without formulas; the columns are by default those of the first row."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, columns or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: shield_formula(cell) for name, cell in row.items()} for row in rows)
    return written.getvalue().encode()


def unshield_formula(text: str) -> str:
    return text[1:] if SHIELDED_FORMULA.match(text) else text


MARKDOWN_SIGNS = re.compile(r"[\\`*_\[\]|~]|<(?=[A-Za-z/!?])|&(?=#?[A-Za-z0-9]{1,40};)|#(?=#*\s*$)")
MARKDOWN_LINE_START = re.compile(
    r"(?P<before>^ ?(?:[0-9]{1,9}(?=[.)](?: |$)))?)"
    r"(?P<sign>(?<=[0-9])[.)]|(?<![0-9])(?:[>=]|[-+](?=[ -]|$)|#{1,6}(?= |$)))"
)
"""Markup at the start of a line: list numbers, quotations, headings, bullets, rules."""
BLANKS = re.compile(r"\s+")


def escape_markdown(text: str) -> str:
    r"""Escape a text for literal display in Markdown, on one line.

    >>> (escape_markdown("<b>1. [a](javascript:b)"), escape_markdown("# 1"), escape_markdown("x < 5 & y"),
    ...  escape_markdown("3. a"))
    ('\\<b>1. \\[a\\](javascript:b)', '\\# 1', 'x < 5 & y', '3\\. a')
    """
    return MARKDOWN_LINE_START.sub(r"\g<before>\\\g<sign>", escape_inline_markdown(text), count=1)


def escape_inline_markdown(text: str) -> str:
    return MARKDOWN_SIGNS.sub(r"\\\g<0>", BLANKS.sub(" ", text))


SPLIT_BY_SHELLS = frozenset(" '&();*?<>|#[]{}")
RUN_BY_SHELLS = frozenset('"$`!\n\r\t')


def quote_path(path: object) -> str:
    """Quote a path for a command line.

    >>> quote_path("work/ge"), quote_path("my country"), quote_path("$(ls).csv")
    ('work/ge', '"my country"', "'$(ls).csv'")
    """
    name = str(path)
    if set(name) & RUN_BY_SHELLS:
        return shlex.quote(name)
    return f'"{name}"' if set(name) & SPLIT_BY_SHELLS else name


def read_csv_rows(path: Path) -> list[dict[str, str]]:
    """Read a table whose first line names its columns."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
