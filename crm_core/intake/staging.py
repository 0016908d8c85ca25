"""Table and mapping → the content of one import, every row in exactly one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crm_core.errors import MappingError
from crm_core.intake.clients import Identities, identify, lend_clients, stage_clients
from crm_core.intake.columns import TextCodes, to_coded
from crm_core.intake.currency_of_rows import RowCurrencies, read_currencies
from crm_core.intake.days import DayColumn
from crm_core.intake.drafting import Draft, draft_rows
from crm_core.intake.formats import format_named
from crm_core.intake.mapped_file import MappedFile, fill_orders
from crm_core.intake.mapping import Mapping, header_fingerprint
from crm_core.intake.outcomes import KIND_CODES, RowMeaning, read_outcomes
from crm_core.intake.shapes import ShapedTable
from crm_core.intake.table import Evidence, Table
from crm_core.intake.unused import (
    HELD_BACK,
    NO_MONEY,
    UNKNOWN_CURRENCY,
    Ends,
    collect_unused,
    find_troubles,
)
from crm_core.intake.withdrawn import find_withdrawn
from crm_core.records.staged import NO_QUANTITY, StagedImport, StagedSales
from crm_core.tables import NEVER, Coded, DayArray, IntArray, to_date


def stage(
    table: Table | ShapedTable,
    mapping: Mapping,
    *,
    today: int,
    source: str = "main",
    currency: str | None = None,
    time_zone: str | None = None,
    file_name: str = "",
    fingerprint: str = "",
    last_sale_day: int | None = None,
) -> StagedImport:
    """Return what an import of a table carries, every row in exactly one place.

    Parameters
    ----------
    table : Table or ShapedTable
        As read, or straightened (then subtotals, headings and footers are told from rows).
    mapping : Mapping
        Which column means what.
    today : int
        Days since 1970-01-01; later rows stay sales and are pointed out.
    source : str, default "main"
        The shop, till or list the rows come from.
    currency : str or None
        ISO code of the reporting currency. None: the file's only or most frequent one, named
        in the result's ``mapping["currency"]``, so that it can be kept for the next file.
    time_zone : str or None
        Where the business is (an IANA name); used for columns of UTC moments.
    file_name, fingerprint : str
        What the batch is known by.
    last_sale_day : int or None
        Last sale day already stored: a lead without a day of its own is known on the later of
        this and the file's own last sale day. None leaves it open: the records fill it in.

    Returns
    -------
    StagedImport
        Sales with and without a client, rows that are no sale, rows held back, and the orders
        that rows of the second kind withdraw. Money given back
        that stands in a column of its own (an undated refund) is an entry more, marked derived,
        with the line of its row. The money of all entries sums to ``StagedImport.money`` exactly.

    Raises
    ------
    MappingError
        If the mapping lacks what an import needs, or the format holds no sales at all.

    Notes
    -----
    Subtotal rows repeat money of other rows: they are kept without an amount. Without any day
    column all sales take ``last_sale_day`` (else ``today``) and ``days_missing`` is set.

    Examples
    --------
    >>> from crm_core.intake.table import make_table
    >>> table = make_table(
    ...     ["Who", "Day", "Sum"], [["Ann", "2024-05-01", "3.50"], ["", "2024-05-02", "1"]]
    ... )
    >>> staged = stage(table, Mapping({"name": "Who", "day": "Day", "amount": "Sum"}), today=20000)
    >>> staged.clients.label, staged.sales.client.tolist(), staged.money
    (('Ann',), [0, -1], {None: 45000})
    """
    shaped = table if isinstance(table, ShapedTable) else _as_read(table)
    known = format_named(mapping.format) if mapping.format else None
    if known is not None and known.refusal:
        raise MappingError(known.refusal)
    mapping.check(shaped.table.names)
    file = MappedFile(fill_orders(shaped.table, known, mapping), mapping, known)
    meaning = read_outcomes(file.cells, mapping, known, shaped.row_kinds)
    draft = draft_rows(file, meaning)
    days = file.days("day", time_zone=time_zone)
    people = identify(file)
    words = file.texts("currency")
    money = read_currencies(
        TextCodes(words.codes[draft.row], words.labels),
        draft.signs,
        draft.sign_names,
        counted=draft.readable & (draft.kind == 0),
        reporting=currency,
    )
    ends = _decide_ends(file, draft, days, people, money)
    fallback = last_sale_day if last_sale_day is not None else today
    row_days = days.days if days is not None else np.full(file.table.n_rows, fallback, np.int32)
    return _assemble(
        _Staging(file, shaped.table, draft, people, money, ends, row_days, days is None),
        source=source,
        file_name=file_name,
        fingerprint=fingerprint,
        evidence=_evidence(file, meaning, draft, days, money),
        today=today,
        last_sale_day=last_sale_day,
    )


@dataclass(frozen=True)
class _Staging:
    """Everything worked out about one file, before it is put together."""

    file: MappedFile
    original: Table
    draft: Draft
    people: Identities
    money: RowCurrencies
    ends: Ends
    row_days: DayArray
    days_missing: bool

    def sale_rows(self) -> IntArray:
        return np.flatnonzero(self.ends.kind == 0)

    def lead_rows(self) -> IntArray:
        rows: IntArray = self.draft.row[self.ends.kind == KIND_CODES["lead"]]
        return rows


def _as_read(table: Table) -> ShapedTable:
    return ShapedTable(table, np.zeros(table.n_rows, dtype=np.int8))


def _decide_ends(
    file: MappedFile,
    draft: Draft,
    days: DayColumn | None,
    people: Identities,
    money: RowCurrencies,
) -> Ends:
    """Put every draft row into one end; what a row's status says comes before its troubles."""
    kind = draft.kind.astype(np.int64)
    open_ = kind == 0
    empty = days.blank[draft.row] if days is not None else np.ones(len(kind), dtype=bool)
    named = people.client[draft.row] >= 0
    listed = file.mapping.leads_only or (file.known is not None and file.known.leads)
    lead = open_ & named & (listed | (days is not None) & empty & (draft.trouble == 1))
    kind[lead] = KIND_CODES["lead"]
    troubles = find_troubles(draft, days, money, needed=kind == 0)
    held = (kind == 0) & (troubles > 0)
    kind[held] = HELD_BACK
    nothing = (draft.amount == 0) & (draft.quantity != NO_QUANTITY) & (draft.quantity <= 0)
    kind[(kind == 0) & nothing & ~draft.derived] = KIND_CODES["zero"]
    return Ends(kind, troubles)


def _assemble(
    staging: _Staging,
    *,
    source: str,
    file_name: str,
    fingerprint: str,
    evidence: tuple[Evidence, ...],
    today: int,
    last_sale_day: int | None,
) -> StagedImport:
    file, draft = staging.file, staging.draft
    picked = staging.sale_rows()
    day = staging.row_days[draft.row[picked]]
    past = day[day <= today] if not staging.days_missing else day[:0]
    leads = staging.lead_rows()
    wanted = np.zeros(file.table.n_rows, dtype=bool)
    wanted[draft.row[picked]] = wanted[leads] = True
    lead_day = NEVER
    if last_sale_day is not None:
        lead_day = max(last_sale_day, int(past.max(initial=last_sale_day)))
    clients, client = stage_clients(
        file, staging.people, np.flatnonzero(wanted), leads=leads, lead_day=lead_day
    )
    sales = _sales(staging, picked, client)
    unused = collect_unused(staging.original, file.mapping, draft, staging.ends, staging.money)
    details: dict[str, Any] = file.mapping.as_dict() | {
        "header": header_fingerprint(staging.original.names),
        "currency": staging.money.reporting,
        "reasons": dict(file.mapping.reasons),
        "evidence": [_as_dict(one) for one in evidence + _future(day, today)],
    }
    return StagedImport(
        source=source,
        file_name=file_name,
        fingerprint=fingerprint,
        clients=clients,
        sales=sales,
        unused=unused,
        n_rows=file.table.n_rows + len(staging.original.held_back),
        money=_file_money(staging),
        columns=staging.original.names,
        mapping=details,
        days_missing=staging.days_missing and not file.mapping.leads_only and len(picked) > 0,
        covered=(int(day.min()), int(day.max())) if len(day) and not staging.days_missing else None,
        withdrawn=find_withdrawn(draft, staging.ends, staging.people),
    )


def _sales(staging: _Staging, picked: IntArray, client: NDArray[np.int32]) -> StagedSales:
    file, draft = staging.file, staging.draft
    rows = draft.row[picked]
    taken = pa.array(picked)
    orders, refunds = draft.order_ref.take(taken), draft.refund_of.take(taken)
    item_rows = np.where(draft.derived[picked], -1, rows)

    def coded(field: str, places: IntArray) -> Coded:
        return to_coded(file.texts(field), places)

    return StagedSales(
        line=staging.original.lines[rows],
        client=lend_clients(client[rows], refunds, client[rows], orders),
        day=staging.row_days[rows].astype(np.int32),
        amount=draft.amount[picked],
        quantity=draft.quantity[picked],
        order_ref=orders,
        refund_of=refunds,
        currency=_compact(staging.money.codes[picked], staging.money.labels),
        product=coded("product", item_rows),
        category=coded("category", item_rows),
        channel=coded("channel", rows),
        manager=coded("manager", rows),
        derived=draft.derived[picked],
    )


def _compact(codes: NDArray[np.int32], labels: tuple[str, ...]) -> Coded:
    used = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(labels)))
    places = np.full(len(labels) + 1, -1, dtype=np.int32)
    places[used] = np.arange(len(used), dtype=np.int32)
    return Coded(places[codes], tuple(labels[i] for i in used.tolist()))


def _file_money(staging: _Staging) -> dict[str | None, int]:
    """Sum the file's money by currency before its rows are parted into ends."""
    draft = staging.draft
    counted = draft.readable & ~np.isin(draft.kind, NO_MONEY)
    codes, names = staging.money.codes, [*staging.money.labels, UNKNOWN_CURRENCY, None]
    present = np.bincount(codes[counted] + 2, minlength=len(names)) > 0
    found = (np.flatnonzero(present) - 2).tolist()
    return {names[code]: int(draft.amount[counted & (codes == code)].sum()) for code in found}


def _evidence(
    file: MappedFile,
    meaning: RowMeaning,
    draft: Draft,
    days: DayColumn | None,
    money: RowCurrencies,
) -> tuple[Evidence, ...]:
    order = days.order.evidence if days is not None and days.order is not None else None
    return (
        *file.table.evidence,
        *file.mapping.evidence,
        *meaning.evidence,
        *draft.evidence,
        *((order,) if order is not None else ()),
        *money.evidence,
    )


def _future(day: DayArray, today: int) -> tuple[Evidence, ...]:
    later = day[day > today]
    if not len(later):
        return ()
    sentence = (
        f"{len(later):,} sales lie in the future, the last on {to_date(int(later.max()))}; "
        "they are stored and count from their day on."
    )
    return (Evidence("future", sentence, doubtful=True),)


def _as_dict(evidence: Evidence) -> dict[str, Any]:
    return {
        "topic": evidence.topic,
        "sentence": evidence.sentence,
        "doubtful": evidence.doubtful,
        "chosen": evidence.chosen,
        "alternatives": list(evidence.alternatives),
    }
