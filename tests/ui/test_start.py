"""What a first visit is told about where the sales are kept."""

from __future__ import annotations

import pytest

from crm_core.ui.start import where_it_stays


@pytest.mark.parametrize(
    ("url", "sign_in", "said"),
    [
        ("sqlite:////tmp/shop.sqlite", "off", "on this computer"),
        ("sqlite:////tmp/shop.sqlite", "proxy", "on your own server"),
        ("postgresql://shop@db/shop", "off", "on your own server"),
    ],
)
def test_sales_stay_where_the_database_is(
    url: str, sign_in: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("REGULARS_SIGN_IN", sign_in)
    assert where_it_stays() == said
