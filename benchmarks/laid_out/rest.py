"""Layouts after the habits of offices of Europe, the Americas and the Pacific."""

from __future__ import annotations

from benchmarks.laid_out.book import Book, admin, ctz, flow, pairs, raised, stock, triples


def russia() -> Book:
    """A row of column numbers, groups of countries between, totals above."""
    b = Book(
        "20_russia",
        "DF_IMM",
        area="RU",
        level="easy",
        where="After the habit of a bulletin on migration: arrivals by country of "
        "departure, years across, a row that numbers the "
        "columns, groups of countries with “в том числе” above their members.",
        fixed=flow("I", REF_AREA="RU"),
    )
    b.ask("C_RESIDENCE", "the countries of the CIS and those of the far abroad have no code as groups")
    s = b.page("Табл.4")
    s.put(1, 1, "4. МЕЖДУНАРОДНАЯ МИГРАЦИЯ: ЧИСЛО ПРИБЫВШИХ ПО СТРАНАМ ВЫБЫТИЯ", bold=True, wide=5)
    s.put(2, 5, "человек")
    s.row(3, 2, ["2019 г.", "2020 г.", "2021 г.", "2022 г."])
    s.put(4, 1, "А")
    for n in range(4):
        s.never(4, 2 + n, n + 1)
    cis = pairs(
        "Азербайджан=AZ; Армения=AM; Беларусь=BY; Казахстан=KZ; Киргизия=KG; "
        "Республика Молдова=MD; Таджикистан=TJ; Узбекистан=UZ"
    )
    far = pairs("Вьетнам=VN; Германия=DE; Грузия=GE; Китай=CN; Турция=TR; другие страны=_O")
    data = {code: [b.draw(900, 70000) for _ in range(4)] for _, code in cis + far}
    sum_of = {n: [sum(data[c][y] for _, c in part) for y in range(4)] for n, part in ((0, cis), (1, far))}
    total = [sum_of[0][y] + sum_of[1][y] for y in range(4)]
    lines: list[tuple[str, str, list[int] | None]] = [("Прибыло в Российскую Федерацию – всего", "_T", total)]
    lines += [("в том числе:", "", None), ("из стран СНГ", "?", sum_of[0]), ("из них:", "", None)]
    lines += [(label, code, data[code]) for label, code in cis]
    lines += [("из стран дальнего зарубежья", "?", sum_of[1]), ("из них:", "", None)]
    lines += [(label, code, data[code]) for label, code in far]
    for n, (label, code, values) in enumerate(lines):
        s.put(5 + n, 1, label, indent=0 if code == "_T" else 1 if code in ("", "?") else 2, bold=code == "_T")
        for y, v in enumerate(values or []):
            s.fig(
                5 + n, 2 + y, v, key=code in ("_T", "?", "KG") and y == 3, C_RESIDENCE=code, TIME_PERIOD=str(2019 + y)
            )
    return b


def poland() -> Book:
    """Signs for nothing and for confidential, footnote letters, a hidden column."""
    b = Book(
        "21_poland",
        "DF_IMM",
        area="PL",
        level="easy",
        where="After the habit of a demographic yearbook in two languages: immigrants for permanent residence by "
        "country of previous residence and sex, footnote letters, a dash for zero, a hidden column of codes.",
        fixed=flow("I", REF_AREA="PL", TIME_PERIOD="2022"),
    )
    s = b.page("TABL. 82")
    s.put(
        1,
        1,
        raised("TABL. 82. IMIGRANCI NA POBYT STAŁY WEDŁUG KRAJÓW POPRZEDNIEGO ZAMIESZKANIA I PŁCI W 2022 R.", "a"),
        bold=True,
    )
    s.put(2, 1, "IMMIGRANTS FOR PERMANENT RESIDENCE BY COUNTRY OF PREVIOUS RESIDENCE AND SEX IN 2022")
    s.row(
        4,
        1,
        [
            "KRAJE POPRZEDNIEGO ZAMIESZKANIA\nCOUNTRIES OF PREVIOUS RESIDENCE",
            "Kod",
            "Ogółem\nTotal",
            "Mężczyźni\nMales",
            "Kobiety\nFemales",
        ],
    )
    s.hide(2)
    rows = [
        ("OGÓŁEM", "_T", ""),
        ("Austria", "AT", "040"),
        ("Belgia", "BE", "056"),
        ("Białoruś", "BY", "112"),
        ("Francja", "FR", "250"),
        ("Hiszpania", "ES", "724"),
        ("Irlandia", "IE", "372"),
        ("Niemcy", "DE", "276"),
        ("Stany Zjednoczone", "US", "840"),
        ("Ukraina", "UA", "804"),
        ("Wielka Brytania", "GB", "826"),
        ("Nowa Zelandia", "NZ", "554"),
        ("Inne kraje", "_O", ""),
        ("Nie ustalono", "_U", ""),
    ]
    people = [(b.draw(40, 2200), b.draw(40, 1900)) for _ in rows[1:]]
    people[10] = (7, 0)
    people.insert(0, (sum(p[0] for p in people), sum(p[1] for p in people)))
    for n, ((label, code, number), (m, f)) in enumerate(zip(rows, people, strict=True)):
        s.put(5 + n, 1, label)
        if number:
            s.put(5 + n, 2, number)
        for k, (v, sex) in enumerate(((m + f, "_T"), (m, "M"), (f, "F"))):
            key = (n in (0, 9) and k > 0) or (v == 0)
            s.fig(5 + n, 3 + k, v, shown="–" if v == 0 else "", key=key, SEX=sex, C_RESIDENCE=code)
    s.put(20, 1, "a Dane na podstawie informacji o zameldowaniach.   a Data on the basis of registrations.")
    s.put(21, 1, "Kreska (–) – zjawisko nie wystąpiło.   Dash (–) – magnitude zero.")
    return b


def greece() -> Book:
    """Census by citizenship: own citizens first, then foreign ones in groups."""
    b = Book(
        "22_greece",
        "DF_POP",
        area="GR",
        level="easy",
        where="After the habit of a census table in two languages: permanent population by "
        "citizenship and sex, own citizens and "
        "foreign citizenships as lines of their own, countries below.",
        fixed=stock(REF_AREA="GR", TIME_PERIOD="2021", REF_DATE="OTH|?"),
    )
    b.ask("REF_DATE", "the day of the census is not written down")
    s = b.page("Α05")
    s.put(
        1,
        1,
        "Πίνακας Α05. Απογραφή Πληθυσμού-Κατοικιών 2021. Μόνιμος πληθυσμός κατά υπηκοότητα και φύλο",
        bold=True,
        wide=5,
    )
    s.put(2, 1, "Table A05. 2021 Population-Housing Census. Permanent population by citizenship and sex", wide=5)
    s.row(4, 1, ["Υπηκοότητα", "Σύνολο / Total", "Άρρενες / Males", "Θήλεις / Females", "Citizenship"])
    foreign = triples(
        "Αλβανία=Albania=AL; Βουλγαρία=Bulgaria=BG; Ρουμανία=Romania=RO; Γεωργία=Georgia=GE; "
        "Πακιστάν=Pakistan=PK; Ουκρανία=Ukraine=UA; Κύπρος=Cyprus=CY; "
        "Λοιπές χώρες=Other countries=_O"
    )
    people = {code: (b.draw(3000, 90000), b.draw(3000, 90000)) for _, _, code in foreign}
    strange = tuple(sum(p[k] for p in people.values()) for k in (0, 1))
    own, unknown = (b.draw(2000000, 4000000), b.draw(2000000, 4000000)), (b.draw(50, 400), b.draw(50, 400))
    total = tuple(own[k] + strange[k] + unknown[k] for k in (0, 1))
    lines = [
        ("Σύνολο", "Total", {"C_CITIZEN": "_T", "CTZ_STATUS": "_T"}, total),
        ("Ελληνική", "Greek", {"C_CITIZEN": "GR|_T", "CTZ_STATUS": "NC|_T"}, own),
        ("Ξένες υπηκοότητες", "Foreign citizenships", {"C_CITIZEN": "_T", "CTZ_STATUS": "FC|FC_CTZ"}, strange),
    ]
    lines += [(greek, english, ctz(code), people[code]) for greek, english, code in foreign]
    lines += [
        ("Ανιθαγενείς και αδιευκρίνιστη", "Stateless and unspecified", {"C_CITIZEN": "?", "CTZ_STATUS": "?"}, unknown)
    ]
    b.ask("C_CITIZEN", "“stateless and unspecified” joins two codes")
    for n, (greek, english, facts, (m, f)) in enumerate(lines):
        s.put(5 + n, 1, greek, indent=1 if 2 < n < 11 else 0)
        s.put(5 + n, 5, english)
        for k, (v, sex) in enumerate(((m + f, "_T"), (m, "M"), (f, "F"))):
            s.fig(5 + n, 2 + k, v, key=n in (0, 1, 2, 11) and k == 1, SEX=sex, **facts)
    return b


def spain() -> Book:
    """Lines of sex between the ages, the last year provisional in its head."""
    b = Book(
        "23_spain",
        "DF_IMM",
        area="ES",
        level="easy",
        where="After the habit of a statistical institute's download: title, unit line, "
        "sexes as lines between the age groups, years "
        "from the last to the first, notes and source below.",
        fixed=flow("I", REF_AREA="ES"),
    )
    s = b.page("tabla-0")
    s.put(1, 1, "Estadística de Migraciones", bold=True)
    s.put(2, 1, "Flujo de inmigración procedente del extranjero por año, sexo y edad", bold=True)
    s.put(4, 1, "Unidades: Personas")
    s.row(6, 2, ["2022 (Provisional)", 2021, 2020, 2019])
    ages = pairs(
        "Total=_T; De 0 a 14 años=Y0T14; De 15 a 24 años=Y15T24; De 25 a 34 años=Y25T34; "
        "De 35 a 44 años=Y35T44; De 45 a 54 años=Y45T54; 55 y más años=Y_GE55"
    )
    data = {(sex, code): [b.draw(8000, 90000) for _ in range(4)] for sex in "MF" for _, code in ages[1:]}
    at = 7
    for label, sex in (("Ambos sexos", "_T"), ("Hombres", "M"), ("Mujeres", "F")):
        s.put(at, 1, label, bold=True)
        for n, (age, code) in enumerate(ages):
            s.put(at + 1 + n, 1, age, indent=1)
            for y in range(4):
                parts = [v[y] for (x, a), v in data.items() if sex in ("_T", x) and code in ("_T", a)]
                facts = {"SEX": sex, "AGE": code, "TIME_PERIOD": str(2022 - y), "OBS_STATUS": "A" if y else "P"}
                s.fig(at + 1 + n, 2 + y, sum(parts), key=(n, y) in ((0, 0), (4, 1)), **facts)
        at += 8
    s.put(at + 1, 1, "Notas:")
    s.put(at + 2, 1, "1.- Edad alcanzada a 31 de diciembre.")
    s.put(at + 3, 1, "Fuente: Instituto Nacional de Estadística")
    return b


def brazil() -> Book:
    """Months under the year, numbers as text with dots."""
    b = Book(
        "24_brazil",
        "DF_PERMIT",
        area="BR",
        level="easy",
        where="After the habit of an observatory of migrations that republishes registers "
        "of a ministry: authorisations by country "
        "and month, sexes side by side under each month, numbers as text with dots.",
        fixed=admin("WORK_PERMIT|PERMIT_FIRST", REASON="EMP|_T", REF_AREA="BR", FREQ="M"),
    )
    s = b.page("Tabela 2.1")
    s.put(
        1,
        1,
        "Tabela 2.1. Número de autorizações de residência para fins laborais, por mês e sexo, segundo principais "
        "países, Brasil, julho a setembro/2023",
        bold=True,
    )
    s.put(3, 1, "Principais países")
    s.down(3, 1, 2)
    for n, month in enumerate(("jul/23", "ago/23", "set/23")):
        s.put(3, 2 + 3 * n, month, wide=3)
        s.row(4, 2 + 3 * n, ["Total", "Homens", "Mulheres"])
    rows = pairs(
        "FILIPINAS=PH; CHINA=CN; ÍNDIA=IN; REINO UNIDO=GB; ESTADOS UNIDOS=US; ITÁLIA=IT; "
        "FRANÇA=FR; ALEMANHA=DE; OUTROS PAÍSES=_O"
    )
    data = [[(b.draw(300, 4600), b.draw(10, 1200)) for _ in range(3)] for _ in rows]
    total = [(sum(d[k][0] for d in data), sum(d[k][1] for d in data)) for k in range(3)]
    for n, ((label, code), cells) in enumerate(zip([("Total", "_T"), *rows], [total, *data], strict=True)):
        s.put(5 + n, 1, label)
        for k, (m, f) in enumerate(cells):
            for j, (v, sex) in enumerate(((m + f, "_T"), (m, "M"), (f, "F"))):
                shown = f"{v:,}".replace(",", ".")
                facts = {"TIME_PERIOD": f"2023-{7 + k:02d}", "SEX": sex, "C_CITIZEN": code}
                s.fig(5 + n, 2 + 3 * k + j, v, shown=shown, key=n in (0, 3) and k == 1, **facts)
    s.put(15, 1, "Fonte: elaborado a partir dos dados do ministério responsável pelo trabalho, jul-set/2023.")
    return b


def peru() -> Book:
    """Entries and exits side by side, a variation behind each."""
    b = Book(
        "25_peru",
        "DF_BORDER",
        area="PE",
        level="easy",
        where="After the habit of a migration authority's monthly report: movements of "
        "foreigners, entries and exits side by side, "
        "two years and a variation in per cent in each block.",
        fixed=admin("ENTRY", REF_AREA="PE", FREQ="M", UNIT_MEASURE="EVENT|NUMBER", BORDER_TYPE="_T"),
    )
    s = b.page("C-03")
    s.put(1, 1, "CUADRO N° 3", bold=True)
    s.put(2, 1, "MOVIMIENTO MIGRATORIO DE EXTRANJEROS, SEGÚN NACIONALIDAD: MARZO 2022 - 2023", bold=True, wide=7)
    s.put(4, 1, "NACIONALIDAD")
    s.down(4, 1, 2)
    for n, head in enumerate(("INGRESOS", "SALIDAS")):
        s.put(4, 2 + 3 * n, head, wide=3)
        s.row(5, 2 + 3 * n, ["MAR 2022", "MAR 2023", "VAR. %"])
    rows = pairs(
        "CHILENA=CL; ESTADOUNIDENSE=US; ECUATORIANA=EC; COLOMBIANA=CO; BOLIVIANA=BO; "
        "ARGENTINA=AR; VENEZOLANA=VE; ESPAÑOLA=ES; OTROS=_O"
    )
    data = [[b.draw(900, 62000) for _ in range(4)] for _ in rows]
    data.insert(0, [sum(d[k] for d in data) for k in range(4)])
    for n, ((label, code), values) in enumerate(zip([("TOTAL", "_T"), *rows], data, strict=True)):
        s.put(6 + n, 1, label)
        for k, v in enumerate(values):
            item, year = ("ENTRY", "EXIT")[k // 2], 2022 + k % 2
            s.fig(
                6 + n,
                2 + 3 * (k // 2) + k % 2,
                v,
                key=n in (0, 7),
                ADM_ITEM=item,
                C_CITIZEN=code,
                TIME_PERIOD=f"{year}-03",
            )
        for j in (0, 1):
            s.never(6 + n, 4 + 3 * j, round((values[2 * j + 1] / values[2 * j] - 1) * 100, 1))
    s.put(17, 1, "Nota: Las cifras se refieren a movimientos y no a personas.")
    s.put(18, 1, "Elaboración: unidad de estadística")
    return b


def colombia() -> Book:
    """Applications, of which the last year is cut off in September."""
    b = Book(
        "26_colombia",
        "DF_PROTECTION",
        area="CO",
        level="hard",
        where="After the habit of a ministry's open report on asylum: applications, not "
        "persons, by nationality; the last column "
        "ends in September, as only a note says.",
        fixed={
            "FREQ": "A",
            "REF_AREA": "CO",
            "PROT_ITEM": "APPLIED",
            "DECISION_STAGE": "_T",
            "DECISION_ACTION": "_T",
            "SEX": "_T",
            "AGE": "_T",
            "UNIT_MEASURE": "CASE|EVENT|NUMBER",
            "UNIT_MULT": "0",
            "OBS_STATUS": "A",
        },
    )
    b.ask(
        "TIME_PERIOD", "of 2023, which ends on 30 September, and of the total, which covers four years and nine months"
    )
    s = b.page("Solicitudes")
    s.put(
        1,
        1,
        "Solicitudes de reconocimiento de la condición de refugiado por nacionalidad del solicitante y año",
        bold=True,
    )
    s.put(2, 1, "(número de solicitudes)")
    s.row(4, 1, ["Nacionalidad", 2019, 2020, 2021, 2022, "2023 *", "Total"])
    rows = pairs(
        "Venezuela=VE; Cuba=CU; Ecuador=EC; Haití=HT; Perú=PE; Siria=SY; Afganistán=AF; R. D. del Congo=CD; Otras=_O"
    )
    data = [[b.draw(20, 16000) if code == "VE" else b.draw(5, 900) for _ in range(5)] for _, code in rows]
    data.append([sum(d[y] for d in data) for y in range(5)])
    for n, ((label, code), values) in enumerate(zip([*rows, ("Total general", "_T")], data, strict=True)):
        s.put(5 + n, 1, label)
        for y, v in enumerate(values):
            time = str(2019 + y) if y < 4 else "2023-01-01/P9M|2023-01/P9M|?"
            facts = {"FREQ": "?"} if y == 4 else {}
            s.fig(5 + n, 2 + y, v, key=n in (0, 9) and y >= 3, C_CITIZEN=code, TIME_PERIOD=time, **facts)
        s.fig(5 + n, 7, sum(values), key=n == 9, C_CITIZEN=code, FREQ="?", TIME_PERIOD="?")
    s.put(16, 1, "* Corte a 30 de septiembre de 2023.")
    return b


def mexico() -> Book:
    """Continents and countries down, months across, notes 1/ and P/ in Spanish style."""
    b = Book(
        "27_mexico",
        "DF_RETURN",
        area="MX",
        level="easy",
        where="After the habit of a unit of migration policy's monthly bulletin: events of "
        "persons returned by the authority, by "
        "continent, country and month, notes as 1/ and P/, a dash in brackets for zero.",
        fixed=admin("RETURNED", REF_AREA="MX", UNIT_MEASURE="EVENT|NUMBER", OBS_STATUS="P"),
    )
    s = b.page("Cuadro 3.2.1")
    s.put(
        1,
        1,
        "3.2.1 Eventos de personas extranjeras devueltas por la autoridad migratoria1/, según continente, país de "
        "nacionalidad y mes, enero - junio de 2023P/",
        bold=True,
    )
    s.row(3, 1, ["Continente/ país de nacionalidad", "Enero", "Febrero", "Marzo", "Abril", "Mayo", "Junio", "Total"])
    groups = [
        (
            "América Central",
            "013",
            pairs("Belice=BZ; Costa Rica=CR; El Salvador=SV; Guatemala=GT; Honduras=HN; Nicaragua=NI; Panamá=PA"),
        ),
        ("América del Sur", "005", pairs("Colombia=CO; Ecuador=EC; Perú=PE; Venezuela=VE")),
        ("Europa", "150", [("España", "ES"), ("Rumania", "RO")]),
    ]
    lines: list[tuple[str, str, int, list[int]]] = []
    for region, code, countries in groups:
        data = [(label, c, 1, [b.draw(2, 5200) for _ in range(6)]) for label, c in countries]
        if code == "013":
            data[0][3][2] = 0
        lines += [(region, code, 0, [sum(d[3][k] for d in data) for k in range(6)]), *data]
    lines.insert(0, ("Total general", "_T", 0, [sum(line[3][k] for line in lines if line[2] == 0) for k in range(6)]))
    for n, (label, code, indent, values) in enumerate(lines):
        s.put(4 + n, 1, label, indent=indent, bold=not indent)
        for k, v in enumerate(values):
            key = (code in ("_T", "013") and k == 5) or v == 0
            facts = {"C_CITIZEN": code, "FREQ": "M", "TIME_PERIOD": f"2023-{k + 1:02d}"}
            s.fig(4 + n, 2 + k, v, shown="(-)" if v == 0 else "", key=key, **facts)
        half = "2023-S1|2023-01-01/P6M|2023-01/P6M|?"
        s.fig(4 + n, 8, sum(values), key=n == 0, C_CITIZEN=code, FREQ="S|?", TIME_PERIOD=half)
    end = 5 + len(lines)
    s.put(end, 1, "(-) Significa cero.")
    s.put(
        end + 1,
        1,
        "1/ Se refiere a eventos, dado que una misma persona pudo haber sido devuelta en más de una ocasión.",
    )
    s.put(end + 2, 1, "P/ Información preliminar.")
    return b


def jamaica() -> Book:
    """Three destinations, revised marks, a figure not available."""
    b = Book(
        "28_jamaica",
        "DF_EMI",
        area="JM",
        level="easy",
        where="After the habit of a yearly economic and social survey: nationals who "
        "migrated to three countries, r at revised "
        "years, n.a. where a country has not yet published.",
        fixed=flow("E", CTZ_STATUS="NC|_T", C_CITIZEN="_T|JM", REF_AREA="JM"),
    )
    s = b.page("20.5")
    s.put(1, 1, "Table 20.5", bold=True)
    s.put(
        2,
        1,
        "MIGRATION OF JAMAICAN NATIONALS TO THE UNITED STATES, CANADA AND THE UNITED KINGDOM, 2018 – 2022",
        bold=True,
    )
    s.row(4, 1, ["COUNTRY OF DESTINATION", 2018, 2019, "2020r", "2021r", "2022p"])
    rows = pairs("United States=US; Canada=CA; United Kingdom=GB")
    data = [[b.draw(700, 21000) for _ in range(5)] for _ in rows]
    for n, ((label, code), values) in enumerate(zip(rows, data, strict=True)):
        s.put(5 + n, 1, label)
        for y, v in enumerate(values):
            facts = {"C_RESIDENCE": code, "TIME_PERIOD": str(2018 + y), "OBS_STATUS": "P" if y == 4 else "A"}
            facts |= {"REV_STAGE": "REV"} if y in (2, 3) else {}
            if n == 2 and y == 4:
                s.fig(5 + n, 2 + y, None, shown="n.a.", key=True, **(facts | {"OBS_STATUS": "O|L|M|P"}))
            else:
                s.fig(5 + n, 2 + y, v, key=y in (2, 4), **facts)
    s.put(8, 1, "TOTAL", bold=True)
    for y in range(5):
        v = sum(d[y] for n, d in enumerate(data) if not (n == 2 and y == 4))
        facts = {"C_RESIDENCE": "?", "TIME_PERIOD": str(2018 + y), "OBS_STATUS": "P" if y == 4 else "A"}
        s.fig(8, 2 + y, v, key=y == 0, **facts)
    b.ask("C_RESIDENCE", "the total is that of the three countries only, not of all destinations")
    s.row(10, 1, ["r – revised   p – preliminary   n.a. – not available"])
    s.put(11, 1, "Source: administrative data of the countries of destination")
    return b


def canada() -> Book:
    """Year over quarter over month, sums of quarters and years between, suppressed small counts."""
    b = Book(
        "29_canada",
        "DF_IMM",
        area="CA",
        level="hard",
        where="After the habit of a monthly update of a ministry of immigration: "
        "admissions of permanent residents by country of "
        "citizenship; year, quarter and month in three rows of heads, totals "
        "between; values rounded to five, -- for 0 to 5.",
        fixed=flow("I", REF_AREA="CA", CTZ_STATUS="FC|FC_CTZ|_T"),
    )
    s = b.page("PR - CITZ")
    s.put(
        1,
        1,
        "Canada - Admissions of Permanent Residents by Country of Citizenship, January 2022 - June 2022",
        bold=True,
    )
    s.put(3, 1, "Country of Citizenship")
    s.down(3, 1, 3)
    s.put(3, 2, 2022, wide=8)
    s.put(4, 2, "Q1", wide=3)
    s.put(4, 5, "Q1 Total")
    s.put(4, 6, "Q2", wide=3)
    s.put(4, 9, "Q2 Total")
    s.row(5, 2, ["Jan", "Feb", "Mar", None, "Apr", "May", "Jun"])
    rows = pairs(
        "Afghanistan=AF; Brazil=BR; China, People's Republic of=CN; "
        "Congo, Democratic Republic of the=CD; France=FR; India=IN; Iran=IR; Nigeria=NG; "
        "Philippines=PH; Samoa=WS; United States of America=US"
    )
    whole = [0, 0]
    for n, (label, code) in enumerate(rows):
        s.put(6 + n, 1, label)
        months = [5 * b.draw(4, 2400) for _ in range(6)] if code != "WS" else [0] * 6
        for q in (0, 1):
            whole[q] += sum(months[3 * q : 3 * q + 3])
            for k in range(3):
                v = months[3 * q + k]
                facts = {"C_CITIZEN": code, "FREQ": "M", "TIME_PERIOD": f"2022-{3 * q + k + 1:02d}"}
                if code == "WS":
                    s.fig(
                        6 + n, 2 + 4 * q + k, None, shown="--", key=k == 0 and q == 0, **(facts | {"OBS_STATUS": "Q"})
                    )
                else:
                    s.fig(6 + n, 2 + 4 * q + k, v, key=(n, k, q) in ((3, 0, 0), (5, 2, 1)), **facts)
            facts = {"C_CITIZEN": code, "FREQ": "Q", "TIME_PERIOD": f"2022-Q{q + 1}"}
            if code == "WS":
                s.fig(6 + n, 5 + 4 * q, None, shown="--", key=False, **(facts | {"OBS_STATUS": "Q"}))
            else:
                s.fig(6 + n, 5 + 4 * q, sum(months[3 * q : 3 * q + 3]), key=n in (0, 5), **facts)
    s.put(17, 1, "Total unique persons", bold=True)
    for q in (0, 1):
        facts = {"C_CITIZEN": "_T", "FREQ": "Q", "TIME_PERIOD": f"2022-Q{q + 1}"}
        s.fig(17, 5 + 4 * q, whole[q] + 5 * b.draw(900, 2000), key=True, **facts)
    s.put(19, 1, "Notes:")
    s.put(20, 1, '- Values between 0 and 5 are shown as "--" to prevent individuals from being identified.')
    s.put(21, 1, "- All other values are rounded to the closest multiple of 5.")
    s.put(22, 1, "- Data are preliminary estimates and subject to change.")
    for n, (mark, sheet, cell, value, facts) in enumerate(b.figures):
        if facts["OBS_STATUS"] == "A":
            b.figures[n] = (mark, sheet, cell, value, facts | {"OBS_STATUS": "P|E"})
    return b


def samoa() -> Book:
    """Two tables on a sheet, quarters under carried years, arrivals and departures."""
    b = Book(
        "30_samoa",
        "DF_IMM",
        area="WS",
        level="hard",
        where="After the habit of a bureau of statistics' migration report: two tables on "
        "a sheet, the year in the first of four "
        "quarters only, long-term arrivals above and departures below.",
        fixed=flow("I", REF_AREA="WS", FREQ="Q"),
    )
    b.ask("C_RESIDENCE", "“Other Pacific Islands” and “Asia” follow no list that the office gives")
    s = b.page("T5-T6")
    heads = pairs(
        "American Samoa=AS; Australia=AU; Fiji=FJ; New Zealand=NZ; United States=US; "
        "Other Pacific Islands=?; Asia=142|?; Other=_O; Total=_T"
    )
    titles = [
        ("Table 5: Permanent and Long-term Arrivals by Country of Last Residence, 2021–2022", "I"),
        ("Table 6: Permanent and Long-term Departures by Country of Next Residence, 2021–2022", "E"),
    ]
    for t, (title, direction) in enumerate(titles):
        top = 1 + 15 * t
        s.put(top, 1, title, bold=True)
        s.row(top + 2, 1, ["Year", "Quarter", *(h[0] for h in heads)])
        for n in range(8):
            if n % 4 == 0:
                s.put(top + 3 + n, 1, 2021 + n // 4)
            s.put(top + 3 + n, 2, ("Mar", "Jun", "Sep", "Dec")[n % 4])
            values = [b.draw(1, 190) for _ in heads[:-1]]
            for k, v in enumerate([*values, sum(values)]):
                time = f"{2021 + n // 4}-Q{n % 4 + 1}"
                if direction == "I":
                    key = (n in (0, 5, 7) and k in (3, 8)) or (n == 1 and k == 5)
                    s.fig(top + 3 + n, 3 + k, v, key=key, C_RESIDENCE=heads[k][1], TIME_PERIOD=time)
                else:
                    s.never(top + 3 + n, 3 + k, v)
        s.put(top + 12, 1, "Source: arrival and departure cards")
    return b
