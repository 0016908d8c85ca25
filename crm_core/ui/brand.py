"""The marks of the house: the tab's icon and the name above the menu."""

from __future__ import annotations

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#1B6CA8"/><g fill="#FFFFFF">'
    '<rect x="7" y="17" width="4.5" height="8" rx="1"/><rect x="14" y="12" width="4.5" height="13" '
    'rx="1"/><rect x="21" y="7" width="4.5" height="18" rx="1"/></g></svg>'
)
"""The tab's icon, drawn here: an icon by name would be fetched from another host."""

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 32" width="150" height="32">'
    '<g fill="#2F80BD"><rect x="1" y="17" width="5.5" height="10" rx="1.2"/>'
    '<rect x="9" y="11" width="5.5" height="16" rx="1.2"/>'
    '<rect x="17" y="5" width="5.5" height="22" rx="1.2"/>'
    '<text x="32" y="26" font-family="system-ui, Segoe UI, Roboto, Arial, sans-serif" '
    'font-size="24" font-weight="650">Regulars</text></g></svg>'
)
"""The name above the menu, in a blue that reads on light and on dark."""
