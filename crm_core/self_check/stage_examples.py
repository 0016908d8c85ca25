"""The worked examples of the stages: what a client did, and where it stands on a day.

A line at the margin says what happened, the lines under it what must be so:
``name | day | stage, since, gone on, purchases of the spell, flags``. In a life,
``buys DAY +30*6`` is a first purchase and six more, each 30 days after the one
before; ``row`` is a single sale, ``as`` its order, ``of`` the order it refunds;
``term`` and ``trial`` are contracts, ``says`` is a stage set by hand.
"""

from __future__ import annotations

EXAMPLES = """
known 2024-01-01
  a client is unknown the day before | 2023-12-31 | none
  a lead waits 180 days | 2024-06-29 | awareness 2024-01-01 2024-06-30 0
  a silent lead is given up on day 181 | 2024-06-30 | termination 2024-06-30 2024-06-30 0
known 2024-01-01; calls 2024-06-01
  a contact keeps a lead alive | 2024-07-15 | awareness 2024-01-01 2024-11-29 0
known 2024-01-01; calls 2025-01-20
  a lead given up asks again | 2025-02-01 | awareness 2025-01-20 2025-07-20 0 reentry
buys 2024-01-01
  one purchase | 2024-01-20 | exploration 2024-01-01 2024-05-01 1
  one purchase, late | 2024-03-02 | exploration 2024-01-01 2024-05-01 1 late
  one purchase, gone | 2024-05-01 | termination 2024-05-01 2024-05-01 1
row 2024-01-01 10; row 2024-01-01 20; row 2024-01-01 30
  three orders on one day are one purchase | 2024-01-20 | exploration 2024-01-01 2024-05-01 1
buys 2024-01-01 +30
  two purchases | 2024-02-10 | exploration 2024-01-01 2024-05-31 2
buys 2024-01-01 +60
  a row dated later is not seen | 2024-02-10 | exploration 2024-01-01 2024-05-01 1
buys 2024-01-01; calls 2024-04-20
  a contact postpones the end | 2024-05-10 | exploration 2024-01-01 2024-06-20 1 late
buys 2024-01-01 +30*2
  three purchases | 2024-03-01 | expansion 2024-03-01 2024-06-30 3
buys 2024-01-01 +30*5
  six purchases in 150 days only | 2024-05-31 | expansion 2024-03-01 2024-09-28 6
buys 2024-01-01 +30*6
  seven on time in 180 days | 2024-06-29 | commitment 2024-06-29 2024-10-28 7
  a regular is late | 2024-09-01 | commitment 2024-06-29 2024-10-28 7 late
  a regular is gone | 2024-10-28 | termination 2024-10-28 2024-10-28 7
buys 2024-01-01 +30*6 +75
  one late gap costs nothing | 2024-09-12 | commitment 2024-06-29 2025-01-11 8
buys 2024-01-01 +30*6 +75*2
  two late gaps in a row cost the rank | 2024-11-26 | expansion 2024-11-26 2025-03-27 9
buys 2024-01-01 +30*6 +75 +30 +75 +30
  late and on time in turn do not flap | 2025-01-25 | commitment 2024-06-29 2025-05-26 11
buys 2024-01-01 +30*6 +75*2 +30*3
  three on time win the rank back | 2025-02-24 | commitment 2025-02-24 2025-06-25 12
buys 2024-01-01 +200
  back after 200 days | 2024-07-19 | exploration 2024-07-19 2025-03-27 1 reentry
buys 2024-01-01 +200 +40
  back, the second purchase is the third | 2024-08-28 | expansion 2024-08-28 2025-05-06 2 reentry
  back after 200 days, silent for 200 | 2025-03-16 | expansion 2024-08-28 2025-05-06 2 reentry late
buys 2024-01-01 +30*6 +200
  a regular who went away starts over | 2025-01-15 | exploration 2025-01-15 2025-09-23 1 reentry
buys 2024-01-01 +121
  back on the very day of being gone | 2024-05-01 | exploration 2024-05-01 2024-10-07 1 reentry
buys 2024-01-01 +7*30
  a weekly buyer is late after nine days | 2024-08-20 | commitment 2024-07-01 2024-09-01 31 late
  a weekly buyer is gone | 2024-09-01 | termination 2024-09-01 2024-09-01 31
buys 2024-01-01 +7*52
  weekly for a year, two weeks silent | 2025-01-13 | commitment 2024-07-01 2025-01-31 53
  weekly for a year, late | 2025-01-20 | commitment 2024-07-01 2025-01-31 53 late
  weekly for a year, gone | 2025-02-01 | termination 2025-01-31 2025-01-31 53
buys 2021-01-04 +30*8 +60 +30*10
  one long gap among the last eight | 2022-10-30 | commitment 2021-07-03 2022-12-26 20 late
buys 2021-12-10 +367 +361
  a yearly buyer in summer | 2024-08-01 | expansion 2023-12-08 2025-03-11 2 reentry
  a yearly buyer past the usual weeks | 2024-12-26 | expansion 2023-12-08 2025-03-11 2 reentry late
  a yearly buyer on the last day | 2025-03-10 | expansion 2023-12-08 2025-03-11 2 reentry late
  a yearly buyer is gone | 2025-03-11 | termination 2025-03-11 2025-03-11 2 reentry
buys 2021-04-05 +14*12
  a garden client in the first winter | 2022-02-15 | termination 2021-11-27 2021-11-27 13
buys 2021-04-05 +14*12 +197 +14*12
  as quiet as last winter | 2023-02-15 | expansion 2022-04-19 2023-05-06 13 reentry
buys 2021-04-05 +14*12 +197 +14*12 +197 +14*12
  a garden client in the third winter | 2024-03-20 | commitment 2023-04-05 2024-05-05 26 reentry
row 2024-01-01 100 as A; row 2024-01-10 -100 of A; known 2024-01-01
  a purchase refunded in full never was | 2024-01-10 | awareness 2024-01-01 2024-06-30 0
  the day before the refund is known | 2024-01-09 | exploration 2024-01-01 2024-05-01 1
row 2024-01-01 100; row 2024-01-31 100 as B; row 2024-02-05 -40 of B
  a refund in part cancels nothing | 2024-02-10 | exploration 2024-01-01 2024-05-31 2
buys 2024-01-01 +30*2; left 2024-03-15 better offer
  somebody left for a better offer | 2024-03-20 | termination 2024-03-15 2024-03-15 3
buys 2024-01-01 +30*2 +31; left 2024-03-15 better offer
  a purchase after leaving comes back | 2024-04-01 | exploration 2024-04-01 2024-07-31 1 reentry
term 2023-03-01 2024-02-29
  a first term | 2023-06-01 | expansion 2023-03-01 2024-03-15 0
  a term is over, in grace | 2024-03-10 | expansion 2023-03-01 2024-03-15 0 late
  a term is over, grace too | 2024-03-15 | termination 2024-03-15 2024-03-15 0
term 2023-03-01 2024-02-29; term 2024-03-01 2025-02-28 notice 2024-12-20
  a term is renewed | 2024-06-01 | commitment 2024-03-01 2025-03-15 0
  notice is given | 2025-01-10 | commitment 2024-03-01 2025-03-01 0 late
  notice takes effect | 2025-03-01 | termination 2025-03-01 2025-03-01 0
buys 2024-01-01 +30; says 2024-02-15 commitment 2024-08-15
  an override before it was set | 2024-02-14 | exploration 2024-01-01 2024-05-31 2
  an override in force | 2024-03-01 | commitment 2024-02-15 2024-05-31 2
  an override voided by silence | 2024-07-01 | termination 2024-05-31 2024-05-31 2
"""
