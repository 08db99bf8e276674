"""Labels of rows and columns that are values of a dimension, in the words of offices of many countries."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_workbooks import workbook
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.recognition.labels import best, plain
from sdmxmig.conversion.suggestion.lines import meanings_of
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import TriedProposal, propose

FLOWS = {
    "REASON": "DF_PERMIT",
    "ADM_ITEM": "DF_PERMIT",
    "MOB_TYPE": "DF_TEMPMOB",
    "TMP_ITEM": "DF_TEMPMOB",
    "TMP_LAB": "DF_TEMPMOB",
    "LF_STATUS": "DF_POP_TOPIC",
    "EMP_STATUS": "DF_POP_TOPIC",
    "ACTIVITY": "DF_POP_TOPIC",
    "OCCUPATION": "DF_POP_TOPIC",
    "BORDER_TYPE": "DF_BORDER",
    "RETURN_TYPE": "DF_RETURN",
    "ASSISTANCE": "DF_RETURN",
    "PROT_ITEM": "DF_PROTECTION",
    "PROT_STATUS": "DF_PROTECTION",
    "DECISION_ACTION": "DF_PROTECTION",
    "DECISION_STAGE": "DF_PROTECTION",
    "ACCOMPANIED": "DF_PROTECTION",
    "ACC_ITEM": "DF_ACCOUNT",
    "GROUND": "DF_IRREGULAR",
    "PLACE": "DF_IRREGULAR",
    "DURATION": "DF_PERMIT",
    "STAY_DUR": "DF_TEMPMOB",
    "EDUCATION_LEV": "DF_POP_TOPIC",
    "CTZ_ITEM": "DF_CITIZENSHIP",
    "CTZ_MODE": "DF_CITIZENSHIP",
    "CTZ_STATUS": "DF_POP",
    "BIRTH_STATUS": "DF_POP",
}
"""A dataflow that has each dimension."""
ROWS = [
    line.split("\t")
    for line in Path("codelists/aliases/VALUES.tsv").read_text(encoding="utf-8").splitlines()[1:]
    if not line.startswith("AROUND\t")
]


def meant(dimension: str, *labels: str) -> list[str]:
    """The code that each label surely means, empty where it is asked about."""
    flow = CATALOGUE.flows[FLOWS[dimension]]
    meanings = meanings_of(labels, dimension, flow, WORDS)
    surest = [best(meanings[label]) for label in labels]
    return [candidate.code if candidate and candidate.is_applied else "" for candidate in surest]


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", "Work | Family reunification | Studies | Humanitarian | Other reasons"),
        ("fr", "Activité professionnelle | Regroupement familial | Études | Asile | Autres motifs"),
        ("es", "Actividades remuneradas | Reagrupación familiar | Estudios | Protección internacional | Otros motivos"),
        ("pt", "Exercício de atividade profissional | Reagrupamento familiar | Estudo | Asilo | Outros motivos"),
        ("it", "Motivi di lavoro | Motivi familiari | Studio | Asilo/umanitari | Altri motivi"),
        ("de", "Erwerbstätigkeit | Familiäre Gründe | Studium und Ausbildung | Humanitäre Gründe | Sonstige Gründe"),
        ("nl", "Arbeid | Gezinshereniging | Studie | Asiel | Overige redenen"),
        ("sv", "Arbete | Familj | Studier | Skyddsbehov | Övriga skäl"),
        ("nb", "Arbeid | Familieinnvandring | Utdanning | Flukt | Andre grunner"),
        ("da", "Erhverv | Familiesammenføring mv. | Studie mv. | Asyl mv. | Øvrige"),
        ("fi", "Työperusteinen | Perheside | Opiskelu | Kansainvälinen suojelu | Muut syyt"),
        ("is", "Vinna | Fjölskyldusameining | Nám | Alþjóðleg vernd | Aðrar ástæður"),
        ("pl", "Praca | Łączenie rodzin | Edukacja | Ochrona międzynarodowa | Inne powody"),
        ("cs", "Zaměstnání | Sloučení rodiny | Studium | Mezinárodní ochrana | Ostatní důvody"),
        ("sk", "Zamestnanie | Zlúčenie rodiny | Štúdium | Azyl | Iné dôvody"),
        ("sl", "Zaposlitev | Združitev družine | Študij | Mednarodna zaščita | Drugi razlogi"),
        ("hr", "Rad | Spajanje obitelji | Školovanje | Međunarodna zaštita | Ostali razlozi"),
        ("sr", "Запослење | Спајање породице | Образовање | Азил | Остали разлози"),
        ("bg", "Работа | Събиране на семейството | Обучение | Закрила | Други причини"),
        ("mk", "Вработување | Спојување на семејството | Студии | Азил | Други причини"),
        ("ro", "Muncă | Reîntregirea familiei | Studii | Protecție internațională | Alte motive"),
        ("hu", "Munkavállalás | Családegyesítés | Tanulmányi célú | Menedékjog | Egyéb okok"),
        ("el", "Απασχόληση | Οικογενειακή επανένωση | Σπουδές | Διεθνής προστασία | Άλλοι λόγοι"),
        ("lt", "Darbas | Šeimos susijungimas | Studijos | Prieglobstis | Kitos priežastys"),
        ("lv", "Nodarbinātība | Ģimenes atkalapvienošanās | Studijas | Patvērums | Citi iemesli"),
        ("et", "Töötamine | Perekonna taasühinemine | Õppimine | Rahvusvaheline kaitse | Muud põhjused"),
        ("sq", "Punësim | Bashkim familjar | Studime | Azil | Arsye të tjera"),
        ("tr", "Çalışma | Aile birleşimi | Eğitim | Uluslararası koruma | Diğer nedenler"),
        ("uk", "Працевлаштування | Возз'єднання сім'ї | Навчання | Міжнародний захист | Інші причини"),
        ("ru", "В связи с работой | Семейные обстоятельства | Учёба | Убежище | Иные причины"),
        ("ar", "العمل | لم الشمل | الدراسة | اللجوء | أسباب أخرى"),
        ("he", "עבודה | איחוד משפחות | לימודים | מקלט | סיבות אחרות"),
        ("fa", "کار | پیوستن به خانواده | تحصیل | پناهندگی | سایر دلایل"),
        ("zh", "工作 | 家庭团聚 | 学习 | 国际保护 | 其他原因"),
        ("ja", "就労目的 | 家族滞在 | 留学 | 難民 | その他の理由"),
        ("ko", "취업 | 가족 재결합 | 유학 | 난민 | 기타 사유"),
        ("id", "Pekerjaan | Ikut keluarga | Pendidikan | Suaka | Alasan lainnya"),
        ("vi", "Việc làm | Đoàn tụ gia đình | Học tập | Tị nạn | Lý do khác"),
        ("th", "ทำงาน | ติดตามครอบครัว | การศึกษา | ลี้ภัย | เหตุผลอื่น"),
        ("uz", "Mehnat faoliyati | Oilani birlashtirish | Ta'lim olish | Boshpana | Boshqa sabablar"),
        ("kk", "Еңбек қызметі | Отбасын біріктіру | Білім алу | Босқындар | Басқа себептер"),
        ("ka", "დასაქმება | ოჯახის გაერთიანება | სწავლა | თავშესაფარი | სხვა მიზეზი"),
        ("hy", "Աշխատանք | Ընտանիքի վերամիավորում | Ուսում | Ապաստան | Այլ պատճառներ"),
        ("az", "Əmək fəaliyyəti | Ailənin birləşməsi | Təhsil | Sığınacaq | Digər səbəblər"),
    ],
)
def test_reasons_are_known_in_the_words_of_offices(language: str, labels: str) -> None:
    assert meant("REASON", *labels.split(" | ")) == ["EMP", "FAM", "EDU", "PROT", "OTH"]


@pytest.mark.parametrize(
    ("dimension", "codes", "labels"),
    [
        ("LF_STATUS", "EMP UNE OLF", "Beskæftigede | Arbejdsløse | Uden for arbejdsstyrken"),
        ("LF_STATUS", "EMP UNE OLF", "Työlliset | Työttömät | Työvoiman ulkopuolella"),
        ("LF_STATUS", "EMP UNE OLF", "Απασχολούμενοι | Άνεργοι | Οικονομικά μη ενεργοί"),
        ("LF_STATUS", "EMP UNE OLF", "Foglalkoztatottak | Munkanélküliek | Gazdaságilag nem aktív"),
        ("LF_STATUS", "EMP UNE OLF", "Занятые | Безработные | Лица, не входящие в состав рабочей силы"),
        ("LF_STATUS", "EMP UNE OLF", "المشتغلون | المتعطلون | خارج قوة العمل"),
        ("LF_STATUS", "EMP UNE LF", "დასაქმებული | უმუშევარი | სამუშაო ძალა"),
        ("EMP_STATUS", "EES EMPR OAW", "Asalariados | Empleadores | Trabajadores por cuenta propia"),
        ("BORDER_TYPE", "LAND SEA AIR", "Lądowa | Morska | Powietrzna"),
        ("BORDER_TYPE", "LAND SEA AIR", "Kara | Deniz | Hava"),
        ("BORDER_TYPE", "LAND SEA AIR", "Szárazföldi határ | Tengeri határ | Légi határ"),
        ("BORDER_TYPE", "LAND SEA AIR", "陆路口岸 | 海港 | 空港"),
        ("BORDER_TYPE", "LAND SEA AIR", "Darat | Laut | Udara"),
        ("BORDER_TYPE", "LAND SEA AIR", "برية | بحرية | جوية"),
        ("MOB_TYPE", "TOUR VISIT TRANSIT", "Sayohat | Qarindoshlarni ko'rish | Tranzit"),
        ("MOB_TYPE", "TOUR VISIT BUSINESS", "Holiday | Visiting relatives | Business"),
        ("MOB_TYPE", "TOUR BUSINESS TMP_O", "Почивка и екскурзия | Служебна | Други цели"),
        ("MOB_TYPE", "TOUR VISIT TMP_HLT", "観光 | 親族訪問 | 医療"),
        ("MOB_TYPE", "PILG TMP_EDU TRANSIT", "Религия/паломничество | Учёба | Транзит"),
        ("TMP_ITEM", "ARR DEP", "Llegadas | Salidas de residentes"),
        ("TMP_LAB", "SEASONAL FRONTIER", "Saisonarbeiter | Grenzgänger"),
        ("RETURN_TYPE", "FORCED VOL", "Abschiebungen | Freiwillige Ausreise"),
        ("ASSISTANCE", "ASSISTED NOT_ASSISTED", "Retour aidé | Sans assistance"),
        ("ADM_ITEM", "PERMIT_FIRST PERMIT_RENEWED", "First permits | Renewals"),
        ("ADM_ITEM", "PERMIT_FIRST PERMIT_RENEWED", "Ensimmäiset oleskeluluvat | Jatkoluvat"),
        ("DECISION_ACTION", "GRANT REJECT", "Innvilget | Avslag"),
        ("DECISION_ACTION", "GRANT REJECT", "Uděleno | Zamítnuto"),
        ("DECISION_ACTION", "GRANT REJECT", "認定 | 不認定"),
        ("DECISION_STAGE", "FIRST FINAL", "Erste Instanz | Rechtskräftig"),
        ("PROT_STATUS", "REFUGEE SUBS HUM", "Status uchodźcy | Ochrona uzupełniająca | Pobyt humanitarny"),
        ("PROT_STATUS", "REFUGEE SUBS HUM", "Refugee status | Subsidiary protection | Humanitær opholdstilladelse"),
        ("PROT_ITEM", "APPLIED_FIRST APPLIED_SUBS CLOSED", "Erstanträge | Folgeanträge | Formal closure"),
        ("PROT_ITEM", "APPLIED PENDING WITHDRAWN", "Solicitudes | Pendientes | Desistimientos"),
        ("CTZ_ITEM", "ACQ LOSS", "Набуття громадянства | Втрата громадянства"),
        ("CTZ_MODE", "NAT MARR DECL", "Par décret | À raison du mariage | Déclaration anticipée"),
        ("CTZ_MODE", "NAT MARR DESC", "Honosítás | Házasság | Leszármazás"),
        ("CTZ_STATUS", "FC FC", "Välismaalased | Foreigners, total"),
        ("BIRTH_STATUS", "FB", "Gimę užsienyje"),
        ("ACCOMPANIED", "UAM", "Ensamkommande barn"),
        ("ACC_ITEM", "POP_BEG LBIRTH DEATH NAT_INC", "Population 1 January | Live births | Deaths | Natural increase"),
        ("ACC_ITEM", "FLW_IMM FLW_EMI NET_MIG", "Einwanderungen | Auswanderungen | Wanderungssaldo"),
        (
            "ACC_ITEM",
            "POP_BEG CTZ_ACQ ADJ POP_END",
            "Bestand am 1. Januar | Einbürgerungen | Korrekturen | Bestand am 31.12.",
        ),
        ("ACC_ITEM", "LBIRTH DEATH FLW_IMM FLW_EMI", "Levende fødte | Døde | Innvandring | Utvandring"),
        (
            "ACC_ITEM",
            "POP_BEG NAT_INC NET_MIG POP_END",
            "Stav 1. ledna | Přirozený přírůstek | Saldo migrace | Stav k 31.12.",
        ),
        (
            "ACC_ITEM",
            "LBIRTH DEATH NAT_INC NET_MIG",
            "Родившиеся | Умершие | Естественный прирост | Миграционный прирост",
        ),
        ("ACC_ITEM", "LBIRTH DEATH NAT_INC", "الولادات | الوفيات | الزيادة الطبيعية"),
        ("ACC_ITEM", "POP_END LBIRTH DEATH NAT_INC", "年末人口 | 出生数 | 死亡数 | 自然増減"),
        ("ACC_ITEM", "POP_BEG GROWTH POP_AVG", "1 ocak nüfusu | Toplam artış | Ortalama nüfus"),
        (
            "GROUND",
            "NO_VISA FALSE_DOC NO_MEANS NO_PURPOSE",
            "Falta de visto | Documento falso | Falta de meios de subsistência | Finalidade da viagem não clara",
        ),
        (
            "GROUND",
            "ENTRY OVERSTAY STATUS WORK",
            "Neoprávnený vstup | Prekročenie dĺžky pobytu | Zánik oprávnenia na pobyt | Nelegálna práca",
        ),
        (
            "GROUND",
            "ENTRY OVERSTAY WORK _O",
            "Nezakonit ulazak u BiH | Istek odobrenog boravka | Rad bez radne dozvole | Ostali razlozi",
        ),
        (
            "GROUND",
            "NO_DOC FALSE_VISA ALERT THREAT",
            "No valid passport | Forged visa | Entry ban | Threat to public order",
        ),
        ("GROUND", "ENTRY OVERSTAY WORK", "不法入国 | 不法残留 | 不法就労"),
        ("GROUND", "ENTRY OVERSTAY WORK", "دخول غير قانوني | تجاوز مدة الإقامة | العمل بدون تصريح"),
        ("PLACE", "BORDER INLAND", "na hraniciach | vo vnútrozemí"),
        ("PLACE", "BORDER INLAND", "An der Grenze | Im Inland"),
        ("PLACE", "BORDER INLAND", "Rajalla | Sisämaassa"),
        ("PLACE", "BORDER INLAND", "на границе | внутри страны"),
        ("DURATION", "M3T5 M6T11 M_GE12", "3-5 months | 6 to 11 months | 12 months and over"),
        ("DURATION", "M3T5 M6T11 M_GE12", "3 à 5 mois | 6 à 11 mois | Un an et plus"),
        ("DURATION", "M_GE12 M_GE12", "12 месяцев и более | 12 ay ve üzeri"),
        ("STAY_DUR", "M_LT3 M3T5 M_GE12", "Less than 3 months | 3 to 5 months | 1 year or more"),
        (
            "EDUCATION_LEV",
            "ISCED11_1 ISCED11_2 ISCED11_3 AGG_5T8",
            "Primaria | Primera etapa de secundaria | Bachillerato | Educación superior",
        ),
        ("EDUCATION_LEV", "ISCED11_2 ISCED11_3 AGG_5T8", "Lower secondary | Upper secondary | Tertiary"),
        ("EDUCATION_LEV", "AGG_5T8", "Višješolska, visokošolska"),
        ("TMP_ITEM", "ARR DEP", "Entradas | Salidas"),
        ("TMP_ITEM", "ARR DEP", "Ketibaan | Perlepasan"),
        ("TMP_ITEM", "ARR DEP", "Kelgan xorijiy fuqarolar | Xorijga chiqqan fuqarolar"),
        ("TMP_ITEM", "ARR DEP", "आगमन | प्रस्थान"),
        ("RETURN_TYPE", "FORCED VOL", "Sub escortă | Plecări voluntare"),
        ("RETURN_TYPE", "FORCED VOL", "Tvangsutsendelser | Frivillig retur"),
        (
            "PROT_STATUS",
            "REFUGEE SUBS HUM",
            "Flüchtlingsschutz | Subsidiärer Schutz gem. § 4 AsylG | Abschiebungsverbot gem. § 60 Abs. 5/7 AufenthG",
        ),
        ("REASON", "FAM EMP OTH", "Združitev z družino | Sezonsko delo | Lastništvo nepremičnine"),
        ("REASON", "FAM PROT OTH", "Ægtefæller og samlevere | Konventionsstatus | Andet grundlag"),
        (
            "ADM_ITEM",
            "FOUND_IRREG REFUSED ORDER_LEAVE STAY_REVOKED",
            "Ulovligt ophold | Indrejse nægtet | Udrejsepåbud | Inddragelse af opholdstilladelse",
        ),
        ("ADM_ITEM", "FOUND_IRREG REFUSED DETAINED", "Séjour irrégulier | Refus d'entrée | Placements en rétention"),
        ("CTZ_MODE", "NAT DECL MARR", "Hakemuksesta | Ilmoituksesta | Avioliitto"),
    ],
)
def test_other_values_are_known_in_the_words_of_offices(dimension: str, codes: str, labels: str) -> None:
    assert meant(dimension, *labels.split(" | ")) == codes.split(" ")


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Work, etc.", "EMP"),
        ("Arbeit usw.", "EMP"),
        ("Familie i alt", "FAM"),
        ("Total family", "FAM"),
        ("Perhe yhteensä", "FAM"),
        ("For work reasons", "EMP"),
        ("Za účelem studia", "EDU"),
        ("Darbo tikslais", "EMP"),
        ("Aile nedeniyle", "FAM"),
        ("С целью работы", "EMP"),
        ("of which: studies", "EDU"),
        ("3. Family reunification (2)", "FAM"),
        ("留学等", "EDU"),
        ("Familj / Family", "FAM"),
    ],
)
def test_words_around_a_value_say_no_more(label: str, code: str) -> None:
    assert meant("REASON", label) == [code]


@pytest.mark.parametrize(
    ("dimension", "label"),
    [
        ("REASON", "Work and study"),
        ("REASON", "Arbejde og studie"),
        ("REASON", "Družina in zaposlitev"),
        ("REASON", "Family or work"),
        ("REASON", "Not for work"),
        ("REASON", "Other than work"),
        ("REASON", "Lack of work"),
        ("REASON", "Working holiday"),
        ("REASON", "Refugees and students"),
        ("REASON", "Work in agriculture"),
        ("REASON", "Excluding family"),
        ("REASON", "Reasons"),
        ("MOB_TYPE", "Business and holiday"),
        ("MOB_TYPE", "Shopping"),
        ("MOB_TYPE", "Частная"),
        ("LF_STATUS", "Employed or looking for work"),
        ("LF_STATUS", "Not employed"),
        ("LF_STATUS", "Students"),
        ("BORDER_TYPE", "Air and sea"),
        ("BORDER_TYPE", "Rail"),
        ("BORDER_TYPE", "Karayolu"),
        ("PROT_STATUS", "Refugees and asylum seekers and others"),
        ("DECISION_ACTION", "Formal closure"),
        ("DECISION_ACTION", "Afvist"),
        ("DECISION_STAGE", "Appeals"),
        ("CTZ_MODE", "Marriage and descent"),
        ("RETURN_TYPE", "Rückführungen"),
        ("BIRTH_STATUS", "Born abroad of native-born parents"),
        ("ACC_ITEM", "Population"),
        ("ACC_ITEM", "Mid-year population"),
        ("ACC_ITEM", "Population on 1 July"),
        ("ACC_ITEM", "Births and deaths"),
        ("ACC_ITEM", "Stillbirths"),
        ("ACC_ITEM", "Infant deaths"),
        ("ACC_ITEM", "Internal net migration"),
        ("ACC_ITEM", "Arrivals"),
        ("ACC_ITEM", "Rate of natural increase"),
        ("ACC_ITEM", "Natural increase per 1,000"),
        ("ACC_ITEM", "Mouvement naturel"),
        ("ACC_ITEM", "Births less deaths and net migration"),
        ("ACC_ITEM", "Zuzüge"),
        ("ACC_ITEM", "Deaths of foreigners"),
        ("ACC_ITEM", "Population 1 January 2023"),
        ("GROUND", "Illegal entry and overstay"),
        ("GROUND", "Residence permit expired"),
        ("GROUND", "No visa or false document"),
        ("GROUND", "Removals"),
        ("GROUND", "Not a threat to public order"),
        ("GROUND", "Lavoro"),
        ("PLACE", "At the border and inland"),
        ("PLACE", "Near the border"),
        ("PLACE", "On the territory"),
        ("PLACE", "na území SR"),
        ("PLACE", "In the capital"),
        ("PLACE", "Граница с Польшей"),
        ("PLACE", "Border with France"),
        ("DURATION", "6-12 months"),
        ("DURATION", "3 months"),
        ("DURATION", "12"),
        ("DURATION", "6 months and more"),
        ("DURATION", "24 months and over"),
        ("DURATION", "More than 12 months"),
        ("DURATION", "Under 3 months"),
        ("DURATION", "3-5 years"),
        ("DURATION", "1 to 4 years"),
        ("DURATION", "Months and over"),
        ("STAY_DUR", "1 to 3 nights"),
        ("STAY_DUR", "Less than 1 year"),
        ("STAY_DUR", "6 months and over"),
        ("EDUCATION_LEV", "Secondary"),
        ("EDUCATION_LEV", "Srednješolska"),
        ("EDUCATION_LEV", "Osnovnošolska ali manj"),
        ("EDUCATION_LEV", "Základní"),
        ("EDUCATION_LEV", "Incomplete primary"),
        ("EDUCATION_LEV", "University"),
        ("EDUCATION_LEV", "Primary and secondary or tertiary"),
        ("EDUCATION_LEV", "Vocational"),
        ("RETURN_TYPE", "Assisted voluntary return"),
        ("RETURN_TYPE", "Retornos voluntarios asistidos"),
        ("RETURN_TYPE", "Removals"),
        ("RETURN_TYPE", "Refused entry and subsequently departed"),
        ("ASSISTANCE", "Assisted voluntary and forced returns"),
        ("ADM_ITEM", "Apprehensions and refusals"),
        ("ADM_ITEM", "Illegal entry and stay"),
        ("ADM_ITEM", "Arrested"),
        ("PROT_STATUS", "Asylum or subsidiary protection"),
        ("CTZ_MODE", "Заявление"),
        ("REASON", "Children"),
    ],
)
def test_labels_of_two_values_or_of_none_are_asked_about(dimension: str, label: str) -> None:
    assert meant(dimension, label) == [""]


INDUSTRIES = [
    ("ISIC4_A", "Land- und Forstwirtschaft, Fischerei"),
    ("ISIC4_B", "Industries extractives"),
    ("ISIC4_C", "Industria manufacturera"),
    ("ISIC4_D", "إمدادات الكهرباء والغاز والبخار"),
    ("ISIC4_E", "إمدادات المياه وأنشطة الصرف وإدارة النفايات"),
    ("ISIC4_F", "建筑业"),
    ("ISIC4_G", "Wholesale and retail trade"),
    ("ISIC4_H", "Transportes e armazenagem"),
    ("ISIC4_I", "Horeca"),
    ("ISIC4_K", "Финансы и страхование"),
    ("ISIC4_O", "Public administration and defence"),
    ("ISIC4_Q", "الصحة والعمل الاجتماعي"),
    ("ISIC4_T", "Households as employers"),
    ("ISIC4_U", "Organismos extraterritoriales"),
]


@pytest.mark.parametrize(("code", "label"), INDUSTRIES)
def test_industries_are_known_by_their_short_names(code: str, label: str) -> None:
    assert meant("ACTIVITY", label) == [code]


@pytest.mark.parametrize(
    "label",
    [
        "Electricity, gas and water supply",
        "Transport, storage and communications",
        "Real estate, renting and business activities",
        "Hotels and restaurants",
        "Financial intermediation",
        "Industry",
        "Other services",
        "Industrie",
        "Agriculture and mining",
        "Trade, transport and accommodation",
        "Education and health",
    ],
)
def test_industries_of_other_lists_and_several_at_once_are_asked_about(label: str) -> None:
    assert meant("ACTIVITY", label) == [""]


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("ISCO08_1", "Führungskräfte"),
        ("ISCO08_2", "Erityisasiantuntijat"),
        ("ISCO08_3", "الفنيون والاختصاصيون المساعدون"),
        ("ISCO08_4", "Clerical support"),
        ("ISCO08_5", "العاملون في الخدمات والبيع"),
        ("ISCO08_6", "Agricultural, forestry and fishery workers"),
        ("ISCO08_7", "Oficiales, operarios y artesanos"),
        ("ISCO08_8", "Plant and machine operators"),
        ("ISCO08_9", "Hilfsarbeitskräfte"),
        ("ISCO08_0", "Forze armate"),
    ],
)
def test_occupations_are_known_by_their_short_names(code: str, label: str) -> None:
    assert meant("OCCUPATION", label) == [code]


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("ISCO88_1", "Legislators, senior officials and managers"),
        ("ISCO88_4", "Clerks"),
        ("ISCO88_5", "Service workers and shop and market sales workers"),
        ("ISCO88_6", "Skilled agricultural and fishery workers"),
        ("ISCO68_4", "Sales workers"),
    ],
)
def test_occupations_of_an_older_list_keep_its_codes(code: str, label: str) -> None:
    assert meant("OCCUPATION", label) == [code]


@pytest.mark.parametrize(
    "label",
    [
        "Clerks and professionals",
        "الكتبة",
        "Empleados de oficina",
        "Trabajadores no calificados",
        "Artesanos y operarios",
        "Skilled workers",
        "Unskilled workers",
        "Workers",
        "Employés",
        "Managers and professionals",
    ],
)
def test_occupations_of_no_list_and_several_at_once_are_asked_about(label: str) -> None:
    assert meant("OCCUPATION", label) == [""]


@pytest.mark.parametrize("dimension", sorted(FLOWS))
def test_names_in_the_six_languages_of_a_list_are_known(dimension: str) -> None:
    flow = CATALOGUE.flows[FLOWS[dimension]]
    items = flow.codelist(dimension) or ()
    names = {(plain(name), item.id): name for item in items for _, name in item.name}
    several = {word for word, code in names if sum(word == other for other, _ in names) > 1}
    decisions = {(word, code): name for (word, code), name in names.items() if word not in several}
    assert [name for (_, code), name in decisions.items() if meant(dimension, name) != [code]] == []


def test_every_word_is_one_of_a_code_that_its_dimension_has() -> None:
    known = {name: {item.id for item in CATALOGUE.flows[flow].codelist(name) or ()} for name, flow in FLOWS.items()}
    assert [row for row in ROWS if row[1] not in known[row[0]]] == []


def test_no_word_stands_for_two_codes_of_a_dimension() -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for dimension, code, alias, *_ in ROWS:
        found.setdefault((dimension, plain(alias)), set()).add(code)
    assert {word: codes for word, codes in found.items() if len(codes) > 1} == {}


TABLE = """## Sheet S

| {title} | | | |

| Nationality | {labels} |
| Ukraine | 202 | 303 | 505 |
| India | 200 | 100 | 300 |
"""


def tried(title: str, labels: str, flow: str = "DF_PERMIT") -> TriedProposal:
    text = TABLE.format(title=title, labels=labels)
    return propose(read("t.xlsx", workbook(text)), flow, CATALOGUE, WORDS, area="DK")


def test_table_by_reason_raises_no_question() -> None:
    parts = {
        question.part
        for question in tried("First residence permits by reason, 2022", "Erhverv | Studie mv. | I alt").open
    }
    assert parts == set()


LENGTHS = "3-5 months | 6-11 months | 12 months and over"


@pytest.mark.parametrize("answer", ["by length of validity", "par durée de validité", "nach Gültigkeitsdauer"])
def test_lengths_of_permits_named_in_a_title_raise_no_question(answer: str) -> None:
    asked = tried(f"First residence permits {answer}, 2022", LENGTHS).open
    assert not [question for question in asked if question.part.startswith(("line", "codes"))]


@pytest.mark.parametrize(
    "answer", ["by age", "by waiting time", "by time since arrival", "by age of child", "by duration of stay", ""]
)
def test_months_that_may_be_another_time_are_asked_about(answer: str) -> None:
    asked = tried(f"First residence permits {answer}, 2022", LENGTHS).open
    assert [question.chosen.code for question in asked if question.part.startswith("line")] == ["DURATION"]


def test_two_labels_of_one_value_are_reported() -> None:
    asked = tried("First residence permits, 2022", "Family | Dependants | Total").open
    assert any(question.part == "keys" for question in asked)


@pytest.mark.parametrize("word", ["seasonal", "unemployed", "zaměstnaní", "töötud", "airport", "bezrobotni"])
def test_in_a_title_these_words_still_limit_the_figures(word: str) -> None:
    asked = tried(f"First residence permits, {word}, 2022", "Work | Study | Total").open
    assert any(word in f"{question.label} {question.chosen.reason}" for question in asked)


def test_on_in_an_english_title_is_no_preliminary_figure() -> None:
    text = TABLE.format(title="Decisions on asylum, 2022", labels="Bifall | Avslag | Totalt")
    asked = propose(read("t.xlsx", workbook(text)), "DF_PROTECTION", CATALOGUE, WORDS, area="SE").open
    assert [question.part for question in asked if question.part == "fixed OBS_STATUS"] == []
