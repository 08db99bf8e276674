"""Titles in smaller European languages: every word is explained, limits are reported."""

from __future__ import annotations

import pytest
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.suggestion.lines import meanings_of

PLAIN_TITLES = [
    ("BG", "Таблица 1. Население по гражданство и пол към 31 декември 2021 година", "POP"),
    ("BG", "Имигранти по възраст и пол през 2021 година (брой)", "IMM"),
    ("BG", "Външна миграция по страни на раждане през 2022 г.", "MIG"),
    ("MK", "Вкупно население според државјанството и полот, состојба на 31.12.2021 година", "POP"),
    ("MK", "Доселени лица од странство според земјата на претходното живеалиште, 2020", "IMM"),
    ("RS", "Становништво према земљи рођења и полу, Попис 2022.", "POP"),
    ("RS", "Имигранти према држави претходног пребивалишта и полу, 2021. година", "IMM"),
    ("HR", "Doseljeni iz inozemstva prema zemlji prethodnog prebivališta i spolu u 2022.", "IMM"),
    ("HR", "Odseljeni u inozemstvo prema državljanstvu, dobi i spolu", "EMI"),
    ("ME", "Stanovništvo prema polu, starosti i državljanstvu po popisu 2011. godine", "POP"),
    ("BA", "Imigranti prema državi državljanstva i starosnim grupama, 2020. godina", "IMM"),
    ("SI", "Prebivalstvo po državi državljanstva in spolu, 1. januar 2022", "POP"),
    ("SI", "Odseljeni prebivalci v tujino po državi prihodnjega prebivališča in spolu, letno", "EMI"),
    ("SK", "Tab. 3 Obyvateľstvo podľa štátneho občianstva a pohlavia k 31. 12. 2021", "POP"),
    ("SK", "Vysťahovaní do zahraničia podľa veku a pohlavia v roku 2020", "EMI"),
    ("HU", "A népesség száma születési ország, nem és korcsoport szerint, 2021. január 1.", "POP"),
    ("HU", "A bevándorlók száma állampolgárság országa és nem szerint", "IMM"),
    ("EE", "Rahvastik kodakondsuse ja soo järgi, 1. jaanuar 2022", "POP"),
    ("EE", "Väljaränne sihtriigi ja soo järgi", "EMI"),
    ("LT", "Nuolatinių gyventojų skaičius metų pradžioje pagal gimimo šalį ir lytį", "POP"),
    ("LT", "Emigrantai pagal amžiaus grupes, lytį ir būsimą gyvenamąją valstybę", "EMI"),
    ("LV", "Iedzīvotāju skaits pēc valstiskās piederības un dzimuma gada sākumā", "POP"),
    ("LV", "Emigranti pēc vecuma un dzimuma, 2021. gads", "EMI"),
    ("GR", "Πίνακας 1. Μόνιμος πληθυσμός κατά υπηκοότητα και φύλο, 1η Ιανουαρίου 2021", "POP"),
    ("CY", "Εισερχόμενοι μετανάστες κατά χώρα γέννησης και φύλο, 2020", "IMM"),
    ("IS", "Mannfjöldi eftir ríkisfangi og kyni 1. janúar 2022", "POP"),
    ("IS", "Aðfluttir eftir aldri og kyni 2021", "IMM"),
    ("AL", "Tabela 4: Popullsia sipas shtetësisë dhe gjinisë, 1 janar 2022", "POP"),
    ("AL", "Imigrantët sipas grupmoshave dhe gjinisë, viti 2021", "IMM"),
    ("BY", "Колькасць насельніцтва паводле краіны нараджэння і полу, перапіс насельніцтва 2019 года", "POP"),
    ("BY", "Прыбылыя па краінах грамадзянства і полу ў 2019 годзе (чалавек)", "IMM"),
    ("AD", "Taula 2. Població per nacionalitat i sexe. 31 de desembre de 2021", "POP"),
    ("AD", "Immigracions per grups d'edat i sexe, 2021", "IMM"),
    ("UA", "Кількість прибулих за країнами вибуття та статтю у 2019 році (осіб)", "I"),
]
LIMITS = frozenset({"GROUP", "PLACE", "EXCLUDING", "NEGATION", "UNIT_MULT", "CTZ_STATUS", "BIRTH_STATUS", "OBS_STATUS"})
TRAPS = [
    ("Заети чужденци по пол, 2020", "EMPLOYED FC"),
    ("Население в хиляди, 2020", "3"),
    ("Население на град Варна по пол", "part"),
    ("Имигранти без бежанците", "before REFUGEES"),
    ("Градско население по пол", "URBAN"),
    ("Невработени лица по пол", "UNEMPLOYED"),
    ("Население на општина Охрид", "part"),
    ("Zaposleni stranci prema spolu", "EMPLOYED FC"),
    ("Stanovništvo u tisućama", "3"),
    ("Stanovništvo Grada Zagreba prema spolu", "part"),
    ("Stanovništvo: strani studenti", "STUDENTS"),
    ("Избеглице према полу", "REFUGEES"),
    ("Страно становништво према полу", "FC"),
    ("Становништво у хиљадама", "3"),
    ("Prebivalstvo v tisočih", "3"),
    ("Prebivalstvo občine Koper po spolu", "part"),
    ("Prebivalstvo: tuji delavci", "WORKERS"),
    ("Obyvateľstvo v tisícoch osôb", "3"),
    ("Prisťahovaní okrem občanov EÚ", "before EU_CITIZENS"),
    ("Obyvateľstvo: žiadatelia o azyl", "ASYLUM_SEEKERS"),
    ("Foglalkoztatott külföldi állampolgárok", "EMPLOYED FC"),
    ("A népesség száma ezer főben", "3"),
    ("Bevándorlók menekültek nélkül", "REFUGEES behind"),
    ("Hõivatud välismaalased soo järgi", "EMPLOYED FC"),
    ("Rahvaarv, tuhat", "3"),
    ("Tallinna linna rahvaarv", "part"),
    ("Dirbantys užsieniečiai pagal lytį", "EMPLOYED FC"),
    ("Gyventojų skaičius, tūkst.", "3"),
    ("Nodarbinātie ārvalstnieki pēc dzimuma", "EMPLOYED FC"),
    ("Iedzīvotāju skaits: provizoriskie dati", "P"),
    ("Απασχολούμενοι αλλοδαποί κατά φύλο", "EMPLOYED FC"),
    ("Πληθυσμός σε χιλιάδες", "3"),
    ("Starfandi innflytjendur eftir kyni", "EMPLOYED"),
    ("Mannfjöldi í þúsundum", "3"),
    ("Të huaj të punësuar sipas gjinisë", "FC EMPLOYED"),
    ("Popullsia në mijë", "3"),
    ("Гарадское насельніцтва", "URBAN"),
    ("Занятыя замежнікі па полу", "EMPLOYED FC"),
    ("Població de la ciutat de Girona", "part"),
    ("Població en milers", "3"),
]
LABELS = [
    ("C_CITIZEN", "Други държави", "_O"),
    ("C_CITIZEN", "Непознато државјанство", "_U"),
    ("C_CITIZEN", "Ostale države", "_O"),
    ("C_CITIZEN", "Osobe bez državljanstva", "STLS"),
    ("C_CITIZEN", "Neznana država", "_U"),
    ("C_CITIZEN", "Nezistené", "_U"),
    ("C_CITIZEN", "Ismeretlen állampolgárság", "_U"),
    ("C_CITIZEN", "Kodakondsuseta isikud", "STLS"),
    ("C_CITIZEN", "Kitos valstybės", "_O"),
    ("C_CITIZEN", "Nezināma valsts", "_U"),
    ("C_CITIZEN", "Χωρίς υπηκοότητα", "STLS"),
    ("C_CITIZEN", "Ótilgreint ríkisfang", "_U"),
    ("C_CITIZEN", "Shtetësi të tjera", "_O"),
    ("C_CITIZEN", "Іншае грамадзянства", "_O"),
    ("C_CITIZEN", "Altres nacionalitats", "_O"),
    ("CTZ_STATUS", "Strani državljani", "FC"),
    ("CTZ_STATUS", "Страни држављани", "FC"),
    ("CTZ_STATUS", "Tuji državljani", "FC"),
    ("CTZ_STATUS", "Чужденци", "FC"),
    ("CTZ_STATUS", "Ārvalstu pilsoņi", "FC"),
    ("BIRTH_STATUS", "Narodení v zahraničí", "FB"),
    ("BIRTH_STATUS", "Gimę užsienyje", "FB"),
    ("SEX", "Dones", "F"),
    ("SEX", "Мъже", "M"),
    ("SEX", "Karlkyn", "M"),
]
PEOPLE = [
    ("Български имигранти", "BG"),
    ("Ukrajinski državljani", "UA"),
    ("Αλβανοί μετανάστες", "AL"),
    ("Shqiptarë të kthyer", "AL"),
    ("Poblacio andorrana", "AD"),
    ("Беларускія эмігранты", "BY"),
]


@pytest.mark.parametrize(("area", "title", "counted"), PLAIN_TITLES)
def test_title_without_limits_is_fully_explained(area: str, title: str, counted: str) -> None:
    reading = read_title(title, WORDS)
    assert reading.unexplained == (), area
    assert counted in {mention.code for mention in reading.of("MEASURE", "DIRECTION")}
    assert not {
        mention.phrase for mention in reading.of(*LIMITS) if not mention.inner and mention.concept != "BIRTH_STATUS"
    }


@pytest.mark.parametrize(("title", "codes"), TRAPS)
def test_title_with_limits_mentions_them(title: str, codes: str) -> None:
    reading = {each.code for each in read_title(title, WORDS).of(*LIMITS)}
    assert set(codes.split()) <= reading


@pytest.mark.parametrize(("component", "label", "code"), LABELS)
def test_label_has_one_code(component: str, label: str, code: str) -> None:
    meanings = meanings_of((label,), component, CATALOGUE.flows["DF_POP"], WORDS)
    assert [meaning.code for meaning in meanings[label]] == [code]


@pytest.mark.parametrize(("title", "area"), PEOPLE)
def test_people_of_countries_are_named_in_titles(title: str, area: str) -> None:
    assert {each.code for each in read_title(title, WORDS).of("COUNTRY")} == {area}


@pytest.mark.parametrize(
    "title",
    [
        "Applications for asylum submitted, by outcome and month",
        "Cerere de azil depuse pe luni",
        "Decizii de returnare emise",
        "Solicitudes de refugio recibidas por mes",
        "Prvé povolenia na pobyt: porovnanie",
        "Vedtak etter utfall",
        "Daimi yaşamaq üçün ölkədən gedənlər",
        "Odseljeni po izobrazbi",
        "Country wise residence permits issued by type",
        "Permessi di soggiorno rilasciati per mese",
        "Wnioski o azyl złożone według miesięcy",
        "Çalışma izinleri, karşılaştırma",
    ],
)
def test_that_papers_were_handed_in_or_out_limits_nothing(title: str) -> None:
    assert read_title(title, WORDS).unexplained == ()


@pytest.mark.parametrize(
    "title",
    [
        "Approvals of asylum",
        "Odseljeni iz Ljubljane",
        "Verilen oturma izinleri",
        "Sığınacaq verilmiş şəxslər",
        "Рассмотренные ходатайства об убежище",
        "Inkomna som lämnade landet",
        "Permits issued earlier",
        "Dosare eliberate",
        "Oturma izni verilenler",
    ],
)
def test_word_for_granted_or_departed_stays_ambiguous(title: str) -> None:
    reading = read_title(title, WORDS)
    assert reading.unexplained or reading.of("GROUP", "DECISION_ACTION", "CTZ_MODE")


def test_years_in_bulgarian_are_no_unit_and_hours_in_ukrainian_are() -> None:
    assert not read_title("Години по пол", WORDS).of("UNIT")
    assert {each.code for each in read_title("Відпрацьовані години іммігрантів", WORDS).of("UNIT")} == {"DAYS"}


def test_a_country_of_another_office_is_never_an_ordinary_word() -> None:
    for name in ("Latvija", "Eesti", "Magyarország", "Ísland", "Shqipëria", "Andorra", "Ελλάδα", "Беларусь"):
        assert not read_title(f"2020 {name}", WORDS).of("PLAIN"), name
