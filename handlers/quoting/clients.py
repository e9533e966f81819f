"""How mail programs mark what was written before, one row for each language; kept as data, read by new_text.

Sources: mails of Gmail, Outlook (desktop, web, phones), Apple Mail, Thunderbird, Yahoo, GMX and web.de, Proton, QQ and
163, as their own language files word them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """`attribution`: patterns of the line above a quotation; {date} has a day or time in it, {who} may be anything.

    `labels`: From, Sent or Date, To, Subject of a header block above a quotation, each as alternatives. `original` and
    `forwarded` stand between dashes; `forwarding` alone on a line, before a mail that was passed on. `sent_with`: what
    a phone or a free service adds at the end. `below`: words by which somebody says that more follows further down.
    """

    name: str
    attribution: tuple[str, ...]
    labels: tuple[str, str, str, str]
    original: str
    forwarded: str
    forwarding: str
    sent_with: str
    below: str


LANGUAGES = (
    Language(
        "English",
        ("On {date},? {who} wrote:", "At {date}, {who} wrote:", "{date} {who} wrote:", "{who} wrote on {date}:"),
        ("From", "Sent|Date", "To", "Subject"),
        "Original Message|Original Appointment|Original message",
        "Forwarded [Mm]essage",
        "Begin forwarded message:",
        r"Sent from (my|Yahoo|Outlook|Mail|Proton|Samsung|AOL|Gmail|Windows|Spark|the all[- ]new)\b.*|"
        r"Get Outlook for .*|Sent (with|using|via) .*|Sent on the go.*|Yahoo Mail: .*|Get BlueMail .*",
        r"below|in-?line|interspersed|in (red|blue|green|colou?r|bold)\b|between (your|the) lines|marked|further down",
    ),
    Language(
        "German",
        (
            "Am {date} schrieb {who}:", "Am {date} hat {who} (Folgendes )?geschrieben:", "{who} schrieb am {date}:",
            "{who} hat am {date} geschrieben:", "{date} schrieb {who}:",
        ),
        ("Von", "Gesendet( am)?|Datum", "An", "Betreff"),
        "Ursprüngliche Nachricht|Originalnachricht|Ursprünglicher Termin|Original-Nachricht",
        "Weitergeleitete Nachricht|Weitergeleitete E-?Mail",
        "Anfang der weitergeleiteten (Nachricht|E-Mail):",
        r"Von meine[mr] .* gesendet\.?|Gesendet (von|mit|über) .*|Holen Sie sich Outlook .*|"
        r"Outlook für .*(laden|beziehen)|"
        r"Diese Nachricht wurde von mein.*|Mit der .*App gesendet.*|Gesendet aus .*",
        r"unten|dazwischen|zwischen den zeilen|im text|in (rot|blau|grün|farbe)|weiter unten|s\.\s?u\.|siehe unten",
    ),
    Language(
        "French",
        ("Le {date},? {who} a écrit ?:", "{who} a écrit le {date} ?:", "{date},? {who} a écrit ?:"),
        ("De", "Envoyé( le)?|Date", "À|A|Pour", "Objet|Sujet"),
        "Message d['’ ]origine|Message original|Rendez-vous d['’]origine",
        "Message transféré|Message réexpédié",
        "Début du message (réexpédié|transféré) ?:",
        r"Envoyé (de|depuis|à partir|avec|par) .*|Télécharg\w+ Outlook .*|Obtenir Outlook .*|Obtenez Outlook .*",
        r"ci-?dessous|plus bas|dans le texte|en (rouge|bleu|vert|couleur)|entre les lignes",
    ),
    Language(
        "Spanish",
        ("El {date},? {who} escribió:", "{who} escribió el {date}:", "{date},? {who} escribió:"),
        ("De", "Enviado( el)?|Fecha", "Para|A", "Asunto"),
        "Mensaje original|Cita original",
        "Mensaje reenviado|Forwarded message",
        "Inicio del mensaje reenviado:",
        r"Enviado (desde|con|por) .*|Obtener Outlook .*|Obtenga Outlook .*|Descargar Outlook .*",
        r"abajo|más adelante|en (rojo|azul|verde|color)|entre líneas|debajo|a continuación",
    ),
    Language(
        "Italian",
        ("Il (giorno )?{date},? {who} ha scritto:", "{who} ha scritto il {date}:", "{date},? {who} ha scritto:"),
        ("Da", "Inviato( il)?|Data", "A", "Oggetto"),
        "Messaggio originale|Appuntamento originale",
        "Messaggio [Ii]noltrato",
        "Inizio (del )?messaggio inoltrato:",
        r"Inviato (da|dal|con|tramite) .*|Ottieni Outlook .*|Scarica Outlook .*",
        r"sotto|più avanti|in (rosso|blu|verde|colore)|tra le righe|nel testo|di seguito",
    ),
    Language(
        "Dutch",
        (
            "Op {date},? schreef {who}:", "Op {date},? heeft {who} (het volgende )?geschreven:",
            "{who} schreef op {date}:",
            "Op {date},? {who} schreef:", "{date} schreef {who}:",
        ),
        ("Van", "Verzonden|Datum", "Aan", "Onderwerp"),
        "Oorspronkelijk bericht|Oorspronkelijke afspraak",
        "Doorgestuurd bericht",
        "Begin doorgestuurd bericht:",
        r"(Verstuurd|Verzonden) (vanaf|vanuit|met|via|van) .*|Outlook voor .* (downloaden|ophalen)|Download Outlook .*",
        r"onder(aan|staand)?\b|hieronder|tussen de regels|in (het )?(rood|blauw|groen|kleur)|verderop",
    ),
    Language(
        "Portuguese",
        (
            "Em {date},? {who} escreveu:", "(No dia |A ){date},? {who} escreveu:", "{who} escreveu (em|no dia) {date}:",
            "{date},? {who} escreveu:",
        ),
        ("De", "Enviad[oa]( em)?|Data", "Para|A", "Assunto"),
        "Mensagem [Oo]riginal|Compromisso original",
        "Mensagem (encaminhada|reencaminhada)",
        "Início da mensagem (re)?encaminhada:",
        r"Enviado (do|de|a partir|com|pelo|por) .*|Obter o Outlook .*|Baixe o Outlook .*|Obtenha o Outlook .*",
        r"abaixo|mais adiante|em (vermelho|azul|verde|cor)\b|entre as linhas|a seguir",
    ),
    Language(
        "Polish",
        (
            "(W dniu |Dnia )?{date},? {who} (napisał\\(a\\)|napisała?|pisze):",
            "{who} napisał(a|\\(a\\))? (w dniu )?{date}:",
            "Wiadomość napisana przez {who} w dniu {date}:", "Dnia {date} {who} napisał\\(a\\):",
        ),
        ("Od", "Wysłan[eoy]|Data", "Do", "Temat"),
        "Oryginalna wiadomość|Wiadomość oryginalna|Wiadomość pierwotna",
        "Przekazana wiadomość|Wiadomość przekazana dalej|Treść przekazanej wiadomości",
        "Początek przekazywanej wiadomości:",
        r"Wysłan[eoy] (z|za pomocą|przy użyciu|przez) .*|Pobierz (program |aplikację )?Outlook .*|Uzyskaj .*Outlook .*",
        r"poniżej|niżej|w tekście|na (czerwono|niebiesko|zielono)|między wierszami",
    ),
    Language(
        "Swedish",
        ("(Den )?{date},? skrev {who}:", "(Den )?{date},? {who} skrev:", "{who} skrev (den )?{date}:"),
        ("Från", "Skickat|Datum", "Till", "Ämne"),
        "Ursprungligt meddelande|Originalmeddelande",
        "Vidarebefordrat (meddelande|brev)",
        "Vidarebefordrat (brev|meddelande):|Börja på vidarebefordrat (brev|meddelande):",
        r"Skickat (från|med|via) .*|Hämta Outlook .*",
        r"nedan|längre ned|i (rött|blått|grönt|färg)|mellan raderna|i texten",
    ),
    Language(
        "Japanese",
        (
            "{date}[、,]? ?{who}(のメール|は書きました|さんは書きました|のメッセージ|が書きました)[:：]",
            "{date} {who}<[^<>@]+@[^<>@]+>:",
            "{who}さんが?(は)?{date}(に書きました|に送信)[:：]",
        ),
        ("差出人|送信者|From", "送信日時|日時|日付|Date|Sent", "宛先|To", "件名|Subject"),
        "元のメッセージ|Original Message",
        "転送メッセージ|転送されたメッセージ|Forwarded message",
        "(転送された|以下は、転送された|以下、転送された)メッセージ[:：]",
        r".*から送信|.* から送信.*|Outlook for .*を入手.*|.*を使用して送信.*",
        r"以下|下記|下に|赤字|青字|インライン|文中|行間",
    ),
    Language(
        "Chinese",
        (
            "{who} ?[于於在] ?{date} ?[写寫]道[:：]", "在 ?{date}[，,]? ?{who} ?[写寫]道[:：]",
            "{date}[，,]? ?{who} ?[写寫]道[:：]", "{who} ?{date} ?[写寫]道[:：]",
        ),
        (
            "发件人|寄件者|寄件人|發件人", "发送时间|发送日期|寄件日期|傳送時間|日期|時間|时间",
            "收件人|收件者", "主题|主旨|主題",
        ),
        "原始邮件|邮件原件|原始郵件|原始訊息|原邮件",
        "转发的(消息|邮件|郵件)|转发邮件信息|轉寄(的)?(郵件|訊息)|轉寄郵件|转发邮件",
        "(开始转发的邮件|下面是被转发的邮件|開始轉寄郵件|以下是轉寄的郵件|开始转发的消息)[:：]",
        r"发自我的.*|從我的.*傳送|从我的.*发送|从我的.*发出|发送自.*|寄件自.*|"
        r"获取 ?(适用于)?.*Outlook.*|下載.*Outlook.*",
        r"下面|以下|下方|如下|[红紅蓝藍]字|文中|行内",
    ),
)  # fmt: skip

ANSWERS = (
    *("re", "aw", "antw", "antwort", "sv", "svar", "vs", "odp", "rif", "res", "r", "ynt", "ref", "ré", "rép", "réf"),
    *("回复", "回覆", "答复", "答覆", "返信", "回信"),
)
"""What subjects of answers begin with, before a colon."""
FORWARDS = (
    *("fw", "fwd", "wg", "tr", "rv", "i", "doorst", "enc", "pd", "vb", "vl", "vidarebefordrat", "rvs", "fyi-fw", "ilt"),
    *("转发", "轉寄", "轉發", "転送"),
)
"""What subjects of mails that were passed on begin with."""
