"""Segments: how recently, how often and for how much everybody buys."""

from __future__ import annotations

from crm_core.ui.shell import page_header, require_app
from crm_core.ui.start import view_or_welcome

require_app()
view = view_or_welcome()
page_header("Segments", "")
