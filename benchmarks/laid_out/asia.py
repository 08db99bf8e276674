"""Layouts after the habits of offices of Asia."""

from __future__ import annotations

from benchmarks.laid_out.book import Book, admin, ctz, flow, pairs, stock, triples

TOPICS = {"REASON": "EMP|_T", "STAY_DUR": "_T", "REGION": "_T", "EDUCATION_LEV": "_T", "LF_STATUS": "_T|EMP|LF"}


def bangladesh() -> Book:
    """Years down, months across: the period is row and column together."""
    b = Book(
        "09_bangladesh",
        "DF_EMI_TOPIC",
        area="BD",
        level="easy",
        where="After the habit of a bureau of manpower: female workers who left for employment abroad, years down "
        "and months across, the running year incomplete.",
        fixed={**flow("E", SEX="F", REF_AREA="BD"), **TOPICS},
    )
    s = b.page("Female")
    s.put(1, 1, "Overseas Employment of Female Workers by Month, 2020 to 2023 (up to September)", bold=True, wide=14)
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    s.row(3, 1, ["Year", *months, "Total"])
    for n, year in enumerate((2020, 2021, 2022, 2023)):
        s.put(4 + n, 1, year)
        values = [b.draw(2500, 11000) for _ in range(9 if year == 2023 else 12)]
        for k, v in enumerate(values):
            s.fig(4 + n, 2 + k, v, key=(n, k) in ((0, 0), (3, 8)), FREQ="M", TIME_PERIOD=f"{year}-{k + 1:02d}")
        if year < 2023:
            s.fig(4 + n, 14, sum(values), key=n == 0, FREQ="A", TIME_PERIOD=str(year))
        else:
            for k in range(9, 12):
                s.put(4 + n, 2 + k, "-")
            facts = {"FREQ": "?", "TIME_PERIOD": "2023-01-01/P9M|2023-01/P9M|?"}
            s.fig(4 + n, 14, sum(values), key=True, **facts)
    b.ask("TIME_PERIOD", "of the total of 2023 only: it covers nine months")
    s.put(9, 1, "Source: clearance database.")
    return b


def sri_lanka() -> Book:
    """Years over the sexes, shares between, a provisional year with an asterisk."""
    b = Book(
        "10_sri_lanka",
        "DF_EMI_TOPIC",
        area="LK",
        level="easy",
        where="After the habit of a bureau of foreign employment: departures by country and "
        "sex, three columns a year, a percentage "
        "beside each, an asterisk at the last year.",
        fixed={**flow("E", REF_AREA="LK"), **TOPICS},
    )
    s = b.page("Table 8")
    s.put(1, 1, "Table 8: Departures for Foreign Employment by Country and Sex 2021–2022*", bold=True, wide=13)
    s.put(3, 1, "Country")
    s.down(3, 1, 2)
    for y, year in enumerate(("2021", "2022*")):
        s.put(3, 2 + 6 * y, year, wide=6)
        s.row(4, 2 + 6 * y, ["Male", "%", "Female", "%", "Total", "%"])
    rows = pairs(
        "Qatar=QA; Saudi Arabia=SA; U.A.E.=AE; Kuwait=KW; Oman=OM; Jordan=JO; South Korea=KR; "
        "Japan=JP; Cyprus=CY; Maldives=MV; Other=_O"
    )
    data = [[(b.draw(200, 30000), b.draw(100, 20000)) for _ in range(2)] for _ in rows]
    total = [(sum(d[y][0] for d in data), sum(d[y][1] for d in data)) for y in range(2)]
    for n, ((label, code), years) in enumerate(zip([*rows, ("Total", "_T")], [*data, total], strict=True)):
        s.put(5 + n, 1, label, bold=code == "_T")
        for y, (m, f) in enumerate(years):
            whole = sum(total[y])
            for k, (v, sex) in enumerate(((m, "M"), (f, "F"), (m + f, "_T"))):
                facts = {"TIME_PERIOD": str(2021 + y), "OBS_STATUS": "P" if y else "A", "SEX": sex, "C_RESIDENCE": code}
                s.fig(5 + n, 2 + 6 * y + 2 * k, v, key=n in (2, 11) and k > 0, **facts)
                s.never(5 + n, 3 + 6 * y + 2 * k, round(v / whole * 100, 1))
    s.put(17, 1, "* Provisional")
    s.put(18, 1, "Source: information technology division of the bureau")
    return b


def philippines() -> Book:
    """A cover sheet, age groups down, an average below."""
    b = Book(
        "11_philippines",
        "DF_EMI",
        area="PH",
        level="easy",
        where="After the habit of a commission on nationals overseas: registered "
        "emigrants by age group, a cover sheet, yearly "
        "columns, shares and an average age below.",
        fixed=flow("E", CTZ_STATUS="NC", C_CITIZEN="_T|PH", REF_AREA="PH"),
    )
    cover = b.page("README")
    cover.put(2, 2, "STATISTICAL PROFILE OF REGISTERED EMIGRANTS", bold=True)
    cover.row(4, 2, ["Sheet", "Content"])
    cover.row(5, 2, ["Age", "By age group, 2018–2022"])
    cover.put(7, 2, "Updated 15 June 2023. Enquiries: tel. 555 0120")
    s = b.page("Age")
    s.put(1, 1, "NUMBER OF REGISTERED FILIPINO EMIGRANTS BY AGE GROUP: 2018–2022", bold=True, wide=8)
    s.row(3, 1, ["AGE GROUP", 2018, 2019, 2020, 2021, 2022, "TOTAL", "%"])
    ages = pairs(
        "14 - Below=Y0T14; 15 - 19=Y15T19; 20 - 24=Y20T24; 25 - 29=Y25T29; "
        "30 - 34=Y30T34; 35 - 39=Y35T39; 40 - 44=Y40T44; 45 - 49=Y45T49; 50 - 54=Y50T54; "
        "55 - 59=Y55T59; 60 - Above=Y_GE60; Not Reported=_U"
    )
    data = [[b.draw(600, 12000) if code != "_U" else b.draw(1, 30) for _ in range(5)] for _, code in ages]
    sums = [sum(d[y] for d in data) for y in range(5)]
    for n, ((label, code), values) in enumerate(zip([*ages, ("TOTAL", "_T")], [*data, sums], strict=True)):
        s.put(4 + n, 1, label)
        for y, v in enumerate(values):
            s.fig(
                4 + n, 2 + y, v, key=(n, y) in ((0, 0), (10, 2), (11, 4), (12, 4)), AGE=code, TIME_PERIOD=str(2018 + y)
            )
        years = "2018-01-01/P5Y|2018-01/P5Y|2018-01-01/2022-12-31|?"
        s.fig(4 + n, 7, sum(values), key=n == 12, AGE=code, FREQ="?", TIME_PERIOD=years)
        s.never(4 + n, 8, round(sum(values) / sum(sums) * 100, 2))
    s.put(17, 1, "AVERAGE AGE")
    for y in range(5):
        s.never(17, 2 + y, round(b.random.uniform(30, 34), 1))
    return b


def indonesia() -> Book:
    """Provinces down: territory of the reporting country, not of the other one."""
    b = Book(
        "12_indonesia",
        "DF_EMI_TOPIC",
        area="ID",
        level="hard",
        where="After the habit of an agency for the protection of migrant workers: "
        "placements by province of origin and sex in "
        "Indonesian, dots between thousands in text cells.",
        fixed={**flow("E", REF_AREA="ID"), **TOPICS, "TIME_PERIOD": "2023"},
    )
    b.ask("REGION", "the provinces have codes in the office's own list only")
    s = b.page("Tabel 6")
    s.put(
        1,
        1,
        "Tabel 6. Jumlah Penempatan Pekerja Migran Indonesia Menurut Provinsi Asal dan Jenis Kelamin, Tahun 2023",
        bold=True,
    )
    s.put(2, 1, "(orang)")
    s.row(4, 1, ["No", "Provinsi", "Laki-laki", "Perempuan", "Jumlah"])
    rows = [
        "Jawa Timur",
        "Jawa Tengah",
        "Jawa Barat",
        "Nusa Tenggara Barat",
        "Lampung",
        "Bali",
        "Sumatera Utara",
        "Banten",
        "DI Yogyakarta",
        "Kalimantan Barat",
    ]
    men = women = 0
    for n, label in enumerate(rows):
        m, f = b.draw(1200, 21000), b.draw(1500, 40000)
        men, women = men + m, women + f
        s.never(5 + n, 1, n + 1)
        s.put(5 + n, 2, label)
        for k, (v, sex) in enumerate(((m, "M"), (f, "F"), (m + f, "_T"))):
            s.fig(5 + n, 3 + k, v, shown=f"{v:,}".replace(",", "."), SEX=sex, REGION="?")
    s.put(15, 2, "Indonesia", bold=True)
    for k, (v, sex) in enumerate(((men, "M"), (women, "F"), (men + women, "_T"))):
        s.fig(15, 3 + k, v, shown=f"{v:,}".replace(",", "."), key=True, SEX=sex, REGION="_T")
    s.put(16, 1, "Sumber: sistem komputerisasi, data diolah.")
    return b


def viet_nam() -> Book:
    """Two languages in every head, the last year preliminary in both."""
    b = Book(
        "13_viet_nam",
        "DF_PERMIT",
        area="VN",
        level="easy",
        where="After the habit of a statistical yearbook in two languages: Vietnamese with "
        "English below, unit above the table on "
        "the right, “Sơ bộ - Prel.” at the last year.",
        fixed=admin("WORK_PERMIT", REASON="_T|EMP", REF_AREA="VN"),
    )
    s = b.page("37")
    s.put(1, 1, "37. Số giấy phép lao động cấp cho người nước ngoài phân theo quốc tịch", bold=True)
    s.put(2, 1, "    Number of work permits issued to foreigners by citizenship")
    s.put(3, 6, "ĐVT: Giấy phép - Unit: Permit")
    s.row(4, 2, [2019, 2020, 2021, 2022, "Sơ bộ\nPrel. 2023"])
    rows = pairs(
        "TỔNG SỐ - TOTAL=_T; Trung Quốc - China=CN; Hàn Quốc - Republic of Korea=KR; "
        "Nhật Bản - Japan=JP; Ấn Độ - India=IN; Hoa Kỳ - United States=US; "
        "Vương quốc Anh - United Kingdom=GB; Thái Lan - Thailand=TH; "
        "Phi-li-pin - Philippines=PH; Các nước khác - Others=_O"
    )
    data = [[b.draw(700, 24000) for _ in range(5)] for _ in rows[1:]]
    data.insert(0, [sum(d[y] for d in data) for y in range(5)])
    for n, ((label, code), values) in enumerate(zip(rows, data, strict=True)):
        s.put(5 + n, 1, label, bold=n == 0)
        for y, v in enumerate(values):
            facts = {"C_CITIZEN": code, "TIME_PERIOD": str(2019 + y), "OBS_STATUS": "P" if y == 4 else "A"}
            s.fig(5 + n, 2 + y, v, key=(n, y) in ((0, 0), (0, 4), (2, 4)), **facts)
    return b


def thailand() -> Book:
    """Buddhist years, two tables on a sheet, a gap between."""
    b = Book(
        "14_thailand",
        "DF_PERMIT",
        area="TH",
        level="hard",
        where="After the habit of an office of foreign workers administration: two small "
        "tables on a sheet, Thai with years of the "
        "Buddhist era (2566 is 2023).",
        fixed=admin("WORK_PERMIT|?", REASON="_T|EMP", REF_AREA="TH"),
    )
    b.ask(
        "ADM_ITEM", "of the second table: permits in force at the end of the year, for which work permits have no item"
    )
    s = b.page("สถิติ")
    rows = pairs("เมียนมา=MM; กัมพูชา=KH; ลาว=LA; จีน=CN; ญี่ปุ่น=JP; ฟิลิปปินส์=PH; อินเดีย=IN; อื่น ๆ=_O")
    titles = [
        ("ตารางที่ 1 จำนวนใบอนุญาตทำงานที่ออกให้คนต่างด้าว จำแนกตามสัญชาติ พ.ศ. 2564 – 2566", "WORK_PERMIT"),
        ("ตารางที่ 2 จำนวนใบอนุญาตทำงานของคนต่างด้าวที่คงเหลือ ณ สิ้นปี จำแนกตามสัญชาติ พ.ศ. 2564 – 2566", "?"),
    ]
    for t, (title, item) in enumerate(titles):
        top = 1 + 14 * t
        s.put(top, 1, title, bold=True)
        s.put(top + 1, 4, "หน่วย : ฉบับ")
        s.row(top + 2, 1, ["สัญชาติ", "พ.ศ. 2564", "พ.ศ. 2565", "พ.ศ. 2566"])
        sums = [0, 0, 0]
        for n, (label, code) in enumerate(rows):
            s.put(top + 3 + n, 1, label)
            for y in range(3):
                v = b.draw(900, 90000) * (1 + t)
                key = (n, y) == (0, 2)
                s.fig(top + 3 + n, 2 + y, v, key=key, ADM_ITEM=item, C_CITIZEN=code, TIME_PERIOD=str(2021 + y))
                sums[y] += v
        s.put(top + 11, 1, "รวม", bold=True)
        for y, v in enumerate(sums):
            s.fig(top + 11, 2 + y, v, key=y in (0, 2), ADM_ITEM=item, C_CITIZEN="_T", TIME_PERIOD=str(2021 + y))
    return b


def japan() -> Book:
    """Register of foreign residents: continents and countries indented, a date as title."""
    b = Book(
        "15_japan",
        "DF_POP",
        area="JP",
        level="easy",
        where="After the habit of a register of foreign residents: nationality and region down with full-width "
        "blanks, sexes across, the end of the year in the title, stateless persons last.",
        fixed=stock(REF_AREA="JP", TIME_PERIOD="2023", REF_DATE="D1231"),
    )
    s = b.page("23-12-01")
    s.put(1, 1, "第1表　国籍・地域別　男女別　在留外国人（総数）", bold=True)
    s.put(2, 1, "2023年12月末現在")
    s.put(2, 4, "（単位：人）")
    s.row(4, 1, ["国籍・地域", "総数", "男", "女"])
    groups = [
        ("アジア", "142", pairs("中国=CN; 韓国=KR; ベトナム=VN; フィリピン=PH; ネパール=NP")),
        ("ヨーロッパ", "150", pairs("英国=GB; フランス=FR; ロシア=RU")),
        ("アフリカ", "002", [("ナイジェリア", "NG"), ("ガーナ", "GH")]),
        ("南米", "005", [("ブラジル", "BR"), ("ペルー", "PE")]),
        ("オセアニア", "009", [("オーストラリア", "AU"), ("ニュージーランド", "NZ")]),
    ]
    lines: list[tuple[str, str, int, int]] = []
    for region, code, countries in groups:
        people = [("　　" + name, c, b.draw(700, 90000), b.draw(700, 90000)) for name, c in countries]
        lines += [("　" + region, code, sum(p[2] for p in people), sum(p[3] for p in people)), *people]
    lines.append(("　無国籍", "STLS", b.draw(100, 400), b.draw(100, 400)))
    top = [line for line in lines if not line[0].startswith("　　")]
    lines.insert(0, ("総数", "_T", sum(p[2] for p in top), sum(p[3] for p in top)))
    for n, (label, code, m, f) in enumerate(lines):
        s.put(5 + n, 1, label)
        for k, (v, sex) in enumerate(((m + f, "_T"), (m, "M"), (f, "F"))):
            key = (code in ("_T", "STLS", "005") and k == 0) or (code == "KR" and k == 1)
            facts = ctz(code)
            s.fig(5 + n, 2 + k, v, key=key, SEX=sex, **facts)
    return b


def korea() -> Book:
    """Statistical database: year over sex, unit in a corner, a note on coverage."""
    b = Book(
        "16_korea",
        "DF_IMM",
        area="KR",
        level="easy",
        where="After the habit of a statistical database's download: year over sex, "
        "nationality down, unit line above, notes on a "
        "second sheet.",
        fixed=flow("I", REF_AREA="KR"),
    )
    s = b.page("데이터")
    s.put(1, 1, "국적별 외국인 입국자(국제인구이동)", bold=True)
    s.put(2, 1, "(단위 : 명)")
    s.put(3, 1, "국적별")
    s.down(3, 1, 2)
    for y in range(3):
        s.put(3, 2 + 3 * y, 2020 + y, wide=3)
        s.row(4, 2 + 3 * y, ["계", "남자", "여자"])
    rows = pairs("중국=CN; 베트남=VN; 태국=TH; 우즈베키스탄=UZ; 미국=US; 몽골=MN; 네팔=NP; 캄보디아=KH; 기타=_O")
    data = [[(b.draw(900, 60000), b.draw(700, 50000)) for _ in range(3)] for _ in rows]
    total = [(sum(d[y][0] for d in data), sum(d[y][1] for d in data)) for y in range(3)]
    for n, ((label, code), years) in enumerate(zip([("총계", "_T"), *rows], [total, *data], strict=True)):
        s.put(5 + n, 1, label)
        for y, (m, f) in enumerate(years):
            for k, (v, sex) in enumerate(((m + f, "_T"), (m, "M"), (f, "F"))):
                key = n in (0, 6) and y == 2
                s.fig(5 + n, 2 + 3 * y + k, v, key=key, SEX=sex, TIME_PERIOD=str(2020 + y), **ctz(code))
    notes = b.page("메타정보")
    notes.row(1, 1, ["통계표명", "국적별 외국인 입국자(국제인구이동)"])
    notes.row(2, 1, ["주석", "체류기간 90일을 초과한 이동자를 대상으로 함"])
    notes.row(3, 1, ["자료갱신일", "2023-07-20"])
    return b


def china() -> Book:
    """Yearbook: ten thousands of person-times, two languages, an older year before a gap."""
    b = Book(
        "17_china",
        "DF_BORDER",
        area="CN",
        level="easy",
        where="After the habit of a statistical yearbook in two languages: foreign "
        "visitors at the border in ten thousands of "
        "person-times, names in Chinese and English side by side.",
        fixed=admin("ENTRY", REF_AREA="CN", UNIT_MULT="4", UNIT_MEASURE="EVENT|NUMBER", BORDER_TYPE="_T"),
    )
    s = b.page("17-6")
    s.put(1, 1, "17-6  按国别分外国人入境人次", bold=True)
    s.put(2, 1, "Foreigners' Entries by Country")
    s.put(3, 6, "单位：万人次 (10 000 person-times)")
    s.row(4, 1, ["国别", "Country", 2016, 2017, 2018, 2019])
    rows = triples(
        "总计=Total=_T; 日本=Japan=JP; 韩国=Republic of Korea=KR; 蒙古=Mongolia=MN; "
        "印度=India=IN; 新加坡=Singapore=SG; 英国=United Kingdom=GB; 德国=Germany=DE; "
        "俄罗斯=Russia=RU; 美国=United States=US; 其他=Others=_O"
    )
    data = [[round(b.random.uniform(20, 420), 2) for _ in range(4)] for _ in rows[1:]]
    data.insert(0, [round(sum(d[y] for d in data), 2) for y in range(4)])
    for n, ((chinese, english, code), values) in enumerate(zip(rows, data, strict=True)):
        s.row(5 + n, 1, [chinese, english])
        for y, v in enumerate(values):
            s.fig(5 + n, 3 + y, v, key=(n, y) in ((0, 0), (0, 3), (8, 1)), C_CITIZEN=code, TIME_PERIOD=str(2016 + y))
            s.sheet.cell(5 + n, 3 + y).number_format = "0.00"
    s.put(17, 1, "注：本表不包括港澳台居民。")
    return b


def mongolia() -> Book:
    """Quarters in Roman numerals under the years."""
    b = Book(
        "18_mongolia",
        "DF_POP_TOPIC",
        area="MN",
        level="easy",
        where="After the habit of a national statistical database: foreign citizens "
        "employed in the country by citizenship at the "
        "end of each quarter, Roman numerals under merged years.",
        fixed={
            **stock(REF_AREA="MN", FREQ="Q", REF_DATE="OTH|_Z|?"),
            "LF_STATUS": "EMP",
            "REGION": "_T",
            "EDUCATION_LEV": "_T",
        },
    )
    b.ask("REF_DATE", "the end of a quarter has no code of its own")
    s = b.page("Хүснэгт 5")
    s.put(1, 1, "Монгол Улсад хөдөлмөр эрхэлж буй гадаадын иргэд, харьяалал улсаар, улирлын эцэст", bold=True, wide=9)
    s.put(2, 9, "хүн")
    s.put(3, 1, "Улс")
    s.down(3, 1, 2)
    for y, year in enumerate((2022, 2023)):
        s.put(3, 2 + 4 * y, year, wide=4)
        s.row(4, 2 + 4 * y, ["I", "II", "III", "IV"])
    rows = pairs("БНХАУ=CN; ОХУ=RU; БНСУ=KR; Вьетнам=VN; Филиппин=PH; Япон=JP; АНУ=US; Бусад=_O")
    data = [[b.draw(40, 3600) for _ in range(8)] for _ in rows]
    data.insert(0, [sum(d[q] for d in data) for q in range(8)])
    for n, ((label, code), values) in enumerate(zip([("Бүгд", "_T"), *rows], data, strict=True)):
        s.put(5 + n, 1, label)
        for q, v in enumerate(values):
            time = f"{2022 + q // 4}-Q{q % 4 + 1}"
            s.fig(5 + n, 2 + q, v, key=(n, q) in ((0, 0), (0, 7), (2, 5)), TIME_PERIOD=time, **ctz(code))
    return b


def kazakhstan() -> Book:
    """Arrivals, departures and balance side by side in three languages; a bloc among the countries."""
    b = Book(
        "19_kazakhstan",
        "DF_IMM",
        area="KZ",
        level="easy",
        where="After the habit of a bureau of national statistics: external migration by "
        "country, heads in Kazakh, Russian and "
        "English, arrivals, departures and balance side by side, a subtotal of the CIS.",
        fixed=flow("I", REF_AREA="KZ", TIME_PERIOD="2023"),
    )
    b.ask("C_RESIDENCE", "the countries of the CIS and the other countries as a group have no code")
    s = b.page("2023")
    s.put(1, 1, "Елдер бойынша сыртқы көші-қон, 2023 жыл", bold=True, wide=4)
    s.put(
        2, 1, "Внешняя миграция по странам прибытия и выбытия, 2023 год / External migration by country, 2023", wide=4
    )
    s.put(3, 4, "адам / человек / persons")
    s.row(
        4,
        1,
        [
            "Ел / Страна / Country",
            "Келгендер\nПрибыло\nArrivals",
            "Кеткендер\nВыбыло\nDepartures",
            "Көші-қон айырымы\nСальдо миграции\nNet migration",
        ],
    )
    cis = pairs(
        "Ресей / Россия / Russia=RU; Өзбекстан / Узбекистан / Uzbekistan=UZ; "
        "Қырғызстан / Кыргызстан / Kyrgyzstan=KG; Тәжікстан / Таджикистан / Tajikistan=TJ"
    )
    far = pairs(
        "Қытай / Китай / China=CN; Түркия / Турция / Türkiye=TR; "
        "Германия / Германия / Germany=DE; Моңғолия / Монголия / Mongolia=MN; "
        "Өзге елдер / Другие страны / Other countries=_O"
    )
    values = {code: (b.draw(300, 9000), b.draw(300, 9000)) for _, code in cis + far}
    sums = {
        name: tuple(sum(values[c][k] for _, c in part) for k in (0, 1)) for name, part in (("cis", cis), ("far", far))
    }
    whole = tuple(sums["cis"][k] + sums["far"][k] for k in (0, 1))
    lines = [("Барлығы / Всего / Total", "_T", whole), ("ТМД елдері / Страны СНГ / CIS countries", "?", sums["cis"])]
    lines += [(label, code, values[code]) for label, code in cis]
    lines += [("Басқа елдер / Страны вне СНГ / Non-CIS countries", "?", sums["far"])]
    lines += [(label, code, values[code]) for label, code in far]
    for n, (label, code, (arrived, left)) in enumerate(lines):
        s.put(5 + n, 1, label, indent=0 if code in ("_T", "?") else 1)
        s.fig(5 + n, 2, arrived, key=n in (0, 1, 2, 6), C_RESIDENCE=code)
        s.never(5 + n, 3, left)
        s.never(5 + n, 4, arrived - left)
    s.put(18, 1, "Деректер көзі / Источник / Source: ішкі істер органдарының тіркеу деректері")
    s.note(4, 4, "Келгендер мен кеткендердің айырмасы")
    return b
