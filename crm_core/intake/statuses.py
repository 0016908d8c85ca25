"""Status words of sales lists, in the languages owners export them in."""

from __future__ import annotations

from collections.abc import Iterable

_WORDS = {
    "sale": (
        "paid completed complete processing shipped delivered fulfilled closed success succeeded "
        "successful approved active resolved disputed invoiced sent authorised ok yes done "
        "partially refunded "
        "bezahlt abgeschlossen erledigt versendet verschickt geliefert zugestellt "
        "paye payee terminee termine livree expediee "
        "pagado pagada completado completada entregado enviado aprobado aprobada "
        "pagato pagata completato completata consegnato spedito "
        "betaald voltooid afgerond verzonden geleverd "
        "maksettu valmis toimitettu lahetetty "
        "оплачен оплачено оплачена завершен завершено выполнен выполнено доставлен отправлен "
        "pago paga concluido entregue"
    ),
    "pending": (
        "pending open unpaid created authorized waiting hold uncaptured outstanding overdue "
        "ausstehend offen wartend unbezahlt "
        "attente impayee impaye pendiente abierto sospeso attesa "
        "openstaand wachtend odottaa avoin maksamatta "
        "ожидание ожидается неоплачен новый pendente aberto"
    ),
    "voided": (
        "voided void cancelled canceled deleted expired trash abandoned rejected unavailable "
        "storniert annulliert abgebrochen geloscht "
        "annulee annule annulled cancelado cancelada anulado anulada "
        "annullato annullata geannuleerd peruttu peruutettu отменен отменено отменена аннулирован"
    ),
    "failed": (
        "failed failure declined denied blocked error fehlgeschlagen abgelehnt "
        "echouee echoue refusee refuse fallido fallida rechazado rechazada "
        "fallito fallita rifiutato mislukt geweigerd epaonnistunut hylatty ошибка отклонен falhou"
    ),
    "draft": (
        "draft quote quotation estimate proforma entwurf angebot brouillon devis "
        "borrador presupuesto bozza preventivo concept offerte luonnos tarjous черновик rascunho"
    ),
    "refunded": (
        "refunded returned erstattet zuruckerstattet retourniert remboursee rembourse "
        "reembolsado reembolsada rimborsato rimborsata terugbetaald palautettu hyvitetty "
        "возвращен возврат"
    ),
}
_PHRASES = {
    "partially refunded": "sale",
    "partially paid": "sale",
    "partially shipped": "sale",
    "partially fulfilled": "sale",
    "teilweise erstattet": "sale",
    "partiellement remboursee": "sale",
    "in progress": "sale",
    "in process": "sale",
    "in transit": "sale",
    "out for delivery": "sale",
    "delivered to buyer": "sale",
    "ready for pickup": "sale",
    "in bearbeitung": "sale",
    "en cours": "sale",
    "en proceso": "sale",
    "procesando": "sale",
    "in lavorazione": "sale",
    "in behandeling": "sale",
    "kasittelyssa": "sale",
    "в обработке": "sale",
    "on hold": "pending",
    "in wartestellung": "pending",
    "en attente": "pending",
    "en espera": "pending",
    "in attesa": "pending",
    "in de wacht": "pending",
    "pending payment": "pending",
    "awaiting payment": "pending",
    "not paid": "pending",
    "nicht bezahlt": "pending",
    "не оплачен": "pending",
    "checkout draft": "draft",
}
_WON = (
    "won",
    "closed won",
    "closedwon",
    "gewonnen",
    "gagne",
    "gagnee",
    "ganado",
    "ganada",
    "vinto",
)
_LOST = ("lost", "closed lost", "closedlost", "verloren", "perdu", "perdue", "perdido", "perso")


def _vocabulary() -> dict[str, str]:
    known = {word: kind for kind, text in _WORDS.items() for word in text.split()}
    # These are spelled out because their single words mean something else.
    for word in ("partially", "yes", "ok", "hold"):
        known.pop(word, None)
    return known | _PHRASES | {"yes": "sale", "ok": "sale"}


STATUS_WORDS = _vocabulary()
"""Folded status to ``sale``, ``refunded`` or a kind of row that is no sale."""


def read_status(folded: str) -> str | None:
    """Return what a status means, None where nobody knows.

    Examples
    --------
    >>> read_status("wc completed"), read_status("en attente"), read_status("purple")
    ('sale', 'pending', None)
    """
    plain = folded.removeprefix("wc ")
    return STATUS_WORDS.get(plain)


def is_pipeline(statuses: Iterable[str]) -> bool:
    """Return whether folded values are stages of a sales pipeline: only won deals are sales.

    Examples
    --------
    >>> is_pipeline(["won", "engaging"]), is_pipeline(["paid"])
    (True, False)
    """
    return any(status in _WON or status in _LOST for status in statuses)


def read_deal_stage(folded: str) -> str:
    """Return ``sale`` for a won deal, else ``lost deal`` or ``open deal``.

    Examples
    --------
    >>> read_deal_stage("closed won"), read_deal_stage("lost"), read_deal_stage("prospecting")
    ('sale', 'lost deal', 'open deal')
    """
    if folded in _WON:
        return "sale"
    return "lost deal" if folded in _LOST else "open deal"
