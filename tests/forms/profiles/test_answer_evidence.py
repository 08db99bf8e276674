"""An answer that makes a gap or a deviation needs evidence; a note on unread sources is not evidence."""

from __future__ import annotations

import io

import pytest
from edited_workbooks import edited, put
from openpyxl import load_workbook
from shipped import CATALOGUE

from sdmxmig.catalogue.folders import shipped
from sdmxmig.conversion import tables
from sdmxmig.forms.profiles.file import read_file, read_profile
from sdmxmig.forms.profiles.plan import asked_by
from sdmxmig.forms.profiles.reading import read_form
from sdmxmig.forms.profiles.writing import to_workbook
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.profile import Profile
from sdmxmig.sdmx.words import read_words
from sdmxmig.statistics.assessment import assess
from sdmxmig.statistics.country import Country

ASKED = asked_by(CATALOGUE)
GOVERNANCE = "A Governance and law"
WITHOUT_EVIDENCE, TEXT_OF_A_READER = "MIG-0-318", "MIG-0-319"
YES_PARTLY_NO = [item.id for item in CATALOGUE.items.values() if item.scale == "YNP"]

PARTLY = 'answer = "P"\n'
"""An answer that says less than the best one of its scale."""
SOURCES = 'sources = ["G1"]\n'
PRACTICE = 'practice.en = "The law names flows only."\n'


def profile_text(*parts: str, signed_off: str = "", table: str = "items.A02") -> bytes:
    """A profile with one source and one answer."""
    facts = f'area = "GE"\nyear = "2026"\nsigned_off = "{signed_off}"\n[sources]\nG1 = "Law of 2023"\n'
    return f"{facts}[{table}]\n{''.join(parts)}".encode()


def found(content: bytes) -> list[tuple[str, str]]:
    """The rules that find something in a profile, each with the key of the file."""
    findings = read_file("p.toml", content, ASKED)[1]
    return [(finding.rule, finding.place.key if finding.place else "") for finding in findings.items]


def test_partly_without_evidence_is_refused_with_the_key_of_the_file() -> None:
    content = profile_text(PARTLY, PRACTICE)
    profile, findings = read_file("p.toml", content, ASKED)
    (finding,) = findings.items
    assert (finding.rule, finding.severity, str(finding.place)) == (
        WITHOUT_EVIDENCE,
        "error",
        "p.toml › items.A02.answer",
    )
    assert finding.sentence() == "“P” (A02) states a gap or a deviation, but no evidence supports it."
    assert "CONFIRMED if the office states it" in finding.remedy()
    answer = profile.of("A02")
    assert (answer.answer, answer.is_refused, answer.is_verified) == ("P", True, False)
    with pytest.raises(DeclarationError, match="no evidence supports it"):
        read_profile("p.toml", content, ASKED)


@pytest.mark.sampled(3)
def test_partly_without_evidence_is_refused_with_the_cell_of_the_form() -> None:
    words = read_words((shipped("templates") / "profile" / "words.csv").read_text(encoding="utf-8"))
    form = to_workbook(Profile("GE", "2026", answers={}, about={}, sources={}), CATALOGUE, words, short=True)
    row = next(
        cells[0].row
        for cells in load_workbook(io.BytesIO(form))[GOVERNANCE].iter_rows(max_col=1)
        if cells[0].value == "item;A02"
    )
    for evidence, refused in ((None, [(WITHOUT_EVIDENCE, f"p.xlsx › {GOVERNANCE} › I{row}")]), ("CONFIRMED", [])):
        answered = edited(form, put(GOVERNANCE, **{f"I{row}": "P – Partly", f"J{row}": evidence}))
        profile, findings, _ = read_form(tables.read("p.xlsx", answered), ASKED)
        assert [(finding.rule, str(finding.place)) for finding in findings.items] == refused
        assert profile.of("A02").is_refused == bool(refused)


@pytest.mark.parametrize(
    "parts",
    [
        ['evidence = "CONFIRMED"\n'],
        ['evidence = "PUBLIC"\n', SOURCES],
        ['evidence = "REPORTED"\n', SOURCES],
        ['evidence = "INFERRED"\n', PRACTICE],
    ],
    ids=["confirmed", "public with a source", "reported with a source", "inferred with the data in words"],
)
def test_partly_with_evidence_is_accepted(parts: list[str]) -> None:
    profile, findings = read_file("p.toml", profile_text(PARTLY, *parts), ASKED)
    assert findings.items == ()
    assert profile.of("A02").answer == "P"


@pytest.mark.parametrize(
    "parts",
    [
        ['evidence = "PUBLIC"\n', PRACTICE],
        ['evidence = "REPORTED"\n', PRACTICE],
        ['evidence = "INFERRED"\n', SOURCES],
        ['evidence = "NOT_VERIFIED"\n', PRACTICE, SOURCES],
        [PRACTICE, SOURCES],
    ],
    ids=["public without source", "reported without source", "inferred without words", "not verified", "no class"],
)
def test_partly_without_what_its_class_needs_is_refused(parts: list[str]) -> None:
    assert found(profile_text(PARTLY, *parts)) == [(WITHOUT_EVIDENCE, "items.A02.answer")]


def test_a_source_that_is_not_listed_is_no_evidence() -> None:
    content = profile_text(PARTLY, 'evidence = "PUBLIC"\nsources = ["G9"]\n')
    assert found(content) == [("MIG-0-302", "items.A02.sources"), (WITHOUT_EVIDENCE, "items.A02.answer")]


def test_partly_without_a_class_is_accepted_in_a_profile_that_the_office_signed_off() -> None:
    assert found(profile_text(PARTLY, signed_off="Head of department, 1 May 2026")) == []
    assert found(profile_text(PARTLY, signed_off="  ")) == [(WITHOUT_EVIDENCE, "items.A02.answer")]


def test_a_sign_off_does_not_verify_what_is_marked_as_not_verified() -> None:
    content = profile_text(PARTLY, 'evidence = "NOT_VERIFIED"\n', signed_off="Head of department, 1 May 2026")
    assert found(content) == [(WITHOUT_EVIDENCE, "items.A02.answer")]


@pytest.mark.parametrize(
    ("table", "answer", "needs_evidence"),
    [
        ("items.A02", "Y", False),
        ("items.A02", "N", True),
        ("items.A02", "NA", False),
        ("items.A02", "DK", False),
        ("items.B01", "3", False),
        ("items.B01", "2", True),
        ("indicators.IMM_RATE.L01", "4", False),
        ("indicators.IMM_RATE.L01", "R", False),
        ("indicators.IMM_RATE.L01", "3", True),
        ("indicators.IMM_RATE.L02", "MOST", True),
        ("inventory.H01.S06", "3", True),
    ],
)
def test_only_what_is_less_than_the_best_answer_needs_evidence(table: str, answer: str, needs_evidence: bool) -> None:
    expected = [(WITHOUT_EVIDENCE, f"{table}.answer")] if needs_evidence else []
    assert found(profile_text(f'answer = "{answer}"\n', table=table)) == expected


NOT_READ = {
    "en": [
        "The decree was not read.",
        "We could not find the decree.",
        "I have not yet consulted the methodology.",
        "The handbook has not been looked at.",
        "The methodological note could not be downloaded.",
        "Whether a law covers it is unclear.",
        "The regulation was never examined by us.",
        "Nobody has checked the questionnaire.",
        "This still has to be verified.",
        "The report is behind a paywall and was not accessed.",
        "The annual report has yet to be opened by us.",
        "We could not get hold of the methodology note.",
        "The decree was out of reach.",
        "Not looked into.",
        "The website did not load.",
        "The text is behind a paywall and remains unseen.",
        "No one has gone through the law.",
        "Our reading stopped at the table of contents.",
        "It could not be established from public material.",
        "The question is left open for lack of a source.",
        "I had no time to go through the methodology report.",
        "The manual is behind a login, so its content stays outside this review.",
        "Whether a register exists could not be settled from the pages at hand.",
        "Our search gave no hits for a rule of this kind.",
        "The author of this profile skipped the annex of the law.",
        "Left blank by the sources we hold.",
        "No text at hand mentions a sharing agreement.",
        "The link returned an error, and the agreement itself remains to be looked at.",
        "We assume that there is none; the page was not loaded.",
        "It cannot be told from the press what the office does.",
    ],
    "fr": [
        "Le décret n’a pas été lu.",
        "Nous n’avons pas pu consulter la note.",
        "La méthode reste à vérifier.",
        "Aucun texte n’a été trouvé.",
        "On ne sait pas si la loi le prévoit.",
        "Nous n’avons rien trouvé à ce sujet.",
        "Personne n’a examiné le questionnaire.",
        "L’annuaire n’a été ni lu ni consulté.",
        "Je n’ai pas eu accès au questionnaire.",
        "Le texte n’a pas été retrouvé.",
        "Le rapport n'a pu être ouvert.",
        "Nous n'avons pas eu le texte entre les mains.",
        "Le décret n'a pas été dépouillé.",
        "Document non parcouru.",
        "La page ne répondait pas.",
        "Personne n'a regardé la loi.",
        "Rien de public ne l'indique.",
        "La question reste sans réponse faute de source.",
        "Le texte n'a pas pu être téléchargé.",
        "Il n'a pas été possible de lire la note.",
        "Le rapport méthodologique n’a pas pu être parcouru.",
        "Le texte de la loi est resté hors de notre portée.",
        "Nos recherches n’ont donné aucun résultat sur cette règle.",
        "On ne peut dire, d’après la presse, ce que fait l’office.",
        "L’annexe n’a été ouverte par personne ici.",
        "La page renvoie une erreur ; l’accord reste à examiner.",
        "Aucun des textes à notre disposition ne mentionne un accord.",
        "Nous supposons que non, faute de document.",
        "Le manuel exige un mot de passe et n’a donc pas été vu.",
        "Les sources dont nous disposons sont muettes sur ce point.",
    ],
    "es": [
        "El decreto no se leyó.",
        "No pudimos consultar la nota.",
        "No encontramos el texto de la ley.",
        "La página no estaba accesible.",
        "Se desconoce si la ley lo prevé.",
        "El informe no ha sido revisado.",
        "No se halló ningún documento.",
        "No sabemos si existe.",
        "Aún no hemos leído la ley.",
        "La norma no fue consultada.",
        "El informe no pudo abrirse.",
        "No tuvimos el texto a mano.",
        "No se examinó la ley.",
        "Documento sin revisar.",
        "La página no respondía.",
        "Nadie miró el decreto.",
        "Nada público lo indica.",
        "La pregunta queda abierta por falta de fuente.",
        "El texto no se pudo descargar.",
        "No fue posible leer la nota.",
        "No hubo tiempo de revisar el informe metodológico.",
        "El texto de la ley quedó fuera de nuestro alcance.",
        "La búsqueda no arrojó resultados sobre esta regla.",
        "Por la prensa no se puede saber qué hace la oficina.",
        "Nadie abrió aquí el anexo.",
        "La página da error; el acuerdo está pendiente de examen.",
        "Ninguno de los textos disponibles menciona un acuerdo.",
        "Suponemos que no, a falta de documento.",
        "El manual exige contraseña y por eso no se ha visto.",
        "Las fuentes a mano callan sobre este punto.",
    ],
    "ar": [
        "لم نقرأ المرسوم.",
        "لم يُقرأ القانون.",
        "لم نعثر على النص.",
        "لم يتم الاطلاع على التقرير.",
        "لا نعرف إن كان القانون يشمل ذلك.",
        "لم نتمكن من الوصول إلى الاستبيان.",
        "المنهجية غير معروفة لنا.",
        "لم تتم مراجعة الدليل.",
        "لم نجد أي وثيقة.",
        "ما زال بحاجة إلى تحقق.",
        "لم يُفتح التقرير.",
        "لم يكن النص بين أيدينا.",
        "لم يُدرس القانون.",
        "الوثيقة لم تُراجع.",
        "الصفحة لم تستجب.",
        "لم ينظر أحد في القرار.",
        "لا يوجد مصدر علني يذكر ذلك.",
        "تبقى المسألة مفتوحة لعدم وجود مصدر.",
        "لم نتمكن من تنزيل النص.",
        "لم يكن من الممكن قراءة المذكرة.",
        "لم يتسع الوقت لمطالعة تقرير المنهجية.",
        "بقي نص القانون خارج متناولنا.",
        "لم يسفر البحث عن أي نتيجة بشأن هذه القاعدة.",
        "لا يمكن القول من الصحافة ماذا يفعل المكتب.",
        "لم يفتح أحد هنا الملحق.",
        "تعطي الصفحة خطأ؛ ولا يزال الاتفاق ينتظر الفحص.",
        "لا يذكر أي من النصوص المتاحة لنا اتفاقاً.",
        "نفترض أنه لا يوجد، لعدم توفر وثيقة.",
        "الدليل محمي بكلمة مرور ولذلك لم نره.",
        "المصادر التي لدينا صامتة بشأن هذه النقطة.",
    ],
    "ru": [
        "Постановление не прочитано.",
        "Мы не читали методику.",
        "Текст закона найти не удалось.",
        "Неизвестно, охватывает ли это закон.",
        "Сайт был недоступен.",
        "Методология нами не изучалась.",
        "Этого мы не проверяли.",
        "Справочник не просмотрен.",
        "Об этом нет сведений.",
        "Нам не удалось получить текст.",
        "Отчёт открыть не удалось.",
        "Текста закона у нас не было.",
        "Постановление не изучалось.",
        "Документ не просматривался.",
        "Страница не открывалась.",
        "Никто не смотрел закон.",
        "Ни один открытый источник этого не указывает.",
        "Вопрос остаётся открытым из-за отсутствия источника.",
        "Текст скачать не получилось.",
        "Прочитать записку не представилось возможным.",
        "На методологический отчет не хватило времени.",
        "Текст закона остался вне нашего доступа.",
        "Поиск не дал результатов по этому правилу.",
        "По прессе нельзя сказать, как поступает ведомство.",
        "Приложение здесь никто не открывал.",
        "Страница выдает ошибку; соглашение еще предстоит изучить.",
        "Ни в одном из имеющихся текстов соглашение не упоминается.",
        "Предполагаем, что нет: документа под рукой не оказалось.",
        "Руководство закрыто паролем, поэтому мы его не видели.",
        "Имеющиеся источники об этом молчат.",
    ],
    "zh": [
        "未阅读该法令。",
        "我们没有找到方法说明。",
        "未能查阅问卷。",
        "尚未核实。",
        "不清楚法律是否涵盖。",
        "没有读到相关规定。",
        "该报告未被查阅。",
        "相关资料无法获取。",
        "法律文本未读。",
        "我们没能看到原文。",
        "报告打不开。",
        "我们手头没有该文本。",
        "该法令未作研究。",
        "文件未经审阅。",
        "网页没有响应。",
        "没有人看过该法律。",
        "没有任何公开来源说明这一点。",
        "因缺乏来源，此问题悬而未决。",
        "文本下载不了。",
        "未能读取说明。",
        "没有时间通读方法报告。",
        "该法律文本我们拿不到。",
        "搜索没有得到关于该规则的结果。",
        "仅凭报刊无法判断统计机构的做法。",
        "附件在这里没人打开过。",
        "网页报错，协议有待审阅。",
        "现有文本均未提及协议。",
        "我们推测没有，因为手边没有文件。",
        "手册需要密码，因此没有看到。",
        "我们所掌握的来源对此没有说明。",
    ],
}


@pytest.mark.parametrize("language", list(NOT_READ))
def test_text_about_unread_sources_makes_no_gap(language: str) -> None:
    texts = dict(zip(YES_PARTLY_NO, NOT_READ[language], strict=False))
    assert len(texts) == len(NOT_READ[language])
    answers = "".join(
        f'[items.{item}]\nanswer = "N"\nevidence = "CONFIRMED"\npractice.{language} = "{text}"\n'
        for item, text in texts.items()
    )
    profile, findings = read_file("p.toml", f'area = "GE"\nyear = "2026"\n{answers}'.encode(), ASKED)
    refused = {
        texts[finding.place.key.split(".")[1]]
        for finding in findings.items
        if finding.place and finding.rule == TEXT_OF_A_READER
    }
    assert refused == set(NOT_READ[language])
    assert {answer.is_verified for answer in profile.answers.values()} == {False}
    country = Country("GE", name=Text.of(en="Georgia"), office=Text.of(en="Geostat"))
    assert assess(country, CATALOGUE, datasets=[], findings=Findings(), profile=profile).gaps == ()


def test_the_finding_names_the_words_that_say_it() -> None:
    content = profile_text(PARTLY, 'evidence = "CONFIRMED"\npractice.en = "The copy of the law was not read."\n')
    (finding,) = read_file("p.toml", content, ASKED)[1].items
    assert (finding.rule, finding.sentence()) == (
        TEXT_OF_A_READER,
        "“P” (A02) states a gap or a deviation, but its text contains “was not read”.",
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The law does not name migration."),
        ("en", "Emigrants are counted every five years only."),
        ("en", "Departures are not recorded at the border."),
        ("en", "There is no register of foreigners."),
        ("en", "The office does not publish emigration by citizenship."),
        ("en", "The census does not ask the date of arrival."),
        ("fr", "La loi ne mentionne pas la migration."),
        ("fr", "Les départs ne sont pas enregistrés."),
        ("es", "La ley no menciona la migración."),
        ("es", "Las salidas no se registran."),
        ("ar", "القانون لا يذكر الهجرة."),
        ("ar", "لا يوجد سجل للأجانب."),
        ("ru", "Закон не упоминает миграцию."),
        ("ru", "Выезды не учитываются."),
        ("zh", "法律未提及移民。"),
        ("zh", "离境不登记。"),
    ],
)
def test_a_statement_of_what_does_not_exist_is_accepted(language: str, text: str) -> None:
    content = profile_text('answer = "N"\nevidence = "PUBLIC"\n', SOURCES, f'practice.{language} = "{text}"\n')
    assert found(content) == []


def test_text_about_unread_sources_beside_the_best_answer_is_accepted() -> None:
    assert found(profile_text('answer = "Y"\npractice.en = "The second decree was not read."\n')) == []
