"""Columns that say what kind of document a row is: an invoice, a credit note, a payment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from crm_core.intake.columns import Cells, TextCodes
from crm_core.intake.formats.description import REFUND, SALE
from crm_core.intake.words import fold

Reader = Callable[[str], str | None]

_COLUMNS = """
    document type, doc type, type of document, transaction type, type, entry type, record type,
    sale type, voucher type, kind, belegart, dokumentart, dokumententyp, dokumenttyp, vorgangsart,
    rechnungsart, buchungsart, art, typ, type de document, type de pièce, nature, type de vente,
    tipo documento, tipo de documento, tipo, clase de documento, documenttype, documentsoort,
    soort, tyyppi, tositelaji, asiakirjatyyppi, laskutyyppi, тип документа, вид документа, тип,
    typ dokumentu, rodzaj dokumentu, rodzaj, dokumenttyp, dokumenttype, druh dokladu, typ dokladu
"""
_SIDE_COLUMNS = """
    soll haben kennzeichen, soll haben kz, soll haben, s h, sh, debit credit, d c, dc, dr cr,
    debit credit indicator, debit or credit, débit crédit, sens, debe haber, dare avere, wn ma
"""
_WORDS = {
    SALE: """
        invoice, sale, sales, sales invoice, order, sales order, receipt, sales receipt, cash sale,
        bill, purchase, rechnung, ausgangsrechnung, verkauf, barverkauf, auftrag, bestellung, bon,
        facture, vente, commande, ticket, factura, venta, pedido, fattura, vendita, ordine,
        factuur, verkoop, lasku, myynti, kuitti, счет, продажа, реализация, накладная, faktura,
        sprzedaż, paragon, försäljning, salg, fatura, venda, prodej, faktúra, invoice line
    """,
    REFUND: """
        credit note, credit memo, credit, credit invoice, sales credit memo, sales credit note,
        refund, refunds, return, returns, sales return, returned, reversal, chargeback, cancellation
        invoice, gutschrift, rechnungskorrektur, korrekturrechnung, stornorechnung, storno,
        retoure, rückgabe, rücksendung, erstattung, rückerstattung, avoir, note de crédit,
        facture d'avoir, remboursement, retour, abono, nota de crédito, nota de abono, reembolso,
        devolución, factura rectificativa, nota di credito, nota credito, reso, rimborso,
        creditnota, creditfactuur, terugbetaling, retourzending, hyvityslasku, hyvitys, palautus,
        возврат, кредит нота, корректировка, faktura korygująca, korekta, zwrot, kreditfaktura,
        kreditnota, återbetalning, returnering, dobropis, vratka, devolução, estorno
    """,
    "payment": """
        payment, payments, customer payment, cash receipt, deposit, zahlung, zahlungseingang,
        einzahlung, paiement, règlement, encaissement, pago, cobro, pagamento, incasso, betaling,
        maksu, suoritus, оплата, платеж, płatność, wpłata, betalning, indbetaling, platba
    """,
    "estimate": """
        estimate, quote, quotation, offer, proforma, pro forma, angebot, kostenvoranschlag, devis,
        presupuesto, cotización, preventivo, offerte, tarjous, смета, предложение, oferta, offert,
        tilbud, nabídka, orçamento
    """,
}
_SIDES = ({"s", "soll", "d", "dr", "debit", "debe", "dare"}, {"h", "haben", "c", "cr", "credit"})


def _listed(text: str) -> tuple[str, ...]:
    return tuple(fold(name) for name in " ".join(text.split()).split(","))


_KINDS = {word: kind for kind, text in _WORDS.items() for word in _listed(text)}
_NAMES, _SIDE_NAMES = _listed(_COLUMNS), _listed(_SIDE_COLUMNS)


def find_documents(cells: Cells, chosen: str | None = None) -> tuple[str, Reader] | None:
    """Return the column that parts sales from what is given back, and how its words are read.

    Parameters
    ----------
    cells : Cells
        The table of a file of unknown origin.
    chosen : str or None
        A column a person named as the status; it is looked at first, whatever its name.

    Returns
    -------
    tuple of (str, callable) or None
        The reader takes a folded word and gives ``sale``, ``refund``, ``payment`` or
        ``estimate``. None where no such column knows more than one kind of document: a list of
        payments alone is a list of sales. Of marks for debit and credit the rarer side is what
        was given back, because the file does not say whose account it lists.

    Examples
    --------
    >>> from crm_core.intake.table import make_table
    >>> rows = [["Rechnung", "5"], ["Rechnung", "7"], ["Gutschrift", "2"]]
    >>> column, read = find_documents(Cells(make_table(["Belegart", "Betrag"], rows)))
    >>> column, read("rechnung"), read("gutschrift")
    ('Belegart', 'sale', 'refund')
    """
    named = [name for name in cells.table.names if fold(name) in _NAMES]
    for column in [chosen, *named] if chosen else named:
        words = [fold(text) for text in cells.coded(column).texts()]
        if _tells_apart(words):
            return column, _KINDS.get
    for column in cells.table.names:
        if fold(column) in _SIDE_NAMES and (reader := _side_reader(cells.coded(column))):
            return column, reader
    return None


def _tells_apart(words: Sequence[str]) -> bool:
    """Whether most words are kinds of documents, sales among them and something else too."""
    kinds = [_KINDS.get(word) for word in words]
    known = {kind for kind in kinds if kind}
    return SALE in known and len(known) > 1 and 2 * kinds.count(None) <= len(kinds)


def _side_reader(coded: TextCodes) -> Reader | None:
    words = [fold(text) for text in coded.texts()]
    counts = np.bincount(coded.codes[coded.codes >= 0], minlength=len(words))
    rows = [int(sum(counts[i] for i, word in enumerate(words) if word in side)) for side in _SIDES]
    if min(rows) == 0 or sum(rows) < int(counts.sum()):
        return None
    rarer = _SIDES[0] if rows[0] < rows[1] else _SIDES[1]
    return lambda word: REFUND if word in rarer else SALE
