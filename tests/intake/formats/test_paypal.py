from __future__ import annotations

import pytest

from tests.intake.staged_rows import refs_of, sales_of, staged_of, table_of, unused_of

HEADERS = {
    "en": "Date|Time|TimeZone|Name|Type|Status|Currency|Gross|Fee|Net|From Email Address|"
    "To Email Address|Transaction ID|Reference Txn ID",
    "de": "Datum|Uhrzeit|Zeitzone|Name|Typ|Status|Währung|Brutto|Gebühr|Netto|"
    "Absender E-Mail-Adresse|Empfänger E-Mail-Adresse|Transaktionscode|"
    "Zugehöriger Transaktionscode",
    "fr": "Date|Heure|Fuseau horaire|Nom|Type|État|Devise|Avant commission|Commission|Net|"
    "De l'adresse email|À l'adresse email|Numéro de transaction|"
    "Numéro de la transaction de référence",
    "es": "Fecha|Hora|Zona horaria|Nombre|Tipo|Estado|Divisa|Bruto|Comisión|Neto|"
    "Correo electrónico del remitente|Correo electrónico del destinatario|"
    "Id. de transacción|Id. de referencia de trans.",
}
WORDS = {
    "en": ("Express Checkout Payment", "Payment Refund", "General Withdrawal", "Completed"),
    "de": ("Express-Zahlung", "Rückzahlung", "Allgemeine Abbuchung", "Abgeschlossen"),
    "fr": ("Paiement Express Checkout", "Remboursement", "Virement", "Terminé"),
    "es": ("Pago exprés", "Reembolso de pago", "Retiro general", "Completado"),
}


@pytest.mark.parametrize("language", HEADERS)
def test_payments_refunds_and_withdrawals_are_told_in_every_language(language: str) -> None:
    paid, refunded, withdrawn, done = WORDS[language]
    amounts = ["1,250.00", "-250.00", "-900.00"]
    days = ["10/14/2026", "10/20/2026", "10/21/2026"]
    if language != "en":
        amounts = ["1.250,00", "-250,00", "-900,00"]
        days = ["14.10.2026", "20.10.2026", "21.10.2026"]
    rows = [
        f"{days[0]}|10:00|CET|Jana|{paid}|{done}|EUR|{amounts[0]}|0|0|jana@x.org|me@x.org|1AB|",
        f"{days[1]}|10:00|CET|Jana|{refunded}|{done}|EUR|{amounts[1]}|0|0|me@x.org|jana@x.org|2CD|1AB",
        f"{days[2]}|10:00|CET||{withdrawn}|{done}|EUR|{amounts[2]}|0|0|||3EF|",
    ]
    staged = staged_of(table_of(HEADERS[language], rows))
    assert sales_of(staged) == [
        ("jana@x.org", "2026-10-14", "1250.00"),
        ("jana@x.org", "2026-10-20", "-250.00"),
    ]
    assert refs_of(staged) == [("1AB", None), ("2CD", "1AB")]
    assert unused_of(staged) == [(4, "payout", "-900.00")]


def test_holds_pending_conversions_and_own_payments_are_no_sales() -> None:
    start = "10/14/2026|10:00|CET|Peter|"
    end = "|0|0|a@x.org|me@x.org|1AB|"
    rows = [
        f"{start}Account Hold for Open Authorization|Completed|EUR|-10.00{end}",
        f"{start}Express Checkout Payment|Pending|EUR|5.00{end}",
        f"{start}General Currency Conversion|Completed|EUR|7.00{end}",
        f"{start}PreApproved Payment Bill User Payment|Completed|EUR|-9.99{end}",
    ]
    assert unused_of(staged_of(table_of(HEADERS["en"], rows))) == [
        (2, "hold", "-10.00"),
        (3, "pending", "5.00"),
        (4, "conversion", "7.00"),
        (5, "own payment", "-9.99"),
    ]


def test_shipping_and_tax_come_off_and_a_full_refund_gives_the_goods_back() -> None:
    header = HEADERS["en"] + "|Shipping and Handling Amount|Sales Tax"
    rows = [
        "10/14/2026|10:00|CET|P|Express Checkout Payment|Completed|EUR|30.00|0|0|p@x.org|me@x.org"
        "|1AB||4.00|6.00",
        "10/15/2026|10:00|CET|P|Payment Refund|Completed|EUR|-30.00|0|0|me@x.org|p@x.org"
        "|2CD|1AB|0.00|0.00",
    ]
    staged = staged_of(table_of(header, rows))
    assert [amount for _, _, amount in sales_of(staged)] == ["20.00", "-20.00"]
    assert unused_of(staged) == [(3, "refunded shipping and tax", "-10.00")]
