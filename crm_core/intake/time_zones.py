"""Moments in UTC → days of the business's time zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.errors import ParameterError
from crm_core.intake.table import BoolArray

_CLOCK = (
    r"[T ,]\s*(?P<hour>[0-9]{1,2})[:.h](?P<minute>[0-9]{2})(?:[:.][0-9]{2})?(?:[.,][0-9]+)?\s*"
    r"(?P<half>[aApP])?(?:\.?[mM]\.?)?\s*(?:(?P<sign>[+-])(?P<zh>[0-9]{2}):?(?P<zm>[0-9]{2})?)?"
)
_DAY = 24 * 60


def time_zone_named(name: str) -> ZoneInfo:
    """Return a time zone, or raise ``ParameterError`` when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ParameterError(
            f"Wanted a time zone such as Europe/Helsinki or America/New_York, found {name!r}."
        ) from error


def local_days(
    texts: pa.Array, days: npt.NDArray[np.int32], ok: BoolArray, time_zone: str
) -> npt.NDArray[np.int32]:
    """Move moments to a time zone and return their days there.

    Parameters
    ----------
    texts : Array of string
        As written, with a time of day; those without one keep their day.
    days : ndarray of int32
        The days as written.
    ok : ndarray of bool
        Which of them are days.
    time_zone : str
        An IANA name.

    Returns
    -------
    ndarray of int32
        Days since 1970-01-01 in the time zone.

    Raises
    ------
    ParameterError
        If the time zone is unknown.

    Examples
    --------
    >>> texts = pa.array(["1970-01-02 23:30:00", "1970-01-02T23:30:00-05:00", "1970-01-02"])
    >>> local_days(texts, np.ones(3, np.int32), np.ones(3, bool), "Europe/Paris").tolist()
    [2, 2, 1]
    """
    zone = time_zone_named(time_zone)
    minutes, timed = _minutes_of_day(texts)
    timed &= ok
    if not timed.any():
        return days
    utc = days[timed].astype(np.int64) * _DAY + minutes[timed]
    moved = days.copy()
    moved[timed] = (utc + _offsets(zone, utc)) // _DAY
    return moved


def _offsets(zone: ZoneInfo, utc: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return a zone's offsets in minutes; only days on which it changes are looked at closely."""
    days, places = np.unique(utc // _DAY, return_inverse=True)
    edges = np.unique(np.concatenate([days, days + 1]))
    at_edge = np.array([_offset(zone, int(day) * _DAY) for day in edges], dtype=np.int64)
    start, end = at_edge[np.searchsorted(edges, days)], at_edge[np.searchsorted(edges, days + 1)]
    offsets = start[places]
    for i in np.flatnonzero((start != end)[places]):
        offsets[i] = _offset(zone, int(utc[i]))
    return offsets


def _offset(zone: ZoneInfo, minutes: int) -> int:
    """Return a zone's offset from UTC in minutes, at a moment in minutes since 1970."""
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    offset = moment.astimezone(zone).utcoffset() or dt.timedelta()
    return int(offset.total_seconds() // 60)


def _minutes_of_day(texts: pa.Array) -> tuple[npt.NDArray[np.int64], BoolArray]:
    """Return minutes since midnight UTC of the written day, and which texts have a time."""
    parts = pc.extract_regex(texts, pattern=f"^.*?[0-9].*?{_CLOCK}")
    timed = parts.is_valid().to_numpy(zero_copy_only=False).copy()
    hour, minute = _number(parts, "hour"), _number(parts, "minute")
    half = pc.utf8_lower(pc.fill_null(parts.field("half"), "")).to_numpy(zero_copy_only=False)
    hour = np.where((half == "p") & (hour < 12), hour + 12, hour)
    hour = np.where((half == "a") & (hour == 12), 0, hour)
    behind = pc.equal(parts.field("sign"), "-")
    sign = np.where(pc.fill_null(behind, False).to_numpy(zero_copy_only=False), -1, 1)
    minutes = hour * 60 + minute - sign * (_number(parts, "zh") * 60 + _number(parts, "zm"))
    return _with_fractions(texts, minutes, timed)


def _number(parts: pa.StructArray, field: str) -> npt.NDArray[np.int64]:
    text = pc.fill_null(parts.field(field), "")
    text = pc.if_else(pc.equal(text, ""), "0", text)
    number: npt.NDArray[np.int64] = text.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return number


def _with_fractions(
    texts: pa.Array, minutes: npt.NDArray[np.int64], timed: BoolArray
) -> tuple[npt.NDArray[np.int64], BoolArray]:
    """Add the time of day of Excel serials and of seconds since 1970."""
    serial = pc.match_substring_regex(texts, r"^[0-9]{5}[.,][0-9]+$").to_numpy(False)
    if serial.any():
        fraction = pc.replace_substring_regex(texts.filter(pa.array(serial)), r"^.*[.,]", "0.")
        minutes[serial] = np.floor(fraction.cast(pa.float64()).to_numpy(False) * _DAY + 1e-6)
    epoch = pc.match_substring_regex(texts, r"^[0-9]{10}(?:[0-9]{3}|[.,][0-9]+)?$").to_numpy(False)
    if epoch.any():
        seconds = pc.utf8_slice_codeunits(texts.filter(pa.array(epoch)), 0, 10).cast(pa.int64())
        minutes[epoch] = seconds.to_numpy(zero_copy_only=False) % 86_400 // 60
    return minutes, timed | serial | epoch
