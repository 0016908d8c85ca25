"""What an experienced eye sees in sales before trusting them: holes, odd days, odd rows, tills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.intake.duplicates import PossibleDuplicate, find_duplicates, texts_of
from crm_core.intake.silences import Silence, find_silences
from crm_core.intake.tills import SuspiciousClient, find_tills
from crm_core.money import to_decimal_text
from crm_core.records.staged import StagedImport
from crm_core.tables import Coded, DayArray, IntArray, to_date

ANCIENT = 730
"""Days up to the end of 1971 are what programs write when they know none."""

OUTLIER_SHARE = 0.05
OUTLIER_TIMES = 50
MOST_OUTLIERS = 5
UNEVEN_DAYS = 7


@dataclass(frozen=True)
class SalesRows:
    """Sales as plain columns, from a staged import or from what is stored.

    Attributes
    ----------
    day : ndarray of int32, shape (n_rows,)
        Days since 1970-01-01.
    amount : ndarray of int64
        Ten-thousandths; refunds are negative.
    client : ndarray of int32
        Place among the clients, -1 without one.
    source : Coded
        The shop, till or list of each row.
    names : tuple of (str or None)
        Name of each client (its id where it has none).
    emails, phones : tuple of (str or None)
        One a client, or empty.
    """

    day: DayArray
    amount: IntArray
    client: NDArray[np.int32]
    source: Coded
    names: tuple[str | None, ...] = ()
    emails: tuple[str | None, ...] = ()
    phones: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing a person should look at.

    Attributes
    ----------
    kind : str
        ``hole``, ``half month``, ``silence``, ``uneven ends``, ``future``, ``ancient`` or
        ``outlier``.
    sentence : str
        What was found, in figures.
    source : str
        Where; empty for all sources.
    rows : tuple of int
        Positions of the rows meant, at most a few.
    """

    kind: str
    sentence: str
    source: str = ""
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class MonthlySales:
    """Sales and money per month and source, months without sales included.

    Attributes
    ----------
    month : ndarray of int64, shape (n_months,)
        Months since January of year 0 (``year * 12 + month - 1``).
    sources : tuple of str
        The columns.
    sales : ndarray of int64, shape (n_months, n_sources)
        Rows.
    money : ndarray of int64, shape (n_months, n_sources)
        Ten-thousandths, refunds taken off in their own month.
    flag : ndarray of str, shape (n_months, n_sources)
        ``hole``, ``half`` or empty.
    """

    month: IntArray
    sources: tuple[str, ...]
    sales: IntArray
    money: IntArray
    flag: NDArray[np.str_]


@dataclass(frozen=True)
class Examination:
    """The whole picture.

    Attributes
    ----------
    months : MonthlySales
        For the chart.
    findings : tuple of Finding
        Most telling first.
    tills : tuple of SuspiciousClient
        Clients that look like a till, a marketplace or an own branch.
    duplicates : tuple of PossibleDuplicate
        Clients that may be one.
    """

    months: MonthlySales
    findings: tuple[Finding, ...]
    tills: tuple[SuspiciousClient, ...]
    duplicates: tuple[PossibleDuplicate, ...]


def rows_of(staged: StagedImport) -> SalesRows:
    """Return the sales of a staged import as the doctor looks at them.

    Rows in a currency other than the reporting one are left out: their money cannot be
    compared yet. A file without days gives no rows.
    """
    sales, clients = staged.sales, staged.clients
    chosen = np.flatnonzero(sales.currency.codes < 0)
    if staged.days_missing:
        chosen = chosen[:0]
    attributes = clients.attributes
    names = _names(attributes.get("name"), clients.label)
    return SalesRows(
        day=sales.day[chosen],
        amount=sales.amount[chosen],
        client=sales.client[chosen],
        source=Coded(np.zeros(len(chosen), dtype=np.int32), (staged.source,)),
        names=names,
        emails=_texts(attributes.get("email")),
        phones=_texts(attributes.get("phone")),
    )


def _names(coded: Coded | None, labels: tuple[str, ...]) -> tuple[str | None, ...]:
    if coded is None:
        return labels
    found = texts_of(coded.codes, coded.labels)
    return tuple(name or label for name, label in zip(found, labels, strict=True))


def _texts(coded: Coded | None) -> tuple[str | None, ...]:
    return tuple(texts_of(coded.codes, coded.labels)) if coded is not None else ()


def examine(rows: SalesRows, *, today: int) -> Examination:
    """Return what stands out in sales.

    Parameters
    ----------
    rows : SalesRows
        Sales of any sources.
    today : int
        Days since 1970-01-01.

    Returns
    -------
    Examination
        Empty input gives an empty picture.

    Notes
    -----
    A silence is a stretch without sales at least ten days and five times as long as nearly all
    (95 %) of the source's usual breaks; months wholly inside are holes, months it begins or ends
    in are half months. Sources that end more than a week apart are pointed out, because the
    clients of the earlier one look silent. An outlier is a row worth 5 % of all positive rows
    and fifty times the median. All thresholds are this project's choice.

    Examples
    --------
    >>> day = np.arange(19000, 19100, dtype=np.int32)
    >>> rows = SalesRows(
    ...     np.delete(day, range(40, 70)),
    ...     np.full(70, 10_000),
    ...     np.full(70, -1, np.int32),
    ...     Coded(np.zeros(70, np.int32), ("shop",)),
    ... )
    >>> [finding.kind for finding in examine(rows, today=19200).findings]
    ['silence']
    """
    plain = (rows.day > ANCIENT) & (rows.day <= today)
    silences = find_silences(rows.day[plain], rows.source.codes[plain], rows.source.labels)
    findings = [
        *_odd_days(rows, today),
        *_uneven_ends(rows, plain),
        *[Finding(one.kind, one.sentence, one.source) for one in silences],
        *_outliers(rows),
    ]
    return Examination(
        months=_months(rows, plain, silences),
        findings=tuple(findings),
        tills=find_tills(rows.day[plain], rows.client[plain], rows.names),
        duplicates=find_duplicates(
            rows.names, emails=rows.emails or None, phones=rows.phones or None
        ),
    )


def month_of(day: DayArray) -> IntArray:
    """Return months since January of year 0.

    Examples
    --------
    >>> month_of(np.array([0, 31], dtype=np.int32)).tolist() == [1970 * 12, 1970 * 12 + 1]
    True
    """
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    shifted: IntArray = months + 1970 * 12
    return shifted


def _months(
    rows: SalesRows, plain: NDArray[np.bool_], silences: tuple[Silence, ...]
) -> MonthlySales:
    sources = rows.source.labels
    day, amount, code = rows.day[plain], rows.amount[plain], rows.source.codes[plain]
    if not len(day):
        empty = np.zeros((0, len(sources)), dtype=np.int64)
        return MonthlySales(
            np.zeros(0, dtype=np.int64), sources, empty, empty, np.zeros(empty.shape, dtype="U4")
        )
    month = month_of(day)
    first, width = int(month.min()), len(sources)
    shape = (int(month.max()) - first + 1, width)
    cell = (month - first) * width + code
    sales = np.bincount(cell, minlength=shape[0] * width).reshape(shape)
    money = np.zeros(shape[0] * width, dtype=np.int64)
    np.add.at(money, cell, amount)
    flag = np.zeros(shape, dtype="U4")
    for one in silences:
        column = sources.index(one.source)
        for touched, whole in one.months:
            if not flag[touched - first, column]:
                flag[touched - first, column] = "hole" if whole else "half"
    return MonthlySales(
        np.arange(first, first + shape[0]), sources, sales, money.reshape(shape), flag
    )


def _odd_days(rows: SalesRows, today: int) -> list[Finding]:
    found = []
    later = np.flatnonzero(rows.day > today)
    if len(later):
        last = to_date(int(rows.day[later].max()))
        sentence = (
            f"{_rows(len(later))} in the future, the last on {last}; not counted before then."
        )
        found.append(Finding("future", sentence, rows=_few(later)))
    early = np.flatnonzero(rows.day <= ANCIENT)
    if len(early):
        first = to_date(int(rows.day[early].min()))
        sentence = (
            f"{_rows(len(early))} before 1972, the first on {first}: days a program writes when it "
            "knows none."
        )
        found.append(Finding("ancient", sentence, rows=_few(early)))
    return found


def _uneven_ends(rows: SalesRows, plain: NDArray[np.bool_]) -> list[Finding]:
    labels = rows.source.labels
    last = np.full(len(labels), -1, dtype=np.int64)
    np.maximum.at(last, rows.source.codes[plain], rows.day[plain])
    there = np.flatnonzero(last >= 0)
    if len(there) < 2:
        return []
    newest = int(there[np.argmax(last[there])])
    found = []
    for source in there.tolist():
        behind = int(last[newest] - last[source])
        if behind > UNEVEN_DAYS:
            sentence = (
                f"“{labels[source]}” ends on {to_date(int(last[source]))}, “{labels[newest]}” on "
                f"{to_date(int(last[newest]))}: clients who buy in “{labels[source]}” look silent "
                f"for {behind} days; bring its newer file."
            )
            found.append(Finding("uneven ends", sentence, labels[source]))
    return found


def _outliers(rows: SalesRows) -> list[Finding]:
    bought = rows.amount > 0
    if bought.sum() < 10:
        return []
    total, usual = int(rows.amount[bought].sum()), float(np.median(rows.amount[bought]))
    size = np.abs(rows.amount)
    odd = np.flatnonzero((size >= OUTLIER_SHARE * total) & (size >= OUTLIER_TIMES * usual))
    odd = odd[np.argsort(-size[odd], kind="stable")][:MOST_OUTLIERS]
    found = []
    for row in odd.tolist():
        share = size[row] / total
        sentence = (
            f"One row of {to_decimal_text(int(rows.amount[row]))} on "
            f"{to_date(int(rows.day[row]))} is {share:.0%} of all sales, {size[row] / usual:,.0f} "
            "times the usual row."
        )
        found.append(Finding("outlier", sentence, rows=(row,)))
    return found


def _rows(count: int) -> str:
    return "1 row lies" if count == 1 else f"{count:,} rows lie"


def _few(places: IntArray) -> tuple[int, ...]:
    return tuple(places[:100].tolist())
