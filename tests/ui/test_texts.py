"""No text somebody typed reaches Streamlit's Markdown as it came: read from the code.

The pages themselves are walked over hostile texts in tests/pages/test_attacks.py; this finds
what a walk does not come by: refusals, messages after a click, windows that nobody opened.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.texts import Texts

SHOWN = sorted([*(ROOT / "crm_core" / "ui").glob("*.py"), *(ROOT / "pages").glob("*.py")])

OWN_WORDS: dict[str, set[str]] = {
    # Labels, titles and icons that the program itself hands on, function to function.
    "actions": {"act_on: label", "ask_day: label", "ask_note: label"},
    "business_form": {"draw_figures: help_text", "draw_figures: title"},
    "choice": {"choose: label"},
    "definitions": {"_draw_drawer: label", "_draw_meaning: name"},
    "goodbyes": {"draw_exports: label", ": found.reason"},
    "import_arrivals": {"_decide: label"},
    "import_mapping": {"_draw_choice: label"},
    "import_page": {"draw_done: path", "draw_done: title"},
    "key_card": {"_button: label"},
    "key_dialogs": {"offer: label"},
    "lists": {
        *("_draw_exports: label", "_draw_exports: words"),
        *("client_list: empty", "client_list: title"),
    },
    "notices": {"_draw_notice: ICONS.get(notice.kind, '')", "_seen_button: label"},
    "paper": {"paper_button: month_title(view.as_of).removesuffix(' so far')"},
    "privacy_card": {"_draw_preview: title", "ask_erase: one"},
    "self_check": {"_showing: share", "draw_group: group.summary", "draw_group: group.title"},
    "shell": {
        *("draw_upkeep: path", "draw_upkeep: title"),
        *("page_header: sentence", "page_header: word"),
    },
    "sidebar": {"_draw_day: label"},
    "small_groups": {"say_hidden: how"},
    "sign_in_page": {"_draw_sign_out: label", "draw_signed_in: role"},
    "start": {"welcome: promise", "welcome: title"},
    "team": {"_draw_role: title", "_draw_text_to_send: role", "draw_rights: right.value"},
    # Fixed words of stages, rights, kinds and settings; reasons that models give.
    "card": {"draw_labels: view.stage_names", "draw_stage: view.stage_names"},
    "consents": {"draw_refusals: CHANNEL_WORDS[name].lower()"},
    "goodbye_switch": {
        *("_draw_effect: view.stage_names", "draw_outcome: st.session_state.pop(SAVED, None)"),
    },
    "import_doctor": {
        "draw_findings: ICONS.get(one.kind, ':material/info:')",
        *("draw_tills: one.kind", "_draw_rate_form: one.currency", "_draw_rate_form: reporting"),
    },
    "late": {": view.stage_names"},
    "pareto": {": result.reason"},
    "segments": {": now.scores.reason"},
    "settings": {"draw_choice: word.sentence", "draw_choice: word.unit"},
    "stages": {": w.definition", ": w.stage", ": w.word"},
    "worth": {": note[0].upper()", ": values.money_note"},
    "worth_lists": {"draw_falls: worth.entered.word"},
    # Numbers.
    "import_jobs": {"follow_job: pace.share"},
    "merge_runs": {"_draw_run: run.id"},
    "worth_models": {"_draw_money: one.rows"},
    "worth_terms": {"draw_terms: entered.stored.months"},
    # Made safe a step before, where this does not look.
    "concentration": {"_draw_dependency: who"},
    "key_audit": {"draw_audit: words"},
}
"""What is shown unescaped, by file: the function, and what it shows. Nobody types any of it."""


def test_every_text_on_screen_is_the_programs_own_or_escaped() -> None:
    found: dict[str, set[str]] = {}
    for path in SHOWN:
        found.setdefault(path.stem, set()).update(Texts(path).bare())
    assert {name: bare for name, bare in found.items() if bare} == OWN_WORDS


LINES = "lines = []; lines.append(f'**{{{0}}}**'); st.markdown(chr(10).join(lines))"


@pytest.mark.parametrize(
    ("shown", "typed"),
    [
        ("st.error({0})", "refused"),
        ("st.caption(f'By {{{0}}}')", "who"),
        ("st.button('Go', help={0})", "str(error)"),
        ("(st.error if bad else st.success)({0})", "text"),
        ("said = {0}; st.markdown('- ' + said)", "one_line(name)"),
        ("st.markdown(' '.join({0} for one in view))", "view.name(one)"),
        (LINES, "view.name(0)"),
    ],
)
def test_a_text_let_loose_is_seen_and_an_escaped_one_is_not(
    shown: str, typed: str, tmp_path: Path
) -> None:
    file = tmp_path / "page.py"
    file.write_text(f"def draw(view):\n    {shown.format(typed)}\n")
    assert Texts(file).bare() == {f"draw: {typed}"}
    file.write_text(f"def draw(view):\n    {shown.format(f'md_escape({typed})')}\n")
    assert Texts(file).bare() == set()
