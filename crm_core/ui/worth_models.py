"""Under More: what the models learned, how well they fit, and how long contracts last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from crm_core.formatting import (
    DASH,
    format_count,
    format_day,
    format_money,
    md_escape,
    plural,
)
from crm_core.metrics.lifetime.bg_nbd import BgNbd
from crm_core.metrics.lifetime.contracts import ContractSurvival, contract_survival
from crm_core.metrics.lifetime.fitting import Fit
from crm_core.metrics.lifetime.gamma_gamma import GammaGamma, fit_gamma_gamma
from crm_core.metrics.lifetime.pareto_nbd import ParetoNbd, fit_pareto_nbd
from crm_core.metrics.lifetime.summaries import summarise
from crm_core.metrics.lifetime.value_models import ValueModels
from crm_core.metrics.months import same_day_years_before
from crm_core.metrics.rates import Rate
from crm_core.money import UNIT
from crm_core.ui.definitions import Others, Shown, definition_drawer, number_columns
from crm_core.ui.numbers import few_in
from crm_core.ui.phone import draw_table
from crm_core.ui.segment_numbers import say_rate
from crm_core.ui.small_groups import HIDDEN, is_small
from crm_core.ui.view import View
from crm_core.ui.worth import Worth, models_of

AnyFit = Fit[BgNbd] | Fit[ParetoNbd]

MOST_AT_ONCE = 20_000
"""From so many clients on Pareto/NBD is fitted on request only."""

NAMES = {"bg": "BG/NBD", "mbg": "MBG/NBD", "pareto": "Pareto/NBD"}
UNITS = {"r": "", "alpha": " weeks", "a": "", "b": "", "s": "", "beta": " weeks"}
GREEK = {"alpha": "α", "beta": "β"}
DAYS_A_MONTH = 7 * 4.345
LEAST_DISCOUNT = 0.01
"""Later renewals must count less for their sum to end."""


def draw_models(view: View, worth: Worth) -> None:
    """Draw the closed section of the models; it computes only while it is open."""
    section = st.expander(
        "More: the models behind it", icon=":material/function:", key="worth_models",
        on_change="rerun",
    )  # fmt: skip
    if section.open:
        with section:
            fit = models_of(view, "bg").purchases
            if is_small(view, fit.n_repeat, fit.n_clients - fit.n_repeat):
                st.caption(HIDDEN)
                return
            _draw_fits(view)
            _draw_money(view)
            _draw_contracts(view, worth)


def _draw_fits(view: View) -> None:
    with st.spinner("Fitting the models …"):
        fits: dict[str, AnyFit] = {
            "bg": models_of(view, "bg").purchases,
            "mbg": models_of(view, "mbg").purchases,
        }
        if (pareto := _pareto(view, fits["bg"].n_clients)) is not None:
            fits["pareto"] = pareto
    st.markdown("**How often they buy, and how they leave**")
    frame = pd.DataFrame([_row(NAMES[name], fit) for name, fit in fits.items()])
    defined = {"Parameters": "worth.parameters", "Log-likelihood": "worth.likelihood"}
    defined |= dict.fromkeys(("Clients", "Bought again"), "worth.likelihood")
    formats = {"Log-likelihood": "%,.2f", "Clients": "%,d", "Bought again": "%,d"}
    draw_table(
        frame,
        hide_index=True,
        column_config=number_columns(defined, formats),
        height="content",
        alt="Three models of buying beside each other",
    )
    for name, fit in fits.items():
        if fit.reason:
            st.caption(f"{NAMES[name]}: {md_escape(fit.reason)}.")
    st.caption(
        "The page uses BG/NBD. MBG/NBD lets one-time buyers leave too; in Pareto/NBD clients leave "
        "at any time, not only after a purchase. The higher log-likelihood fits better."
    )
    shown = [
        Shown(
            "worth.parameters",
            say_parameters(fits["bg"]),
            _rows(fits["bg"]),
            [(NAMES[name], say_parameters(fit)) for name, fit in fits.items() if name != "bg"],
        ),
        Shown(
            "worth.likelihood",
            _likelihood(fits["bg"]),
            f"{_rows(fits['bg'])}; {_starts(fits['bg'])}",
            [(NAMES[name], _likelihood(fit)) for name, fit in fits.items() if name != "bg"],
        ),
    ]
    definition_drawer(shown, key="worth_fits_meaning", label="What the parameters mean")


def _pareto(view: View, n_clients: int) -> Fit[ParetoNbd] | None:
    """Return the fit of Pareto/NBD, None while many clients wait for somebody to ask for it."""
    whole = view.whole
    if n_clients > MOST_AT_ONCE and not st.toggle(
        "Fit Pareto/NBD too (may take a minute)", key="worth_pareto"
    ):
        return None

    def make() -> Fit[ParetoNbd]:
        behaviour = summarise(whole.ledger, whole.as_of).behaviour
        with np.errstate(all="ignore"):
            return fit_pareto_nbd(behaviour, m0_days=whole.values.m0)

    return whole.remember("pareto_nbd", make)


def _row(name: str, fit: AnyFit) -> dict[str, Any]:
    known = fit.model is not None
    return {
        "Model": name,
        "Parameters": say_parameters(fit),
        "Log-likelihood": fit.log_likelihood if known else None,
        "Clients": fit.n_clients,
        "Bought again": fit.n_repeat,
        "Three starts": _starts(fit) if known else DASH,
        "Stands": {"ok": "yes", "thin": "thin", "not computable": "no"}[fit.status],
    }


def say_parameters(fit: AnyFit) -> str:
    """Return the parameters of a fit by name, with the unit of those that have one.

    Examples
    --------
    >>> say_parameters(Fit(BgNbd(0.243, 4.414, 0.793, 2.426), -9582.4, 2357, 946, "ok"))
    'r 0.243, α 4.414 weeks, a 0.793, b 2.426'
    """
    if fit.model is None:
        return DASH
    held = {name: getattr(fit.model, name) for name in UNITS if hasattr(fit.model, name)}
    return ", ".join(
        f"{GREEK.get(name, name)} {value:.4g}{UNITS[name]}" for name, value in held.items()
    )


def _likelihood(fit: AnyFit) -> str:
    return DASH if fit.model is None else f"{fit.log_likelihood:,.2f}".replace("-", "−")


def _starts(fit: AnyFit) -> str:
    return "agree" if fit.starts_agree else "disagree"


def _rows(fit: AnyFit) -> str:
    again = format_count(fit.n_repeat)
    return f"{plural(fit.n_clients, 'client')}, {again} of them with a repeat purchase"


def _draw_money(view: View) -> None:
    models = models_of(view)
    fit = models.money
    st.markdown("**What a purchase is worth**")
    if models.money_note:
        st.caption(f"{md_escape(models.money_note[0].upper() + models.money_note[1:])}.")
    shown = list(_shown_money(view, models))
    if shown:
        st.markdown("  \n".join(f"{one.rows}: {md_escape(one.value)}" for one in shown))
        definition_drawer(shown, key="worth_money_meaning", label="What these mean")
    else:
        st.caption(f"Nothing to say: {md_escape(fit.reason or 'no repeat purchases')}.")


def _shown_money(view: View, models: ValueModels) -> Iterator[Shown]:
    fit = models.money
    if fit.model is None:
        return
    clients = f"{plural(fit.n_repeat, 'client')} with a repeat purchase of some value"
    model = fit.model
    said = _money(view, model.mean)
    text = f"{said} (p {model.p:.4g}, q {model.q:.4g}, γ {model.gamma:.4g})"
    rows = f"A purchase over all clients by Gamma-Gamma, on {clients}"
    others = _money_elsewhere(view, models)
    yield Shown("worth.money_model", text, rows, others["worth.money_model"])
    correlation = fit.figures.get("correlation")
    if correlation is not None:
        said = f"{correlation:.2f}".replace("-", "−")
        rows = f"Correlation of purchases and their worth, {clients}"
        yield Shown("worth.correlation", said, rows, others["worth.correlation"])


def _money_elsewhere(view: View, models: ValueModels) -> dict[str, Callable[[], Others]]:
    """Return the mean and the correlation a year before, and the clients' own mean."""
    whole, day = view.whole, int(same_day_years_before(view.as_of))

    def compute() -> Fit[GammaGamma]:
        return fit_gamma_gamma(summarise(whole.ledger, day))

    def then() -> Fit[GammaGamma]:
        return whole.remember("money_a_year_ago", compute)

    def means() -> Others:
        own = ("mean of the clients’ own means", _money(view, models.base_mean))
        fit = then()
        said = DASH if fit.model is None else _money(view, fit.model.mean)
        return [own, (f"on {format_day(day)}", said)]

    def correlations() -> Others:
        found = then().figures.get("correlation")
        said = DASH if found is None else f"{found:.2f}".replace("-", "−")
        return [(f"on {format_day(day)}", said)]

    return {"worth.money_model": means, "worth.correlation": correlations}


def _money(view: View, amount: float) -> str:
    return format_money(round(amount * UNIT), view.currency) if amount > 0 else DASH


def _draw_contracts(view: View, worth: Worth) -> None:
    st.markdown("**How long contracts last**")
    survival: ContractSurvival = view.remember(
        "contract_survival", lambda: contract_survival(view.ledger, view.as_of, view.values)
    )
    counts = survival.counts
    if not counts.n_contracts:
        st.caption("No paid contracts have begun up to this day.")
        return
    if is_small(view, counts.n_contracts, counts.n_lost, counts.n_contracts - counts.n_lost):
        st.caption(HIDDEN)
        return
    lost = f"{format_count(counts.n_lost)} of them ended"
    st.caption(f"{plural(counts.n_contracts, 'paid contract')}, {lost}.")
    if survival.reason:
        st.caption(f"No model of renewals: {md_escape(survival.reason)}.")
    due = [
        (t, rate)
        for t, rate in enumerate(counts.renewed, 1)
        if rate.denominator and (view.who.sees_names or not few_in(rate))
    ]
    if due:
        _draw_renewals(view, worth, survival, due)


def _draw_renewals(
    view: View, worth: Worth, survival: ContractSurvival, due: list[tuple[int, Rate]]
) -> None:
    fit = survival.fit
    model = fit.model if fit is not None and fit.status != "not computable" else None
    frame: dict[str, list[Any]] = {
        "Renewal": [f"No. {t}" for t, _ in due],
        "Renewed": [say_rate(rate) for _, rate in due],
    }
    defined = {"Renewed": "worth.renewal"}
    if model is not None:
        rate = max(worth.entered.stored.discount_monthly, LEAST_DISCOUNT)
        yearly = (1 + rate) ** (_usual_term(view) / DAYS_A_MONTH) - 1
        numbers = np.array([t for t, _ in due])
        frame["By the model"] = (100 * model.retention(numbers)).tolist()
        frame["Renewals to come"] = model.discounted_expected_lifetime(numbers, yearly).tolist()
        defined |= {"By the model": "worth.renewal", "Renewals to come": "worth.remaining"}
    formats = {"By the model": "%.1f %%", "Renewals to come": "%.1f"}
    draw_table(
        pd.DataFrame(frame),
        hide_index=True,
        column_config=number_columns(defined, {k: v for k, v in formats.items() if k in frame}),
        height="content",
        width=520,
        alt="Share of contracts renewed at each renewal",
    )


def _usual_term(view: View) -> float:
    table = view.ledger.contracts
    known = (table.day <= view.as_of) & ~table.trial
    return float(np.median(table.end[known] - table.day[known] + 1)) if known.any() else 365.0
