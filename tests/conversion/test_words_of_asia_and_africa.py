"""Titles and labels of offices in Asia and Africa: usual words raise no question, limits are reported."""

from __future__ import annotations

import pytest
from shipped import words

from sdmxmig.conversion.recognition.mentions import read_title

WORDS = words()

HARMLESS = [
    ("ja", "国籍・地域別 在留外国人数の推移（各年末現在）"),
    ("ja", "第1表 年齢（5歳階級）、男女別人口 - 全国"),
    ("ja", "出典：法務省「出入国管理統計」"),
    ("ko", "국적별 체류외국인 현황 (단위: 명)"),
    ("ko", "연도별 국적별 귀화자 현황, 2015-2023년"),
    ("zh", "外僑居留人數統計按國籍及性別分"),
    ("zh", "歸化我國國籍人數按原屬國籍分"),
    ("id", "Tabel 3.1 Jumlah Penduduk Menurut Kelompok Umur dan Jenis Kelamin, 2020"),
    ("ms", "Jadual 2: Penduduk mengikut kumpulan umur dan jantina, 2021"),
    ("vi", "Bảng 2. Dân số phân theo quốc tịch và giới tính, năm 2019"),
    ("th", "ตารางที่ 1 จำนวนประชากร จำแนกตามสัญชาติ และเพศ พ.ศ. 2563"),
    ("fa", "جدول ۳- جمعیت برحسب تابعیت، جنس و گروه‌های سنی"),
    ("he", "לוח 4.1 - עולים, לפי ארץ לידה, מין וגיל, 2022"),
    ("ka", "იმიგრანტების რიცხოვნობა მოქალაქეობისა და სქესის მიხედვით, 2022 წელი"),
    ("hy", "Մշտական բնակչության թվաքանակն ըստ սեռի և տարիքային խմբերի, 2022 թ."),
    ("az", "Əhalinin sayı, cins və yaş qrupları üzrə, nəfər"),
    ("kk", "Халықтың көші-қоны, елдер бойынша, адам, 2022 жыл"),
    ("ky", "Калктын миграциясы өлкөлөр боюнча, адам"),
    ("uz", "Davlatlar kesimida ko‘chib kelganlar soni, kishi, 2022-yil"),
    ("uz", "Аҳоли сони жинси ва ёши бўйича, киши"),
    ("mn", "Хүн амын тоо, иргэншил, хүйсээр, 2020 он"),
    ("sw", "Jedwali 5: Idadi ya watu kwa uraia, umri na jinsi, mwaka 2022"),
    ("hi", "तालिका 1: जन्म स्थान और लिंग के अनुसार जनसंख्या, 2011"),
    ("bn", "সারণি ১: নাগরিকত্ব ও লিঙ্গ অনুযায়ী জনসংখ্যা, ২০২২"),
    ("ne", "तालिका २: नागरिकता र लिङ्ग अनुसार जनसङ्ख्या"),
    ("ur", "جدول 1: شہریت اور صنف کے لحاظ سے آبادی، 2017"),
    ("am", "ሠንጠረዥ 2: የሕዝብ ብዛት በዜግነት እና በፆታ"),
    ("lo", "ຕາຕະລາງ 1 ຈຳນວນປະຊາກອນ ແຍກຕາມ ສັນຊາດ ແລະ ເພດ"),
]


@pytest.mark.parametrize(("language", "title"), HARMLESS)
def test_usual_words_are_understood(language: str, title: str) -> None:
    reading = read_title(title, WORDS)
    limiting = reading.of("GROUP", "PLACE", "UNIT", "OBS_STATUS", "EXCLUDING", "NEGATION", "SEX", "BIRTH_STATUS")
    assert reading.unexplained == ()
    assert {one.code for one in limiting} <= {"PS"}


TRAPS = [
    ("ja", "外国人労働者数（国籍別）", "GROUP WORKERS"),
    ("ja", "外国人入国者数", "CTZ_STATUS FC"),
    ("ja", "特別永住者を除く在留外国人", "EXCLUDING behind"),
    ("ja", "東京都の外国人人口", "PLACE part"),
    ("ja", "人口（単位：千人）", "UNIT THOUSANDS"),
    ("ja", "人口（推計値）", "OBS_STATUS E"),
    ("ko", "불법체류자 현황", "GROUP IRREGULAR"),
    ("ko", "서울시 등록외국인 현황", "PLACE part"),
    ("ko", "인구 (단위: 천명)", "UNIT THOUSANDS"),
    ("ko", "인구 (잠정)", "OBS_STATUS P"),
    ("zh", "失聯移工人數", "GROUP IRREGULAR"),
    ("zh", "臺北市外僑居留人數", "PLACE part"),
    ("id", "Penduduk perkotaan menurut umur", "GROUP URBAN"),
    ("id", "Jumlah penduduk (ribu orang)", "UNIT THOUSANDS"),
    ("id", "Wisatawan dalam negeri", "GROUP RESIDENTS"),
    ("vi", "Dân số nam theo nhóm tuổi", "SEX M"),
    ("vi", "Dân số (nghìn người)", "UNIT THOUSANDS"),
    ("vi", "Số liệu sơ bộ", "OBS_STATUS P"),
    ("th", "ประชากรชาย จำแนกตามอายุ", "SEX M"),
    ("th", "ประชากร (พันคน)", "UNIT THOUSANDS"),
    ("th", "แรงงานต่างด้าว จำแนกตามสัญชาติ", "GROUP WORKERS"),
    ("fa", "جمعیت نقاط شهری برحسب جنس", "GROUP URBAN"),
    ("fa", "جمعیت (هزار نفر)", "UNIT THOUSANDS"),
    ("fa", "پناهندگان برحسب تابعیت", "GROUP REFUGEES"),
    ("he", "אוכלוסייה (באלפים)", "UNIT THOUSANDS"),
    ("he", "עובדים זרים לפי ארץ אזרחות", "GROUP WORKERS"),
    ("ka", "მოსახლეობა (ათასი კაცი)", "UNIT THOUSANDS"),
    ("ka", "დევნილთა რაოდენობა", "GROUP DISPLACED"),
    ("hy", "Քաղաքային բնակչություն", "GROUP URBAN"),
    ("hy", "Բնակչության թիվը, հազար մարդ", "UNIT THOUSANDS"),
    ("az", "Əhalinin sayı, min nəfər", "UNIT THOUSANDS"),
    ("az", "Məcburi köçkünlərin sayı", "GROUP DISPLACED"),
    ("kk", "Халық саны, мың адам", "UNIT THOUSANDS"),
    ("kk", "Алматы қаласының халқы", "PLACE part"),
    ("uz", "Doimiy aholi soni, ming kishi", "UNIT THOUSANDS"),
    ("uz", "Доимий аҳоли сони, минг киши", "UNIT THOUSANDS"),
    ("uz", "Qishloq aholisi soni", "GROUP RURAL"),
    ("mn", "Хүн ам (мянган хүн)", "UNIT THOUSANDS"),
    ("mn", "Улаанбаатар хотын хүн ам", "PLACE part"),
    ("sw", "Idadi ya watu (kwa maelfu)", "UNIT THOUSANDS"),
    ("sw", "Wakimbizi kwa uraia", "GROUP REFUGEES"),
    ("hi", "ग्रामीण जनसंख्या", "GROUP RURAL"),
    ("hi", "जनसंख्या (हजार में)", "UNIT THOUSANDS"),
    ("bn", "জনসংখ্যা (হাজার)", "UNIT THOUSANDS"),
    ("bn", "পল্লী জনসংখ্যা", "GROUP RURAL"),
    ("ur", "آبادی (ہزار افراد)", "UNIT THOUSANDS"),
    ("lo", "ປະຊາກອນ (ພັນຄົນ)", "UNIT THOUSANDS"),
]


@pytest.mark.parametrize(("language", "title", "told"), TRAPS)
def test_limit_in_a_title_is_a_mention(language: str, title: str, told: str) -> None:
    assert told in {f"{mention.concept} {mention.code}" for mention in read_title(title, WORDS).mentions}


BESIDE_BY = [
    ("ka", "თბილისი, უცხოელები ქვეყნების მიხედვით", "PLACE"),
    ("kk", "Алматы қаласы, шетелдіктер елдер бойынша", "PLACE"),
    ("uz", "Toshkent shahri davlatlar kesimida", "PLACE"),
    ("az", "Bakı şəhəri ölkələr üzrə", "PLACE"),
    ("hy", "Երևան ըստ քաղաքացիության", "PLACE"),
    ("ja", "東京都 在留資格別 国籍別", "PLACE"),
    ("hi", "दिल्ली में देश के अनुसार", "PLACE"),
]


@pytest.mark.parametrize(("language", "title", "concept"), BESIDE_BY)
def test_a_table_is_not_broken_down_by_what_limits_it(language: str, title: str, concept: str) -> None:
    reading = read_title(title, WORDS)
    assert reading.of(concept)
    assert not {mention.at for mention in reading.of(concept)} & reading.broken_down


LABELS = [
    ("SEX", "M", ("эрэгтэй", "ប្រុស", "ຊາຍ", "පුරුෂ", "lalaki", "տղամարդիկ", "эркаклар")),
    ("SEX", "F", ("эмэгтэй", "ស្រី", "ຍິງ", "ස්ත්‍රී", "babae", "կանայք", "аёллар", "خواتین")),
    ("PARTNER", "_T", ("總數", "총수", "tất cả", "รวมทั้งสิ้น", "مجموع", "жиыны", "जम्मा", "kabuuan", "ລວມ")),
    ("PARTNER", "_O", ("その他の国籍・地域", "기타국가", "negara-negara lainnya", "các quốc gia khác", "ประเทศอื่นๆ")),
    ("PARTNER", "_O", ("سایرین", "digər ölkələr", "бошқа давлатлар", "бусад улс", "nchi zingine", "अन्य देशों")),
    ("PARTNER", "_U", ("国籍不明", "국적미상", "không rõ", "ไม่ทราบสัญชาติ", "مشخص نشده")),
    ("PARTNER", "STLS", ("無国籍者", "무국적자", "người không có quốc tịch", "харьяалалгүй", "wasio na utaifa")),
]


@pytest.mark.parametrize(("concept", "code", "labels"), LABELS)
def test_labels_have_their_codes(concept: str, code: str, labels: tuple[str, ...]) -> None:
    candidates = {label: WORDS.candidates(label, concept) for label in labels}
    assert {label: many[0].code if many else "" for label, many in candidates.items()} == dict.fromkeys(labels, code)


@pytest.mark.parametrize("title", ["Dân số theo quốc tịch, năm 2019", "Số liệu thống kê năm 2020"])
def test_a_short_word_for_men_is_not_one_that_is_spelt_otherwise(title: str) -> None:
    assert not read_title(title, WORDS).of("SEX")
