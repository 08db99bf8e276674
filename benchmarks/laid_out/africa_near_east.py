"""Layouts after the habits of offices of Africa and the Near East."""

from __future__ import annotations

from benchmarks.laid_out.book import Book, admin, ctz, flow, pairs, raised, stock, triples


def ethiopia() -> Book:
    """Two languages in a cell, years of the Ethiopian calendar over the sexes."""
    b = Book(
        "01_ethiopia",
        "DF_PERMIT",
        area="ET",
        level="hard",
        where="After the habit of a ministry of labour whose tables go into the national statistical abstract: "
        "Amharic and English in one cell, serial numbers, years of the Ethiopian calendar with the fiscal year beside "
        "them.",
        fixed=admin("WORK_PERMIT", REASON="_T|EMP", REF_AREA="ET"),
    )
    b.ask("TIME_PERIOD", "2013 E.C. is no Gregorian year; (2020/21) does not say in which month it begins")
    s = b.page("T 3.4")
    s.put(1, 1, "ሠንጠረዥ 3.4: ለውጭ አገር ዜጎች የተሰጡ የሥራ ፈቃዶች በዜግነትና በጾታ", bold=True, wide=11)
    s.put(
        2,
        1,
        "Table 3.4: Work Permits Issued to Foreign Nationals by Nationality and Sex, 2013–2015 E.C.",
        bold=True,
        wide=11,
    )
    s.put(4, 1, "ተ.ቁ\nS.N")
    s.put(4, 2, "ዜግነት\nNationality")
    s.down(4, 1, 2)
    s.down(4, 2, 2)
    years = ["2013 E.C.\n(2020/21)", "2014 E.C.\n(2021/22)", "2015 E.C.\n(2022/23)"]
    for n, year in enumerate(years):
        s.put(4, 3 + 3 * n, year, wide=3)
        s.row(5, 3 + 3 * n, ["ወንድ\nM", "ሴት\nF", "ድምር\nT"])
    rows = pairs(
        "ህንድ / India=IN; ቻይና / China=CN; ቱርክ / Turkey=TR; ኬንያ / Kenya=KE; ጣሊያን / Italy=IT; "
        "ግብፅ / Egypt=EG; ሌሎች / Others=_O"
    )
    sums = [0] * 9
    for n, (label, code) in enumerate(rows):
        s.never(6 + n, 1, n + 1)
        s.put(6 + n, 2, label)
        for y in range(3):
            m, f = b.draw(200, 2900), b.draw(40, 700)
            for k, (v, sex) in enumerate(((m, "M"), (f, "F"), (m + f, "_T"))):
                s.fig(6 + n, 3 + 3 * y + k, v, C_CITIZEN=code, SEX=sex, TIME_PERIOD="?")
                sums[3 * y + k] += v
    s.put(13, 2, "ድምር / Total", bold=True)
    for k, v in enumerate(sums):
        s.fig(13, 3 + k, v, key=k == 2, C_CITIZEN="_T", SEX=("M", "F", "_T")[k % 3], TIME_PERIOD="?")
    s.put(15, 1, "ምንጭ / Source: administrative records of the ministry responsible for labour.")
    return b


def nigeria() -> Book:
    """Capitals, serial numbers, months across, a yearly total."""
    b = Book(
        "02_nigeria",
        "DF_PERMIT",
        area="NG",
        level="easy",
        where="After the habit of an immigration service's yearly statistical report: "
        "all in capitals, S/N, months across and "
        "a total of the year.",
        fixed=admin("PERMIT_FIRST", REF_AREA="NG"),
    )
    s = b.page("NEW PERMITS 2023")
    s.put(1, 1, "NATIONAL IMMIGRATION SERVICE", bold=True, wide=15)
    s.put(2, 1, "NEW RESIDENCE PERMITS ISSUED BY NATIONALITY AND MONTH, JANUARY – DECEMBER 2023", bold=True, wide=15)
    months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    s.row(4, 1, ["S/N", "NATIONALITY", *months, "TOTAL"])
    rows = pairs(
        "INDIAN=IN; CHINESE=CN; LEBANESE=LB; BRITISH=GB; AMERICAN=US; FILIPINO=PH; "
        "SOUTH AFRICAN=ZA; FRENCH=FR; GERMAN=DE; OTHERS=_O"
    )
    sums = [0] * 13
    for n, (label, code) in enumerate(rows):
        s.never(5 + n, 1, n + 1)
        s.put(5 + n, 2, label)
        values = [b.draw(12, 480) for _ in months]
        for k, v in enumerate([*values, sum(values)]):
            time = {"FREQ": "M", "TIME_PERIOD": f"2023-{k + 1:02d}"} if k < 12 else {"FREQ": "A", "TIME_PERIOD": "2023"}
            s.fig(5 + n, 3 + k, v, key=k == 12 and n == 0, C_CITIZEN=code, **time)
            sums[k] += v
    s.put(15, 2, "GRAND TOTAL", bold=True)
    for k, v in enumerate(sums):
        time = {"FREQ": "M", "TIME_PERIOD": f"2023-{k + 1:02d}"} if k < 12 else {"FREQ": "A", "TIME_PERIOD": "2023"}
        s.fig(15, 3 + k, v, key=k in (0, 12), C_CITIZEN="_T", **time)
    return b


def kenya() -> Book:
    """Economic survey: years across, the last one provisional, notes below."""
    b = Book(
        "03_kenya",
        "DF_PROTECTION",
        area="KE",
        level="easy",
        where="After the habit of a yearly economic survey's chapter on governance: "
        "numbers of refugees at the end of the year, "
        "years across, an asterisk at the provisional year.",
        fixed={
            "FREQ": "A",
            "REF_AREA": "KE",
            "PROT_ITEM": "STOCK",
            "PROT_STATUS": "REFUGEE",
            "SEX": "_T",
            "AGE": "_T",
            "UNIT_MEASURE": "PS",
            "UNIT_MULT": "0",
        },
    )
    s = b.page("Table 16.19")
    s.put(
        1, 1, "Table 16.19: Registered Refugees by Country of Origin, as at 31st December, 2019–2023", bold=True, wide=6
    )
    s.put(2, 6, "Number")
    s.row(3, 1, ["Country of Origin", 2019, 2020, 2021, 2022, "2023*"])
    rows = pairs(
        "Somalia=SO; South Sudan=SS; D. R. Congo=CD; Ethiopia=ET; Burundi=BI; Sudan=SD; "
        "Uganda=UG; Eritrea=ER; Rwanda=RW; Others=_O"
    )
    sums = [0] * 5
    for n, (label, code) in enumerate(rows):
        s.put(4 + n, 1, label)
        start = b.draw(1500, 250000 if n < 2 else 40000)
        for y in range(5):
            v = round(start * b.random.uniform(0.9, 1.15))
            status = "P" if y == 4 else "A"
            s.fig(4 + n, 2 + y, v, key=n == 2 and y == 4, C_CITIZEN=code, TIME_PERIOD=str(2019 + y), OBS_STATUS=status)
            sums[y] += v
    s.put(14, 1, "Total", bold=True)
    for y, v in enumerate(sums):
        status = "P" if y == 4 else "A"
        s.fig(14, 2 + y, v, key=y in (0, 4), C_CITIZEN="_T", TIME_PERIOD=str(2019 + y), OBS_STATUS=status)
    s.put(15, 1, "Source: department responsible for refugee services")
    s.put(16, 1, "* Provisional")
    return b


def south_africa() -> Book:
    """Regions of Africa with subtotals by indentation, among them blocs."""
    b = Book(
        "04_south_africa",
        "DF_PERMIT",
        area="ZA",
        level="hard",
        where="After the habit of a report on documented immigrants: temporary permits by "
        "reason across, regions with subtotals "
        "down, countries indented below them; regions drawn in the office's own way, SADC among them.",
        fixed=admin("?", REF_AREA="ZA", TIME_PERIOD="2022"),
    )
    b.ask("ADM_ITEM", "temporary residence permits issued: first ones and renewals are not told apart")
    b.ask(
        "C_CITIZEN",
        "“Overseas” and “SADC countries” have no code; “East and Central Africa” is drawn otherwise than in M49",
    )
    s = b.page("Table C")
    s.put(
        1,
        1,
        "Table C – Number of temporary residence permits issued by region, country of nationality and status, 2022",
        bold=True,
    )
    reasons = pairs("Relatives=FAM; Work=EMP; Study=EDU; Business=EMP|OTH; Retired=RET; Total=_T")
    s.row(3, 1, ["Region and country of nationality", *(r[0] for r in reasons), "% of total"])
    groups = [
        ("Overseas", pairs("India=IN; Pakistan=PK; China=CN; United Kingdom=GB; Germany=DE")),
        ("SADC countries", pairs("Zimbabwe=ZW; Lesotho=LS; DRC=CD; Malawi=MW; Zambia=ZM")),
        ("East and Central Africa", pairs("Cameroon=CM; Kenya=KE; Uganda=UG; Ethiopia=ET")),
        ("West Africa", pairs("Nigeria=NG; Ghana=GH; Senegal=SN")),
    ]
    lines: list[tuple[str, str, int, list[int]]] = []
    total = [0] * 5
    for region, countries in groups:
        rows = [(label, code, 2, [b.draw(30, 2600) for _ in range(5)]) for label, code in countries]
        sums = [sum(r[3][k] for r in rows) for k in range(5)]
        total = [a + c for a, c in zip(total, sums, strict=True)]
        lines += [(region, "011|?" if region == "West Africa" else "?", 1, sums), *rows]
    lines = [("All countries", "_T", 0, total), *lines, ("Unspecified", "_U", 1, [0, 0, 0, 0, 0])]
    whole = sum(total)
    for n, (label, code, indent, values) in enumerate(lines):
        s.put(4 + n, 1, label, indent=indent, bold=indent < 2)
        for k, v in enumerate([*values, sum(values)]):
            key = (label in ("SADC countries", "DRC", "All countries") and k == 5) or (label == "India" and k == 1)
            s.fig(4 + n, 2 + k, v, key=key, C_CITIZEN=code, REASON=reasons[k][1])
        s.never(4 + n, 8, round(sum(values) / whole * 100, 1))
    return b


def egypt() -> Book:
    """Right to left, Arabic names on one side and English names on the other."""
    b = Book(
        "05_egypt",
        "DF_PERMIT",
        area="EG",
        level="easy",
        where="After the habit of a statistical agency's bulletin on foreigners at work: "
        "right to left, Arabic names in the first "
        "column, English names in the last one, both in the heads.",
        fixed=admin("WORK_PERMIT", REASON="_T|EMP", REF_AREA="EG", TIME_PERIOD="2022"),
    )
    s = b.page("جدول 5", rtl=True)
    s.put(1, 1, "جدول (5) تصاريح العمل الصادرة للأجانب طبقا لبلد الجنسية والنوع عام 2022", bold=True, wide=5)
    s.put(
        2, 1, "Table (5) Work permits issued to foreigners by country of nationality and sex, 2022", bold=True, wide=5
    )
    s.put(3, 1, "الوحدة: بالعدد")
    s.put(3, 5, "Unit: number")
    s.row(4, 1, ["بلد الجنسية", "ذكور\nMales", "إناث\nFemales", "جملة\nTotal", "Country of nationality"])
    rows = triples(
        "سوريا=Syria=SY; فلسطين=Palestine=PS; السودان=Sudan=SD; الأردن=Jordan=JO; "
        "الهند=India=IN; الصين=China=CN; إيطاليا=Italy=IT; فرنسا=France=FR; ألمانيا=Germany=DE; "
        "دول أخرى=Other countries=_O"
    )
    sums = [0, 0, 0]
    for n, (arabic, english, code) in enumerate(rows):
        m, f = b.draw(150, 3200), b.draw(20, 600)
        s.put(5 + n, 1, arabic)
        s.put(5 + n, 5, english)
        for k, (v, sex) in enumerate(((m, "M"), (f, "F"), (m + f, "_T"))):
            s.fig(5 + n, 2 + k, v, key=n == 1 and k == 1, C_CITIZEN=code, SEX=sex)
            sums[k] += v
    s.put(15, 1, "الإجمالي", bold=True)
    s.put(15, 5, "Grand total", bold=True)
    for k, v in enumerate(sums):
        s.fig(15, 2 + k, v, key=True, C_CITIZEN="_T", SEX=("M", "F", "_T")[k])
    s.put(16, 1, "المصدر: وزارة العمل")
    s.put(16, 5, "Source: ministry of labour")
    return b


def jordan() -> Book:
    """Census: governorates down, nationality and sex across in two levels."""
    b = Book(
        "06_jordan",
        "DF_POP_TOPIC",
        area="JO",
        level="hard",
        where="After the habit of a population census: non-nationals by governorate, "
        "nationality and sex, two levels of heads, "
        "Arabic with English below, right to left.",
        fixed={**stock(REF_AREA="JO", TIME_PERIOD="2015", REF_DATE="OTH|?"), "EDUCATION_LEV": "_T", "LF_STATUS": "_T"},
    )
    b.ask("REGION", "the governorates have codes in the office's own list only")
    s = b.page("3.5", rtl=True)
    s.put(1, 1, "جدول 3.5: السكان غير الأردنيين حسب المحافظة والجنسية والجنس، تعداد 2015", bold=True, wide=13)
    s.put(
        2, 1, "Table 3.5: Non-Jordanian population by governorate, nationality and sex, 2015 census", bold=True, wide=13
    )
    s.put(4, 1, "المحافظة\nGovernorate")
    s.down(4, 1, 2)
    nations = [("المجموع\nTotal", "_T"), ("سورية\nSyrian", "SY"), ("مصرية\nEgyptian", "EG"), ("عراقية\nIraqi", "IQ")]
    for n, (label, _) in enumerate(nations):
        s.put(4, 2 + 3 * n, label, wide=3)
        s.row(5, 2 + 3 * n, ["ذكور\nM", "إناث\nF", "مجموع\nT"])
    places = [
        ("العاصمة\nAmman", "?"),
        ("البلقاء\nBalqa", "?"),
        ("الزرقاء\nZarqa", "?"),
        ("مادبا\nMadaba", "?"),
        ("إربد\nIrbid", "?"),
        ("المفرق\nMafraq", "?"),
        ("جرش\nJarash", "?"),
        ("العقبة\nAqaba", "?"),
    ]
    kingdom = [0] * 12
    table: list[tuple[str, str, list[int]]] = []
    for label, code in places:
        values: list[int] = []
        for _ in nations[1:]:
            m, f = b.draw(800, 60000), b.draw(300, 50000)
            values += [m, f, m + f]
        others = b.draw(100, 9000)
        totals = [sum(values[k::3]) + (others if k != 1 else 0) for k in range(3)]
        totals[2] = totals[0] + totals[1]
        row = totals + values
        kingdom = [a + c for a, c in zip(kingdom, row, strict=True)]
        table.append((label, code, row))
    table.insert(0, ("المملكة\nKingdom", "_T", kingdom))
    for n, (label, code, row) in enumerate(table):
        s.put(6 + n, 1, label)
        for k, v in enumerate(row):
            facts = {"SEX": ("M", "F", "_T")[k % 3], "REGION": code, **ctz(nations[k // 3][1])}
            s.fig(6 + n, 2 + k, v, key=n == 0 and k in (0, 4, 11), **facts)
    s.put(16, 1, "Other nationalities are included in the total.")
    return b


def iran() -> Book:
    """Persian digits as text, a month and year of the solar calendar, right to left."""
    b = Book(
        "07_iran",
        "DF_POP",
        area="IR",
        level="hard",
        where="After the habit of a statistical yearbook in Persian: numbers as text in "
        "Persian digits, a census in a month of the "
        "solar calendar, right to left.",
        fixed=stock(REF_AREA="IR", TIME_PERIOD="2016|?", REF_DATE="OTH|?"),
    )
    b.ask(
        "TIME_PERIOD", "Aban 1395 is October to November 2016: who does not know the calendar must ask; 1395 is wrong"
    )
    s = b.page("۳-۱۲", rtl=True)
    s.put(1, 1, "۳-۱۲. جمعیت اتباع خارجی ساکن کشور بر حسب تابعیت و جنس: آبان ۱۳۹۵", bold=True, wide=4)
    s.put(2, 4, "(نفر)")
    s.row(3, 1, ["تابعیت", "جمع", "مرد", "زن"])
    digits = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    rows = pairs("افغانستان=AF; عراق=IQ; پاکستان=PK; ترکیه=TR; هند=IN; چین=CN; سایر کشورها=_O; اظهار نشده=_U")
    people = [(label, code, b.draw(900, 90000), b.draw(500, 80000)) for label, code in rows]
    men, women = sum(p[2] for p in people), sum(p[3] for p in people)
    for n, (label, code, m, f) in enumerate([("جمع کل", "_T", men, women), *people]):
        s.put(4 + n, 1, label, bold=n == 0)
        for k, (v, sex) in enumerate(((m + f, "_T"), (m, "M"), (f, "F"))):
            s.fig(4 + n, 2 + k, v, shown=f"{v:,}".replace(",", "٬").translate(digits), key=n == 0, SEX=sex, **ctz(code))
    s.put(14, 1, "مأخذ: سرشماری عمومی نفوس و مسکن")
    return b


def israel() -> Book:
    """Hebrew on the right, English on the left, continents that join two."""
    b = Book(
        "08_israel",
        "DF_IMM",
        area="IL",
        level="hard",
        where="After the habit of a statistical abstract in two languages: immigrants by "
        "continent and country of birth, names in "
        "English on one side and in Hebrew on the other, subtotals of continents, raised footnote marks.",
        fixed=flow("I", REF_AREA="IL"),
    )
    b.ask("C_BIRTH", "“America and Oceania” joins two continents and has no code")
    s = b.page("4.4")
    s.put(1, 1, "4.4  IMMIGRANTS, BY CONTINENT AND COUNTRY OF BIRTH", bold=True)
    s.put(1, 7, "4.4  עולים, לפי יבשת וארץ לידה", bold=True)
    s.row(3, 1, ["Continent and country of birth", 2018, 2019, 2020, 2021, 2022, "יבשת וארץ לידה"])
    s.put(3, 1, raised("Continent and country of birth", "1"))
    rows = triples(
        "GRAND TOTAL=סך הכל=_T; Asia – total=אסיה – סך הכל=142; Georgia=גאורגיה=GE; "
        "India=הודו=IN; Turkey=טורקיה=TR; Africa – total=אפריקה – סך הכל=002; "
        "Ethiopia=אתיופיה=ET; Morocco=מרוקו=MA; South Africa=דרום אפריקה=ZA; "
        "Europe – total=אירופה – סך הכל=150; France=צרפת=FR; United Kingdom=הממלכה המאוחדת=GB; "
        "Ukraine=אוקראינה=UA; Russian Federation=הפדרציה הרוסית=RU; "
        "America and Oceania – total=אמריקה ואוקיאניה – סך הכל=?; United States=ארצות הברית=US; "
        "Argentina=ארגנטינה=AR; Brazil=ברזיל=BR; Not known=לא ידוע=_U"
    )
    values: dict[int, list[int]] = {}
    for n, (label, _, code) in enumerate(rows):
        if code not in ("_T", "?") and not code.isdigit():
            values[n] = [b.draw(80, 9000) if label in ("France", "Ukraine") else b.draw(60, 2500) for _ in range(5)]
    heads = [n for n, row in enumerate(rows) if row[2] == "?" or row[2].isdigit()]
    for at, head in enumerate(heads):
        end = heads[at + 1] if at + 1 < len(heads) else len(rows) - 1
        values[head] = [sum(values[n][y] for n in range(head + 1, end)) for y in range(5)]
    values[0] = [sum(values[n][y] for n in [*heads, len(rows) - 1]) for y in range(5)]
    for n, (english, hebrew, code) in enumerate(rows):
        whole = n == 0 or n in heads
        s.put(4 + n, 1, english, bold=whole, indent=0 if whole else 1)
        s.put(4 + n, 7, hebrew, bold=whole)
        status = {"_T": "_T", "_U": "_U|_T|FB", "?": "FB|_T"}.get(code, "FB|_T")
        for y in range(5):
            key = n in (0, 14) and y == 4
            s.fig(4 + n, 2 + y, values[n][y], key=key, C_BIRTH=code, BIRTH_STATUS=status, TIME_PERIOD=str(2018 + y))
    s.put(24, 1, "1  Within present boundaries.")
    s.put(24, 7, "1  בגבולות הנוכחיים.")
    return b
