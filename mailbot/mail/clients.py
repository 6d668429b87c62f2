"""How mail programs, in many languages, introduce what they quote, and sign what they send."""
# ruff: noqa: RUF001  letters that look like Latin ones are the point here

import re

LEAD = r"[\s>*_-]{0,12}"


def _any(table: str) -> str:
    """An alternation of the words of a table, in which "|" and line ends stand between words."""
    return "|".join(word.strip() for word in re.split(r"[|\n]", table) if word.strip())


# -- "On …, Bob wrote:" ----------------------------------------------------------------------------

_WROTE = _any(r"""
    wrote|writes|sent|said
    écrit|ecrit|écrivait|schrieb|geschrieben|schreef|geschreven|skrev|skrifaði
    escribió|escribio|escribe|escreveu|escreve|scritto|scrisse|scrive|va escriure
    napisał|napisała|napisał\(a\)|pisze|napsal|napsala|napsal\(a\)|napísal|napísal\(a\)|napisao|napisal
    написал|написала|написал\(а\)|пишет|писал|пише|написав|написа
    kirjoitti|kirjutas|írta|yazdı|a scris|έγραψε|rakstīja|parašė|menulis|viết|đã viết|เขียนว่า
    כתב|כתבה|كتب|نوشت|写道|寫道|写到|の?メール|のメッセージ|書きました|작성|씀
""")
_DAYS = _any("""
    mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday
    lun|mar|mer|jeu|ven|sam|dim|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche
    mo|di|mi|do|fr|sa|so|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag
    lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|pon|wt|śr|czw|pt|sob|niedz|po|út|st|čt|pá
    понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|пн|вт|ср|чт|пт|сб|вс|нд|ma|ti|ke|to|pe|la|su
""")
_FIRST = _any("""
    on|at|in a message dated|in article|quoting|le|am|zitat von|el|il|in data|citando|em|citado por|op
    den|på|dne|dňa|dana|dnia|w dniu|a|la|în|în data de|στις|pada|vào|kell|在|于|於|בתאריך|ב-?|بتاريخ|في
""")
ATTRIBUTION_START = re.compile(
    rf"(?i){LEAD}(?:(?:{_FIRST})\b.*[\d@]|(?:{_DAYS})(?:[.,]\s|\s\d).*\d|\d{{1,4}}\s?[.:/년月 -]"
    r"|\"?[^\"<>]{1,60}\"?\s<?[^\s@]{1,64}@\S)",
)
ANOTHER_START = re.compile(rf"(?i){LEAD}(?:on|le|am|el|il|em|op|den|dnia|w dniu|in a message dated)\s.*\d")
"""begins an attribution rather than going on with one"""
ATTRIBUTION_ENDS = (
    re.compile(rf"(?i)(?:^|[\s>)\d,、さ，。\"”»])(?:{_WROTE})(?![^\W\d_]).{{0,160}}[:\uff1a]\*?\s*$"),
    # Without its colon; or between dashes, as Zoho has it.
    re.compile(
        rf"(?i){LEAD}(?:{_FIRST})\b(?>.*?\d).*@\S+\s(?:{_WROTE})\s*$"
        r"|^\s*-{2,}\s?on\b.*\bwrote\s?-{2,}\s*$",
    ),
    # Without a verb: a date, a time, a name, an address.
    re.compile(
        r"^(?=[^<]{0,160}\d[.:]\d\d)(?=[^<]{0,160}(?:\d{1,2}[./ -]"
        r"|\d{4})).{6,200}<[^<>\s]+@[^<>\s]+>\s?[:\uff1a]\s*$"
        r"|^\s*\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}.{0,160}(?:<[^<>\s]+@[^<>\s]+>|[:\uff1a])\s*$"
        r"|^\s*\d{4}-\d\d-\d\d \d\d:\d\d GMT[+-]\d\d:\d\d\s.{1,160}$",
    ),
)
_LAST = (":", "：", ":*", "-", ">", *(word for word in _WROTE.split("|") if word.isalpha()))


def may_end_attribution(line: str) -> bool:
    """What all of these have in common, cheap to look for."""
    return line.rstrip().endswith(_LAST) or "GMT" in line


# -- "-----Original Message-----" ------------------------------------------------------------------

_ORIGINAL = _any("""
    original message|original appointment|forwarded message|forwarded by .{0,80}|begin forwarded message
    reply message
    message d['’]origine|message original|message initial|message transféré|message transmis
    début du message réexpédié|début du message transféré
    ursprüngliche nachricht|originalnachricht|original-nachricht|weitergeleitete nachricht
    anfang der weitergeleiteten e-mail|anfang der weitergeleiteten nachricht
    mensaje original|mensaje reenviado|inicio del mensaje reenviado
    mensagem original|mensagem encaminhada|início da mensagem reencaminhada
    messaggio originale|messaggio inoltrato|inizio messaggio inoltrato
    oorspronkelijk bericht|origineel bericht|doorgestuurd bericht|begin doorgestuurd bericht
    ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande|vidarebefordrat brev
    oprindelig besked|oprindelig meddelelse|opprinnelig melding|videresendt melding|videresendt besked
    alkuperäinen viesti|välitetty viesti|algne sõnum|originalus laiškas
    oryginalna wiadomość|wiadomość oryginalna|wiadomość przekazana|początek przekazywanej wiadomości
    původní zpráva|původní e-mail|přeposlaná zpráva|pôvodná správa|izvorna poruka|originalna poruka
    izvirno sporočilo
    исходное сообщение|оригинальное сообщение|пересылаемое сообщение|пересылаемое письмо
    оригінальне повідомлення|переслане повідомлення|eredeti üzenet|mesaj original|αρχικό μήνυμα
    orijinal mesaj|orijinal ileti|özgün ileti|iletilmiş mesaj|iletilmiş ileti|pesan asli|thư gốc
    原始邮件|原始郵件|轉寄郵件|转发邮件|转发的邮件|元のメッセージ|転送されたメッセージ|원본 메시지|원본 메일
    전달된 메시지
    הודעה מקורית|الرسالة الأصلية
""")
ORIGINAL_MESSAGE = re.compile(
    rf"(?i)[\s*>]{{0,12}}(?:[-_=]{{2,}}\s?\*?\s?(?:{_ORIGINAL})\s?:?\*?\s?[-_=]{{2,}}\*?"
    rf"|(?:{_ORIGINAL})\s?[:\uff1a])\s*$",
)
RULE = re.compile(r"\s*_{10,}\s*$")
"""Outlook's and Mailman's line of underscores"""

# -- "From: / Sent: / To: / Subject:" --------------------------------------------------------------

_NAMES_OF = {
    "from": """
        from|de|von|absender|da|van|afzender|från|fra|frå|от|от кого|від|od|lähettäjä|saatja|mittente|kimden
        gönderen
        expéditeur|remitente|remetente|avsändare|afsender|de la|από|feladó|nuo|no|מאת|من|dari|từ
        发件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람
    """,
    "date": """
        date|sent|sent on|sent at|received|envoyé|envoyé le|envoye le|message du|gesendet|gesendet am|datum
        enviado|enviado el|enviado em|enviada|enviada em|fecha|inviato|inviato il|data|verzonden|skickat
        sendt|dato
        отправлено|дата|дата отправки|надіслано|wysłano|odesláno|lähetetty|päiväys|gönderilme
        gönderme tarihi|tarih
        ημερομηνία|küldve|elküldve|dátum|trimis|poslano|poslané|נשלח|تاريخ|dikirim|ngày
        发送时间|发送日期|寄件日期|日期|傳送時間|送信日時|日時|日付|보낸 날짜|보낸날짜|날짜
    """,
    "to": """
        to|cc|bcc|reply-to|à|a|pour|copie à|copie|destinataire|répondre à|an|kopie|antwort an|para|cópia
        destinatario
        responder a|risposta|aan|antwoord aan|till|kopia|til|kopi|кому|копия|do|komu|vastaanottaja|kime|alıcı
        προς|címzett|către|za|אל|إلى|kepada|收件人|收件者|宛先|抄送|副本|받는 사람|받는사람|참조
    """,
    "subject": """
        subject|objet|sujet|betreff|asunto|assunto|oggetto|onderwerp|ämne|emne|тема|temat|předmět|predmet
        aihe|konu
        θέμα|tárgy|subiect|zadeva|teema|נושא|الموضوع|perihal|subjek|chủ đề|主题|主旨|件名|제목
    """,
}
ROLE_OF = {name: role for role, names in _NAMES_OF.items() for name in _any(names).split("|")}
"""what a name in a quoted header stands for: from, date, to or subject"""
HEADER_LINE = re.compile(r"[\s>*]{0,12}([^\W\d_][\w '’./()-]{0,24}?)\s?\*{0,2}\s?[:\uff1a]")
HEADER_NAMES_WITHIN = re.compile(
    r"(?i)(?<=\s)(sent|to|subject|date|objet|à|betreff|an|para|asunto|aan|onderwerp|oggetto)\s?:\s",
)
"""where a mail program has put several on one line"""

# -- signatures ------------------------------------------------------------------------------------

DASHES = re.compile(r"\s{0,2}(?:--|—|––|- -)[\s\u200b]*$")
"""RFC 3676 §4.3 has it as "-- "; mail programs and people lose the blank"""
_DEVICE = _any(r"""
    iphone|ipad|ipod|mac|macbook|apple watch|android|galaxy|samsung|pixel|nexus|huawei|honor|xiaomi|redmi
    oneplus|oppo
    vivo|motorola|nokia|htc|sony|xperia|lg|wiko|alcatel|zte|fairphone|blackberry|treo|palm|kindle|surface
    windows|linux
    phone|smartphone|mobile|mobil\w*|handy|handheld|cell|tablet\w*|device|gsm|wireless|4g|5g|pc|verizon
    t-mobile|at&t
    téléphone|telefoon|teléfono|telefon\w*|móvil|dispositivo|ti-85|app|outlook|gmail|yahoo|aol|mailbox
    \w*mail|spark
    thunderbird|superhuman|hey|proton\w*|workspace
""")
_SENT = (
    rf"(?:\w+\s){{0,2}}?(?:sent|from|written)\s(?:from|via|using|with|by|on"
    rf"|my)\s(?:[^\s,]+\s){{0,6}}?(?:{_DEVICE})"
    r"(?![\w-])[^\s.,;]*(?:\s[^\s.,;]+){0,5}|"
    r"sent (?:from|via|with|using)\s[^<>\n]{1,40}<https?:[^<>\s]{1,120}>|"
    rf"envoyée?\s(?:de|depuis|avec|à partir|via|par)\s.{{0,60}}(?:{_DEVICE})\b.{{0,40}}|"
    rf"enviad[oa]\s(?:desde|do|da|de|a partir|con|com|por|pelo|via)\s.{{0,60}}(?:{_DEVICE})\b.{{0,40}}|"
    r"(?:gesendet|diese nachricht wurde)\s(?:von|mit|über|via)\s.{0,90}|von (?:meinem\s.{0,60}"
    r"|unterwegs )gesendet|"
    r"inviat[oa]\s(?:da|dal|dalla|con|tramite)\s.{0,60}|(?:verzonden|verstuurd)\s(?:vanaf|met|via|vanuit"
    r"|van)\s.{0,60}|"
    r"skicka(?:t|des)\sfrån\s.{0,60}|sendt\s(?:fra|via)\s.{0,60}|lähetetty\s.{0,60}(?:sta|stä|lta|ltä)|"
    r"отправлено\s(?:с|из|через)\s.{0,60}|надіслано\s(?:з|із)\s.{0,60}|wysłan[eoya]+\s(?:z|ze|za)\s.{0,60}|"
    r"(?:odesláno|odoslané|poslané|poslano)\sz[eos]?\s.{0,60}|trimis\s(?:de pe|din)\s.{0,60}"
    r"|.{0,60}gönderil(?:di|miştir)|"
    r".{0,40}から送信(?:されました)?|(?:发自|從)我的?\s?.{0,40}|.{0,40}에서 보냄|.{0,30}?(?:傳送|发送|送信)|"
    r"(?:get|obtenir|télécharg\w+|descargar?|obtener|obtenha|holen sie sich|scarica|download|hämta|hent"
    r"|pobierz)"
    r"\s.{0,12}(?:outlook|app|yahoo|gmail)\b.{0,60}|"
    r"outlook\s(?:for|pour|für|para|per|voor)\s(?:ios|android|mac|mobile).{0,60}|sent by galaxy"
    r"|someone from mobile"
)
SENT_FROM = re.compile(
    r"(?i)[\s<(\[*_~]{0,6}(?:" + _SENT + r")[.!)>\]*_~\s]{0,8}"
    r"(?:<[^<>]{0,120}>|\[[^\[\]]{0,120}\]|\(https?:[^()]{0,120}\)|(?:please )?(?:excuse|forgive"
    r"|pardon) .{0,80})?"
    r"[.!)>\]*_~\s]{0,8}$",
)
SENT_FROM_MAX = 200
"""characters of a line that may be such a signature"""
