"""Names of months in the languages owners' files come in."""

from __future__ import annotations

import unicodedata
from functools import cache

_NAMES = (
    # English, German, French, Spanish, Italian, Portuguese, Dutch
    "january januar janner janvier enero gennaio janeiro januari",
    "february februar feber fevrier febrero febbraio fevereiro februari",
    "march marz mars marzo marco maart",
    "april avril abril aprile",
    "may mai mayo maggio maio mei",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august aout agosto augustus augusti",
    "september septembre septiembre setiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro",
)
_OTHERS = (
    # Finnish, Swedish and Danish, Polish, Czech, Russian (also in the genitive)
    "tammikuu tammikuuta stycznia styczen leden ledna январь января",
    "helmikuu helmikuuta lutego luty unor unora февраль февраля",
    "maaliskuu maaliskuuta marts marca marzec brezen brezna март марта",
    "huhtikuu huhtikuuta kwietnia kwiecien duben dubna апрель апреля",
    "toukokuu toukokuuta maj maja kveten kvetna май мая",
    "kesakuu kesakuuta czerwca czerwiec cerven cervna июнь июня",
    "heinakuu heinakuuta lipca lipiec cervenec cervence июль июля",
    "elokuu elokuuta sierpnia sierpien srpen srpna август августа",
    "syyskuu syyskuuta wrzesnia wrzesien zari сентябрь сентября",
    "lokakuu lokakuuta pazdziernika pazdziernik rijen rijna октябрь октября",
    "marraskuu marraskuuta listopada listopad листопад ноябрь ноября",
    "joulukuu joulukuuta grudnia grudzien prosinec prosince декабрь декабря",
)
_SHORT = (
    "jan ene gen sty tammi янв",
    "feb fev fevr febr lut helmi фев",
    "mar mrz mrt maalis мар",
    "apr avr abr kwi huhti апр",
    "may mai maj mag mei touko май",
    "jun giu cze kesa июн",
    "jul juil lug lip heina июл",
    "aug ago aou sie elo авг",
    "sep sept set sett wrz syys сен",
    "oct okt ott out paz loka окт",
    "nov lis marras ноя",
    "dec dez dic des gru joulu дек",
)


def plain_letters(text: str) -> str:
    """Return a word in lower case without accents, dots or spaces around.

    Examples
    --------
    >>> plain_letters(" Févr. "), plain_letters("MÄRZ")
    ('fevr', 'marz')
    """
    parts = unicodedata.normalize("NFKD", text.strip(" .,").casefold())
    return "".join(char for char in parts if not unicodedata.combining(char) or char == "\u0306")


@cache
def _table() -> dict[str, int]:
    table: dict[str, int] = {}
    for lists in (_NAMES, _OTHERS, _SHORT):
        for month, words in enumerate(lists, start=1):
            table.update((plain_letters(word), month) for word in words.split())
    return table


@cache
def month_of(name: str) -> int | None:
    """Return the number of a month by its name or an unmistakable start of it.

    Parameters
    ----------
    name : str
        In English, German, French, Spanish, Italian, Portuguese, Dutch,
        Finnish, Swedish, Danish, Polish, Czech or Russian; any case, with or
        without accents and a full stop.

    Returns
    -------
    int or None
        1 to 12; None for other words and for starts that fit several months.

    Examples
    --------
    >>> [month_of(n) for n in ("Jan", "März", "déc.", "maaliskuu", "Sept", "jui", "Total", "мая")]
    [1, 3, 12, 3, 9, None, None, 5]
    """
    word = plain_letters(name)
    table = _table()
    if word in table or len(word) < 3:
        return table.get(word)
    months = {month for full, month in table.items() if full.startswith(word)}
    return months.pop() if len(months) == 1 else None


_WEEKDAYS = """
    mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday
    sunday mo di mi do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonnabend
    sonntag lun mar mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi dimanche
    mie jue vie sab dom lunes martes miercoles jueves viernes sabado domingo gio lunedi martedi
    mercoledi giovedi venerdi domenica ma wo vr za zo maandag dinsdag woensdag donderdag vrijdag
    zaterdag zondag ti ke to pe la su maanantai tiistai keskiviikko torstai perjantai lauantai
    sunnuntai пн вт ср чт пт сб вс понедельник вторник среда четверг пятница суббота воскресенье
    pn wt sr czw pt sob niedz poniedzialek wtorek sroda czwartek piatek sobota niedziela
"""
_WEEKDAY_WORDS = frozenset(plain_letters(word) for word in _WEEKDAYS.split())


def is_weekday(name: str) -> bool:
    """Whether a word is a day of the week, whole or shortened as calendars do.

    Examples
    --------
    >>> [is_weekday(n) for n in ("Mo", "lun.", "Saturday", "keskiviikko", "Nord")]
    [True, True, True, True, False]
    """
    return plain_letters(name) in _WEEKDAY_WORDS
