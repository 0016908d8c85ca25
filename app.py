"""The dashboard: the page list and the sidebar all pages share."""

from __future__ import annotations

from crm_core.access import actor
from crm_core.errors import CrmError
from crm_core.ui.notices import draw_notices
from crm_core.ui.shell import draw_upkeep, front_door
from crm_core.ui.sidebar import draw_sidebar
from crm_core.ui.sign_in_page import draw_signed_in
from crm_core.ui.start import refuse
from crm_core.ui.visits import keep_visit

with front_door() as page:
    try:
        draw_sidebar()
        keep_visit()
        draw_notices()
    except CrmError as error:
        refuse(error)
    draw_upkeep()
    draw_signed_in(actor())
    page.run()
