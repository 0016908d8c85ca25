"""Currency codes and signs as files write them."""

from __future__ import annotations

_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP
    BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
    GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS
    KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR
    MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
    UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL DEM FRF ATS ITL ESP
"""
CODES = frozenset(_CODES.split())
"""ISO 4217 codes in use, and a few of the last century."""

SIGNS: dict[str, str | None] = {
    "€": "EUR",
    "EURO": "EUR",
    "£": "GBP",
    "$": None,
    "US$": "USD",
    "USD$": "USD",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "R$": "BRL",
    "MX$": "MXN",
    "¥": None,
    "￥": None,
    "元": "CNY",
    "円": "JPY",
    "₽": "RUB",
    "РУБ": "RUB",
    "РУБ.": "RUB",
    "Р.": "RUB",
    "₴": "UAH",
    "ГРН": "UAH",
    "ГРН.": "UAH",
    "₹": "INR",
    "RS": None,
    "RS.": None,
    "₺": "TRY",
    "TL": "TRY",
    "₩": "KRW",
    "₪": "ILS",
    "₫": "VND",
    "฿": "THB",
    "₦": "NGN",
    "₱": "PHP",
    "ZŁ": "PLN",
    "KČ": "CZK",
    "KC": "CZK",
    "FT": "HUF",
    "LEI": "RON",
    "ЛВ": "BGN",
    "ЛВ.": "BGN",
    "FR.": "CHF",
    "SFR.": "CHF",
    "KR": None,
    "KR.": None,
}
"""Signs in upper case → code; None where several currencies share the sign."""


def is_currency(text: str) -> bool:
    """Whether a text is a currency's code or sign.

    Examples
    --------
    >>> [is_currency(t) for t in ("eur", "€", "US$", "INV", "")]
    [True, True, True, False, False]
    """
    upper = text.strip().upper()
    return upper in CODES or upper in SIGNS


def currency_of_sign(sign: str) -> str | None:
    """Return the code a sign or code stands for, None where several currencies share it.

    Examples
    --------
    >>> [currency_of_sign(s) for s in ("€", "usd", "$", "kr")]
    ['EUR', 'USD', None, None]
    """
    upper = sign.strip().upper()
    return upper if upper in CODES else SIGNS.get(upper)
