r"""Holds the words of dates and times in quick-add text, by language. Data; `quick_add.py` reads.

Each text is a regular expression, matched in capitals or not; an empty one matches nothing. What
has a second meaning is left out: `so` is German for Sunday in short, and for "like this"; French
`jeu` and `mer`, Spanish `mar` are a game and the sea.
"""

from collections.abc import Mapping
from typing import NamedTuple

NEVER = r"(?!)"
"""Matches nothing."""


class Units(NamedTuple):
    """Names the units of what is still to come."""

    day: str = NEVER
    week: str = NEVER
    month: str = NEVER
    year: str = NEVER
    hour: str = NEVER
    minute: str = NEVER


class Words(NamedTuple):
    """Holds the words of one language.

    by: stands before `today` and `tomorrow`. on: before a weekday. on_date: before a date.
    weekdays, short_weekdays: from Monday; the short ones after `on`, `this` or `following`.
    bare_weekdays: those of the short ones that are no other word; at the end of the text.
    this, following, coming: before or after a weekday: the next one, which may be today; that of
    the week after this one; the next one.
    next_week, next_month, next_year, weekend: as they are said.
    months: from January. of: between day, month and year. ordinal: after the number of a day.
    within: before a count of `units`. counts: from one. one, two: units that need no count.
    at: before a time. hour_alone: whether an hour may end the text after `at`, without `hour_mark`.
    hour_mark: after the hours. is_duration: whether `3 hour_mark` may be how long something takes.
    before_noon, after_noon, at_night: after a time of twelve hours. evening: before one that is
    after noon. noon: as it is said.
    every: before a weekday or unit that repeats. always: before weekdays that may repeat, and are
    not read. every_weekdays: as they stand after both. every_units: those units. daily, weekly,
    monthly, yearly: in one word. also: between weekdays.
    not_after, not_before: next to `today`, `tomorrow` or a weekday that means another, or none.
    """

    by: str
    on: str
    on_date: str
    today: str
    tomorrow: str
    day_after_tomorrow: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    within: str
    units: Units
    counts: tuple[str, ...]
    at: str
    every: str
    every_units: Units
    also: str
    this: str = NEVER
    following: str = NEVER
    coming: str = NEVER
    short_weekdays: tuple[str, ...] = (NEVER,) * 7
    bare_weekdays: str = NEVER
    next_week: str = NEVER
    next_month: str = NEVER
    next_year: str = NEVER
    weekend: str = NEVER
    of: str = NEVER
    ordinal: str = NEVER
    one: Units = Units()
    two: Units = Units()
    hour_alone: bool = True
    hour_mark: str = NEVER
    is_duration: bool = False
    before_noon: str = NEVER
    after_noon: str = NEVER
    at_night: str = NEVER
    evening: str = NEVER
    noon: str = NEVER
    every_weekdays: tuple[str, ...] = (NEVER,) * 7
    always: str = NEVER
    daily: str = NEVER
    weekly: str = NEVER
    monthly: str = NEVER
    yearly: str = NEVER
    not_after: str = NEVER
    not_before: str = NEVER


GERMAN = Words(
    by=r"bis|für|fällig",
    on=r"am|bis|bis\s+zum|zum|fällig|fällig\s+am",
    on_date=r"am|bis|bis\s+zum|zum|den|fällig|fällig\s+am",
    today=r"heute",
    tomorrow=r"(?<!tag )(?<!woch )(?<!abend )morgen",  # `Freitag morgen` is a morning
    day_after_tomorrow=r"übermorgen|uebermorgen",
    weekdays=(
        *(r"montag", r"dienstag", r"mittwoch", r"donnerstag", r"freitag"),
        *(r"samstag|sonnabend", r"sonntag"),
    ),
    short_weekdays=(r"mo\.?", r"di\.?", r"mi\.?", r"do\.?", r"fr\.?", r"sa\.?", r"so\.?"),
    bare_weekdays=r"mo|di|mi|fr|sa",
    this=r"diesen|an\s+diesem",
    following=r"nächsten|naechsten",
    coming=r"kommenden",
    next_week=r"(?:nächste|naechste)\s+woche",
    next_month=r"(?:nächsten|naechsten)\s+monat",
    next_year=r"(?:nächstes|naechstes)\s+jahr",
    weekend=r"(?:am\s+|dieses\s+)?wochenende",
    months=(
        *(r"januar|jänner|jan", r"februar|feber|feb", r"märz|maerz|mär|mrz", r"april|apr", r"mai"),
        *(r"juni|jun", r"juli|jul", r"august|aug", r"september|sept|sep", r"oktober|okt"),
        *(r"november|nov", r"dezember|dez"),
    ),
    ordinal=r"\.",
    within=r"in",
    units=Units(
        r"tag|tagen", r"wochen?", r"monat|monaten", r"jahr|jahren", r"stunden?|std", r"minuten?"
    ),
    counts=(r"einem|einer|ein|eine", r"zwei", r"drei", r"vier", r"fünf", r"sechs"),
    at=r"um",
    hour_mark=r"uhr",
    before_noon=r"morgens|vormittags",
    after_noon=r"nachmittags|abends|(?<!11 uhr )(?<!10 uhr )mittags",
    at_night=r"nachts",
    evening=r"abend|nachmittag",
    noon=r"(?:am\s+|(?<=heute )|(?<=morgen )|(?<=tag ))mittag",
    every=r"jede[nsm]?",
    every_weekdays=(
        *(r"montag", r"dienstag", r"mittwoch", r"donnerstag", r"freitag"),
        *(r"samstag|sonnabend", r"sonntag"),
    ),
    every_units=Units(r"tag", r"woche", r"monat", r"jahr"),
    daily=r"täglich",
    weekly=r"wöchentlich",
    monthly=r"monatlich",
    yearly=r"jährlich",
    also=r"und\s+",
    not_after=(
        r"am|jede[nsm]?|guten|diese[nrm]|de[nrms]|vom|von|seit|ab|vor|nach|gestern|heute|letzte[nrm]"
        r"|vergangene[nrm]|eine[nm]"
    ),
)

SPANISH = Words(
    by=r"para",
    on=r"(?:para\s+)?el",
    on_date=r"(?:para\s+)?el(?:\s+d[ií]a)?",
    today=r"hoy(?!\s+(?:en|por)\s+d[ií]a)",
    tomorrow=r"mañana",
    day_after_tomorrow=r"pasado\s+mañana",
    weekdays=(
        *(r"lunes", r"martes", r"mi[ée]rcoles", r"jueves", r"viernes", r"s[áa]bado", r"domingo"),
    ),
    short_weekdays=(r"lun\.?", NEVER, r"mi[ée]\.?", r"jue\.?", r"vie\.?", r"s[áa]b\.?", r"dom\.?"),
    bare_weekdays=r"lun|mi[ée]|jue|vie|s[áa]b|dom",
    this=r"este",
    coming=r"(?:el\s+)?pr[óo]ximo|que\s+viene",
    next_week=r"(?:la\s+)?(?:pr[óo]xima\s+semana|semana\s+(?:que\s+viene|pr[óo]xima))",
    next_month=r"(?:el\s+)?(?:pr[óo]ximo\s+mes|mes\s+(?:que\s+viene|pr[óo]ximo))",
    next_year=r"(?:el\s+)?(?:pr[óo]ximo\s+año|año\s+(?:que\s+viene|pr[óo]ximo))",
    weekend=r"(?:el\s+|este\s+)?fin\s+de\s+semana",
    months=(
        *(r"enero|ene", r"febrero|feb", r"marzo|mar", r"abril|abr", r"mayo|may", r"junio|jun"),
        *(r"julio|jul", r"agosto|ago", r"septiembre|setiembre|sept|sep", r"octubre|oct"),
        *(r"noviembre|nov", r"diciembre|dic"),
    ),
    of=r"de|del",
    ordinal=r"º|\.º",
    within=r"en|dentro\s+de",
    units=Units(r"d[ií]as?", r"semanas?", r"mes|meses", r"años?", r"horas?", r"minutos?"),
    counts=(r"una?", r"dos", r"tres", r"cuatro", r"cinco", r"seis"),
    at=r"a\s+las?",
    hour_mark=r"h|hs|hrs|horas",
    is_duration=True,
    before_noon=r"de\s+la\s+mañana|de\s+la\s+madrugada|a\.?\s?m\.?",
    after_noon=r"de\s+la\s+tarde|p\.?\s?m\.?",
    at_night=r"de\s+la\s+noche",
    evening=r"(?:esta|por\s+la)\s+(?:tarde|noche)",
    noon=r"al?\s+mediod[ií]a",
    every=r"cada|tod[oa]s\s+l[oa]s",
    always=r"(?<!todos )los",
    every_weekdays=(
        *(r"lunes", r"martes", r"mi[ée]rcoles", r"jueves", r"viernes", r"s[áa]bados?"),
        r"domingos?",
    ),
    every_units=Units(r"d[ií]as?", r"semanas?", r"mes|meses", r"años?"),
    daily=r"diariamente",
    weekly=r"semanalmente",
    monthly=r"mensualmente",
    yearly=r"anualmente",
    also=r"y\s+",
    not_after=r"la|las|lo|los|del?|desde|esta|cada|una?|por|hasta|a",
    not_before=r"pasado|santo",
)

FRENCH = Words(
    by=r"pour|d['’]ici(?:\s+à)?",
    on=r"pour",
    on_date=r"(?:pour\s+)?le",
    today=r"aujourd['’]hui",
    tomorrow=r"demain",
    day_after_tomorrow=r"apr[èe]s[-\s]demain",
    weekdays=(r"lundi", r"mardi", r"mercredi", r"jeudi", r"vendredi", r"samedi", r"dimanche"),
    short_weekdays=(r"lun\.?", r"mar\.?", NEVER, NEVER, r"ven\.?", r"sam\.?", r"dim\.?"),
    bare_weekdays=r"lun|mar|ven|dim",
    this=r"ce",
    following=r"prochain",
    coming=r"qui\s+vient",
    next_week=r"(?:la\s+)?semaine\s+prochaine",
    next_month=r"(?:le\s+)?mois\s+prochain",
    next_year=r"(?:l['’])?(?:année\s+prochaine|an\s+prochain)",
    weekend=r"(?:le\s+|ce\s+)?week-end",
    months=(
        *(r"janvier|janv", r"f[ée]vrier|f[ée]vr|f[ée]v", r"mars", r"avril|avr", r"mai", r"juin"),
        *(r"juillet|juil", r"ao[ûu]t", r"septembre|sept", r"octobre|oct", r"novembre|nov"),
        r"d[ée]cembre|d[ée]c",
    ),
    ordinal=r"er",
    within=r"dans",
    units=Units(r"jours?", r"semaines?", r"mois", r"ans?|années?", r"heures?", r"minutes?"),
    counts=(r"une?", r"deux", r"trois", r"quatre", r"cinq", r"six"),
    at=r"à",
    hour_alone=False,
    hour_mark=r"h|heures?",
    is_duration=True,
    before_noon=r"du\s+matin",
    after_noon=r"de\s+l['’]apr[èe]s-midi|du\s+soir",
    evening=r"(?:ce\s+)?soir|(?:cet\s+)?apr[èe]s-midi",
    noon=r"à\s+midi|(?<=demain )midi",
    every=r"chaque|tou(?:te)?s\s+les",
    always=r"le|(?<!tous )les",
    every_weekdays=(
        *(r"lundis?", r"mardis?", r"mercredis?", r"jeudis?", r"vendredis?", r"samedis?"),
        r"dimanches?",
    ),
    every_units=Units(r"jours?", r"semaines?", r"mois", r"ans|années?"),
    also=r"et\s+",
    not_after=r"les?|de|du|au|dès|depuis|avant|à|chaque|un|après",
    not_before=r"dernier|saint|gras",
)

ARABIC = Words(
    by=r"في",
    on=r"يوم|في|في\s+يوم",
    on_date=r"يوم|في|في\s+يوم",
    today=r"اليوم(?!\s+ال(?!ساعة))",
    tomorrow=r"غد[اًً]{0,2}",
    day_after_tomorrow=r"بعد\s+غدٍ?",
    weekdays=(
        *(r"ال[اإ]ثنين", r"الثلاثاء?", r"ال[أا]ربعاء?", r"الخميس", r"الجمعة", r"السبت"),
        r"ال[أا]حد",
    ),
    this=r"هذا",
    coming=r"القادم|المقبل|القادمة|المقبلة",
    next_week=r"ال[أا]سبوع\s+(?:القادم|المقبل)",
    next_month=r"الشهر\s+(?:القادم|المقبل)",
    next_year=r"(?:السنة\s+(?:القادمة|المقبلة)|العام\s+(?:القادم|المقبل))",
    months=(
        *(r"يناير|كانون\s+الثاني", r"فبراير|شباط", r"مارس|[آا]ذار", r"[أا]بريل|نيسان"),
        *(r"مايو|[أا]يار", r"يونيو|حزيران", r"يوليو|تموز", r"[أا]غسطس|آب"),
        *(r"سبتمبر|[أا]يلول", r"[أا]كتوبر|تشرين\s+ال[أا]ول", r"نوفمبر|تشرين\s+الثاني"),
        r"ديسمبر|كانون\s+ال[أا]ول",
    ),
    within=r"بعد",
    units=Units(
        *(r"[أا]يام|يوم[اً]{0,2}", r"[أا]سابيع|[أا]سبوع[اً]{0,2}", r"[أا]?شهر|شهر[اً]{0,2}|شهور"),
        *(r"سنوات|سنة|[أا]عوام|عام[اً]{0,2}", r"ساعات|ساعة", r"دقائق|دقيقة"),
    ),
    counts=(NEVER, NEVER, r"ثلاثة?", r"[أا]ربعة?", r"خمسة?", r"ستة?"),
    one=Units(r"يوم", r"[أا]سبوع", r"شهر", r"سنة|عام", r"ساعة", r"دقيقة"),
    two=Units(r"يومين", r"[أا]سبوعين", r"شهرين", r"سنتين|عامين", r"ساعتين", r"دقيقتين"),
    at=r"الساعة|في\s+الساعة|عند\s+الساعة",
    before_noon=r"صباح[اًً]{0,2}|ص",
    after_noon=r"مساء[اًً]{0,2}|م|(?<!11 )(?<!10 )ظهر[اًً]{1,2}",
    evening=r"مساء[اًً]{0,2}",
    every=r"كل\s+يوم|كل",
    every_weekdays=(
        *(r"(?:ال)?[اإ]ثنين", r"(?:ال)?ثلاثاء?", r"(?:ال)?[أا]ربعاء?", r"(?:ال)?خميس"),
        *(r"(?:ال)?جمعة", r"(?:ال)?سبت", r"(?:ال)?[أا]حد"),
    ),
    every_units=Units(r"يوم", r"[أا]سبوع", r"شهر", r"سنة|عام"),
    daily=r"يومي[اًً]{1,2}",
    weekly=r"[أا]سبوعي[اًً]{1,2}",
    monthly=r"شهري[اًً]{1,2}",
    yearly=r"سنوي[اًً]{1,2}",
    also=r"و\s*",
    not_after=r"كل|بعد|قبل|من|منذ|صلاة|حتى|[إا]لى",
    not_before=r"الماضي|الماضية",
)

WORDS: Mapping[str, Words] = {"de": GERMAN, "es": SPANISH, "fr": FRENCH, "ar": ARABIC}
"""By the code of the language, beside English."""
