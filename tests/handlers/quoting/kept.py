"""How the usual mail programs quote, one row for each program and language: the line above, or the header block."""

from __future__ import annotations

B = "Bot <bot@firm.example>"
ABOVE = {
    # Gmail
    "gmail en": f"On Sun, Nov 29, 2026 at 10:00 AM {B} wrote:",
    "gmail de": f"Am So., 29. Nov. 2026 um 10:00 Uhr schrieb {B}:",
    "gmail fr": f"Le dim. 29 nov. 2026 à 10:00, {B} a écrit\u00a0:",
    "gmail es": "El dom, 29 nov 2026 a las 10:00, Bot (<bot@firm.example>) escribió:",
    "gmail it": f"Il giorno dom 29 nov 2026 alle ore 10:00 {B} ha scritto:",
    "gmail nl": f"Op zo 29 nov 2026 om 10:00 schreef {B}:",
    "gmail pt": f"Em dom., 29 de nov. de 2026 às 10:00, {B} escreveu:",
    "gmail pl": f"niedz., 29 lis 2026 o 10:00 {B} napisał(a):",
    "gmail sv": f"Den sön 29 nov. 2026 kl 10:00 skrev {B}:",
    "gmail ja": f"2026年11月29日(日) 10:00 {B}:",
    "gmail zh": f"{B} 于2026年11月29日周日 10:00写道：",
    "gmail zh-tw": f"{B} 於 2026年11月29日 週日 上午10:00寫道：",
    "gmail wrapped": "On Sun, Nov 29, 2026 at 10:00 AM A Bot With Quite a Long Name <\nbot@firm.example> wrote:",
    # Apple Mail and iPhone
    "apple en": f"On 29 Nov 2026, at 10:00, {B} wrote:",
    "apple de": f"Am 29.11.2026 um 10:00 schrieb {B}:",
    "apple fr": f"Le 29 nov. 2026 à 10:00, {B} a écrit\u202f:",
    "apple es": f"El 29 nov 2026, a las 10:00, {B} escribió:",
    "apple it": f"Il giorno 29 nov 2026, alle ore 10:00, {B} ha scritto:",
    "apple nl": f"Op 29 nov 2026, om 10:00 heeft {B} het volgende geschreven:",
    "apple pt": f"No dia 29/11/2026, às 10:00, {B} escreveu:",
    "apple pl": f"Wiadomość napisana przez {B} w dniu 29 lis 2026, o godz. 10:00:",
    "apple sv": f"29 nov. 2026 kl. 10:00 skrev {B}:",
    "apple ja": f"2026/11/29 10:00、{B}のメール:",
    "apple zh": f"2026年11月29日 10:00，{B} 写道：",
    # Yahoo and Proton
    "yahoo en": f"On Sunday, November 29, 2026 at 10:00:00 AM GMT+1, {B} wrote:",
    "yahoo de": f"Am Sonntag, 29. November 2026 um 10:00:00 MEZ hat {B} Folgendes geschrieben:",
    "yahoo fr": f"Le dimanche 29 novembre 2026 à 10:00:00 UTC+1, {B} a écrit :",
    "yahoo es": f"El domingo, 29 de noviembre de 2026, 10:00:00 CET, {B} escribió:",
    "yahoo it": f"Il domenica 29 novembre 2026 alle ore 10:00:00 CET, {B} ha scritto:",
    "yahoo pt": f"Em domingo, 29 de novembro de 2026 às 10:00:00 BRT, {B} escreveu:",
    "yahoo pl": f"W dniu niedziela, 29 listopada 2026 10:00:00 CET {B} napisał(a):",
    "yahoo sv": f"Den söndag 29 november 2026 10:00:00 CET, {B} skrev:",
    "proton en": f"On Sunday, November 29th, 2026 at 10:00 AM, {B} wrote:",
    "proton de": f"{B} schrieb am Sonntag, 29. November 2026 um 10:00:",
    "163 zh": '在 2026-11-29 10:00:00，"Bot" <bot@firm.example> 写道：',
    "163 en": 'At 2026-11-29 10:00:00, "Bot" <bot@firm.example> wrote:',
}
ABOVE_MARKED = {
    # Thunderbird names no address, and marks each line
    "thunderbird en": "On 29/11/2026 10:00, Bot wrote:",
    "thunderbird de": "Am 29.11.26 um 10:00 schrieb Bot:",
    "thunderbird fr": "Le 29/11/2026 à 10:00, Bot a écrit :",
    "thunderbird es": "El 29/11/26 a las 10:00, Bot escribió:",
    "thunderbird it": "Il 29/11/2026 10:00, Bot ha scritto:",
    "thunderbird nl": "Op 29-11-2026 om 10:00 schreef Bot:",
    "thunderbird pt": "Em 29/11/2026 10:00, Bot escreveu:",
    "thunderbird pl": "W dniu 29.11.2026 o 10:00, Bot pisze:",
    "thunderbird sv": "Den 2026-11-29 kl. 10:00, skrev Bot:",
    "thunderbird ja": "On 2026/11/29 10:00, Bot wrote:",
    "thunderbird zh": "在 2026/11/29 10:00, Bot 写道:",
    "iphone de": "> Am 29.11.2026 um 10:00 schrieb Bot <bot@firm.example>:\n>",
}
_LABELS = {
    "en": ("From", "Sent", "To", "Subject", "Original Message"),
    "de": ("Von", "Gesendet", "An", "Betreff", "Ursprüngliche Nachricht"),
    "fr": ("De", "Envoyé", "À", "Objet", "Message d'origine"),
    "es": ("De", "Enviado", "Para", "Asunto", "Mensaje original"),
    "it": ("Da", "Inviato", "A", "Oggetto", "Messaggio originale"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp", "Oorspronkelijk bericht"),
    "pt": ("De", "Enviado", "Para", "Assunto", "Mensagem original"),
    "pl": ("Od", "Wysłane", "Do", "Temat", "Oryginalna wiadomość"),
    "sv": ("Från", "Skickat", "Till", "Ämne", "Ursprungligt meddelande"),
    "ja": ("差出人", "送信日時", "宛先", "件名", "元のメッセージ"),
    "zh": ("发件人", "发送时间", "收件人", "主题", "原始邮件"),
    "zh-tw": ("寄件者", "寄件日期", "收件者", "主旨", "原始郵件"),
}


def _block(labels: tuple[str, ...], colon: str = ": ", mark: str = "") -> str:
    values = (B, "2026-11-29 10:00", "Anna Berg", "Re: A question")
    return "\n".join(f"{mark}{label}{colon}{mark}{value}" for label, value in zip(labels, values, strict=False))


BLOCKS = {
    **{f"outlook {name}": _block(labels) for name, labels in _LABELS.items()},
    **{f"outlook web {name}": "_" * 32 + "\n" + _block(labels) for name, labels in _LABELS.items()},
    **{f"outlook phone {name}": f"\n{'_' * 32}\n{_block(labels, mark='*')}" for name, labels in _LABELS.items()},
    **{f"outlook old {name}": f"-----{labels[4]}-----\n{_block(labels)}" for name, labels in _LABELS.items()},
    "gmx de": 'Gesendet: Sonntag, 29. November 2026 um 10:00 Uhr\nVon: "Bot" <bot@firm.example>\nAn: anna\n'
    "Betreff: Re: x",
    "web.de en": 'Sent: Sunday, 29 November 2026 at 10:00\nFrom: "Bot" <bot@firm.example>\nTo: anna\nSubject: Re: x',
    "qq zh": "------------------\u00a0原始邮件\u00a0------------------\n发件人: Bot\n发送时间: 2026年11月29日 10:00\n"
    "收件人: anna\n主题: Re: x",
    "proton old": "------- Original Message -------\nOn Sunday, November 29th, 2026 at 10:00, Bot wrote:",
}
SENT_WITH = (
    *("Sent from my iPhone", "Von meinem iPhone gesendet", "Envoyé de mon iPhone", "Enviado desde mi iPhone"),
    *("Inviato da iPhone", "Verstuurd vanaf mijn iPhone", "Enviado do meu iPhone", "Wysłane z iPhone'a"),
    *(
        "Skickat från min iPhone",
        "iPhoneから送信",
        "发自我的 iPhone",
        "從我的 iPhone 傳送",
        "Sent from Yahoo Mail on Android",
    ),
    *("Get Outlook for iOS<https://aka.ms/o0ukef>", "Holen Sie sich Outlook für Android<https://aka.ms/x>"),
    *("Télécharger Outlook pour iOS", "Sent with Proton Mail secure email.", "Sent from Proton Mail for iOS"),
    "Diese Nachricht wurde von meinem Android Mobiltelefon mit GMX Mail gesendet.",
    *("Gesendet mit der Telekom Mail App", "Obtener Outlook para iOS", "Sent from Outlook for Android"),
)
FORWARDS = (
    *(
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-------- Weitergeleitete Nachricht --------",
    ),
    *("Anfang der weitergeleiteten Nachricht:", "-------- Message transféré --------", "Début du message réexpédié :"),
    *("-------- Mensaje reenviado --------", "Inicio del mensaje reenviado:", "-------- Messaggio Inoltrato --------"),
    *("Inizio messaggio inoltrato:", "-------- Doorgestuurd bericht --------", "Begin doorgestuurd bericht:"),
    *("-------- Mensagem encaminhada --------", "Início da mensagem reencaminhada:", "----- Forwarded Message -----"),
    *("-------- Przekazana wiadomość --------", "Początek przekazywanej wiadomości:"),
    *("-------- Vidarebefordrat meddelande --------", "Vidarebefordrat brev:", "-------- 転送メッセージ --------"),
    *("転送されたメッセージ：", "-------- 转发的消息 --------", "开始转发的邮件："),
)
