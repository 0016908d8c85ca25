"""The dashboard as ``start`` and ``serve`` run it: ``app.py``, its answers with security headers.

``streamlit run app.py`` shows the same pages without the headers.
"""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware

from crm_core.ui.headers import SecurityHeaders

app = st.App("app.py", middleware=[Middleware(SecurityHeaders)])
