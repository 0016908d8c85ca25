"""What the demo business sells, and lines of orders made of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.money import UNIT


@dataclass(frozen=True)
class Product:
    """A product with its category, price in cents, and the segments that like it."""

    name: str
    category: str
    cents: int
    segments: str = "PROS"


PRODUCTS = (
    Product("Herb pot", "Plants", 450),
    Product("Fern, large", "Plants", 3890, "ROS"),
    Product("Olive tree", "Plants", 8900, "RO"),
    Product("Bedding plants, tray", "Plants", 1590, "PS"),
    Product("Christmas tree", "Plants", 4200),
    Product("Terracotta pot 20 cm", "Pots", 990),
    Product("Terracotta pot 40 cm", "Pots", 2990),
    Product("Planter, zinc", "Pots", 6450, "ROS"),
    Product("Potting soil 40 l", "Supplies", 890),
    Product("Slow fertiliser", "Supplies", 1490),
    Product("Pruning shears", "Tools", 3250, "PS"),
    Product("Watering can", "Tools", 2490, "PO"),
    Product("Mint tea 500 g", "Tea", 1890, "PRS"),
    Product("House blend tea 1 kg", "Tea", 3150, "ROS"),
    Product("Plant care, monthly", "Service", 14900, "RO"),
    Product("Table flowers, weekly", "Service", 3900, "R"),
)
"""Segments by their first letter: Private, Restaurants, Offices, Shops."""

USUAL_CENTS = {"Private": 5200, "Restaurants": 21500, "Offices": 17800, "Shops": 26500}
"""What an order of a segment usually comes to."""


@dataclass(frozen=True)
class Line:
    """One line of an order: product, pieces and ten-thousandths."""

    product: Product
    pieces: int
    amount: int


def find_product(name: str) -> Product:
    """Return a product by its name."""
    return next(product for product in PRODUCTS if product.name == name)


def choose_favourites(rng: np.random.Generator, segment: str) -> list[Product]:
    """Return the few products one client buys."""
    liked = [
        product
        for product in PRODUCTS
        if segment[0] in product.segments
        and product.category != "Service"
        and product.name != "Christmas tree"
    ]
    places = rng.choice(len(liked), size=min(5, len(liked)), replace=False)
    return [liked[int(place)] for place in places]


def make_lines(rng: np.random.Generator, favourites: list[Product], cents: float) -> list[Line]:
    """Return lines of products that come to about the cents wanted, at least one piece each."""
    n_lines = int(rng.integers(1, 5)) if cents > 4000 else 1
    places = rng.choice(len(favourites), size=min(n_lines, len(favourites)), replace=False)
    share = cents / len(places)
    lines = []
    for place in sorted(places.tolist()):
        product = favourites[place]
        pieces = max(1, round(share / product.cents))
        lines.append(Line(product, pieces, pieces * product.cents * UNIT // 100))
    return lines
