"""Which encoding a text file is written in, judged over the whole file."""

from __future__ import annotations

import codecs
import re

from crm_core.errors import FileError
from crm_core.intake.table import Evidence

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LETTERS = {
    "cp1252": "äöüßéèêëàâçîïôûùñáíóúãõåæøœÄÖÜÉÅØÆÇÑ",
    "cp1250": "ěščřžýáíéůúťďňąćęłńóśźżőűăâîşţŁŚŻŹČŠŽŘđäöüßëÁÉÍÓÖÜÄ",
    "cp1251": "абвгдежзийклмнопрстуфхцчшщъыьэюяєіїґ",
    "cp1253": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώ",
    "cp1254": "ışğçöüâîûİŞĞÇÖÜéèäñ",
    "cp1257": "āčēģīķļņšūžąęėįųõäöü",
    "cp850": "äöüßéèêëàâçîïôûùñáíóúÄÖÜåæø",
    "mac_roman": "äöüßéèêëàâçîïôûùñáíóúÄÖÜåæø",
}
NAMES = {
    "cp1252": "Windows Western",
    "cp1250": "Windows Central European",
    "cp1251": "Windows Cyrillic",
    "cp1253": "Windows Greek",
    "cp1254": "Windows Turkish",
    "cp1257": "Windows Baltic",
    "cp850": "DOS Western",
    "mac_roman": "old Macintosh",
    "latin-1": "ISO Western",
}
PUNCTUATION = "€“”„–—…’‘°§«»´·®©²³½ºª\xa0"
_WIDE = re.compile("[^\x00-\x7f]")
_LOOKED_AT = 1_000_000
_CONTROL = bytes(i for i in range(32) if i not in {9, 10, 12, 13, 26, 27})


def to_utf8(
    data: bytes, name: str, encoding: str | None = None
) -> tuple[bytes, str, tuple[Evidence, ...]]:
    r"""Return a text file's bytes as UTF-8, the encoding's name, and the evidence.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        Its name, for messages.
    encoding : str or None
        An encoding chosen by a person; detected when None.

    Returns
    -------
    tuple of (bytes, str, tuple of Evidence)
        UTF-8 without byte-order mark. Plain ASCII and UTF-8 come without
        evidence: there is nothing to doubt.

    Raises
    ------
    FileError
        If the file is not text, or not in the encoding chosen.

    Examples
    --------
    >>> text, encoding, evidence = to_utf8("Müller;3\n".encode("cp1252"), "sales.csv")
    >>> text.decode(), encoding
    ('Müller;3\n', 'cp1252')
    """
    text, found, evidence = _to_utf8(data, name, encoding)
    # Files put one behind the other carry a mark at each seam, which would make another client.
    return text.replace(codecs.BOM_UTF8, b""), found, evidence


def _to_utf8(
    data: bytes, name: str, encoding: str | None
) -> tuple[bytes, str, tuple[Evidence, ...]]:
    if encoding is not None:
        return _decode(data, name, encoding), encoding, ()
    for bom, found in BOMS:
        if data.startswith(bom):
            return _decode(data, name, found), found, ()
    wide = _wide_order(data)
    if wide:
        sentence = f"Every second byte is empty, as in {wide.upper()}."
        return _decode(data, name, wide), wide, (Evidence("encoding", sentence, chosen=wide),)
    _refuse_binary(data, name)
    if data.isascii() or _is_utf8(data):
        return data, "utf-8", ()
    return _single_byte(data)


def _decode(data: bytes, name: str, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode()
    except (UnicodeError, LookupError) as error:
        raise FileError(
            f"Wanted {name} in the encoding {encoding}, found bytes that are not "
            "legal in it; choose another encoding, or let it be detected."
        ) from error


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _wide_order(data: bytes) -> str | None:
    head = data[:4096]
    if len(head) < 4 or head.count(0) < len(head) // 4:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.4 * len(head) / 2 and even < 0.05 * len(head):
        return "utf-16-le"
    if even > 0.4 * len(head) / 2 and odd < 0.05 * len(head):
        return "utf-16-be"
    return None


def _refuse_binary(data: bytes, name: str) -> None:
    looked_at = data[:_LOOKED_AT] + data[-_LOOKED_AT:]
    odd = len(looked_at) - len(looked_at.translate(None, _CONTROL))
    if max(odd, data.count(0)) > max(2, len(looked_at) // 1000):
        raise FileError(
            f"Wanted a table of text, found binary data in {name} ({odd:,} bytes that no text "
            "holds); its name may be wrong: export the sales again as CSV or XLSX."
        )


def _single_byte(data: bytes) -> tuple[bytes, str, tuple[Evidence, ...]]:
    lines = data.split(b"\n")
    broken = [i for i, line in enumerate(lines) if not line.isascii() and not _is_utf8(line)]
    n_whole = sum(not line.isascii() for line in lines) - len(broken)
    chosen, evidence = _guess(b"\n".join(lines[i] for i in broken)[:400_000])
    if n_whole * 10 <= n_whole + len(broken):
        return _decode_loosely(data, chosen), chosen, (evidence,)
    for i in broken:
        lines[i] = _decode_loosely(lines[i], chosen)
    mixed = Evidence(
        "encoding",
        f"{n_whole:,} lines can only be UTF-8 and {len(broken):,} cannot be; those were read "
        f"as {NAMES[chosen]} ({chosen}), each by itself.",
        doubtful=True,
        chosen="mixed",
        alternatives=("utf-8", chosen),
    )
    return b"\n".join(lines), "mixed", (mixed,)


def _decode_loosely(data: bytes, encoding: str) -> bytes:
    return data.decode(encoding, errors="replace").encode()


def _guess(sample: bytes) -> tuple[str, Evidence]:
    n_wide = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    texts = {e: t for e in LETTERS if (t := _strictly(sample, e)) is not None}
    if not texts:
        sentence = "No encoding fits every byte; read as ISO Western."
        return "latin-1", Evidence("encoding", sentence, doubtful=True, chosen="latin-1")
    scores = {encoding: _score(text, encoding) for encoding, text in texts.items()}
    order = sorted(scores, key=lambda encoding: -scores[encoding])
    best = order[0]
    rivals = [
        e for e in order[1:] if texts[e] != texts[best] and scores[e] > scores[best] - 0.1 * n_wide
    ]
    sentence = (
        f"{n_wide:,} characters beyond ASCII are not UTF-8; read as {NAMES[best]} ({best}) they "
        "make words best."
    )
    return best, Evidence(
        "encoding", sentence, doubtful=bool(rivals), chosen=best, alternatives=tuple(rivals)
    )


def _strictly(sample: bytes, encoding: str) -> str | None:
    try:
        return sample.decode(encoding)
    except UnicodeDecodeError:
        return None


def _score(text: str, encoding: str) -> float:
    """Sum how well each wide character sits among its neighbours."""
    common = LETTERS[encoding]
    score = 0.0
    for match in _WIDE.finditer(text):
        place = match.start()
        before, char, after = text[place - 1 : place], text[place], text[place + 1 : place + 2]
        within = before.isalpha() and after.isalpha()
        if char in common or char.lower() in common:
            score += 2.0
        elif char.isalpha():
            score += 0.5
        elif char in PUNCTUATION:
            score += -1.0 if within and char != "’" else 1.0
        else:
            score -= 3.0 if within else 1.0
        if char.isupper() and before.islower():
            score -= 3.0
    return score
