"""The state after every purchase in SQL: the rule of ``docs/methods.md``, stages, defaults.

Without contacts, endings and closed months, which the generated rows have none of.
"""

STATES = """
CREATE OR REPLACE TEMP TABLE states AS
WITH bought AS (
    SELECT DISTINCT client, day FROM sales WHERE amount >= 0
), gaps AS (
    SELECT client, day, row_number() OVER own - 1 AS n, day - lag(day) OVER own AS gap,
           lead(day) OVER own AS next_day
    FROM bought WINDOW own AS (PARTITION BY client ORDER BY day ROWS UNBOUNDED PRECEDING)
), recent AS (
    SELECT client, day, n, median(gap) OVER last8 AS med, max(gap) OVER last8 AS longest,
           max(day) OVER last_year AS before, last_value(next_day) OVER last_year AS after
    FROM gaps
    WINDOW last8 AS (PARTITION BY client ORDER BY day ROWS 7 PRECEDING),
           last_year AS (PARTITION BY client ORDER BY day
                         RANGE BETWEEN 730 PRECEDING AND 351 PRECEDING)
), cadence AS (
    SELECT *, CASE WHEN n = 0 THEN 30.0
                   ELSE exp((4 * ln(30.0) + n * ln(med)) / (4 + n)) END AS c
    FROM recent
), limits AS (
    SELECT *, least(greatest(4 * c, 1.25 * coalesce(longest, 0), 30), 730) AS gone_after
    FROM cadence
), whole AS (
    SELECT *, floor(least(2 * c, gone_after) + 1e-9)::INTEGER AS wait,
           floor(gone_after + 1e-9)::INTEGER AS lim
    FROM limits
), due AS (
    SELECT client, day, n,
           day + CASE WHEN after - before > wait
                      THEN greatest(wait, after + 365 - day + 14) ELSE wait END + 1 AS late_on,
           day + CASE WHEN after - before > wait
                      THEN greatest(lim, after + 365 - day + 30) ELSE lim END + 1 AS gone_on
    FROM whole
), opened AS (
    SELECT *, n = 0 OR day >= lag(gone_on) OVER own AS opens,
           n > 0 AND day < lag(late_on) OVER own AND day < lag(gone_on) OVER own AS in_time
    FROM due WINDOW own AS (PARTITION BY client ORDER BY day ROWS UNBOUNDED PRECEDING)
), streaks AS (
    SELECT *, sum(opens::INTEGER) OVER own AS spell,
           max(CASE WHEN opens THEN n END) OVER own AS began,
           max(CASE WHEN opens THEN day END) OVER own AS began_on,
           n - max(CASE WHEN NOT in_time THEN n END) OVER own AS on_time,
           n - max(CASE WHEN in_time OR opens THEN n END) OVER own AS late
    FROM opened WINDOW own AS (PARTITION BY client ORDER BY day ROWS UNBOUNDED PRECEDING)
), latch AS (
    SELECT *, n - began + 1 AS n_in_spell,
           max(CASE WHEN n - began + 1 + (spell > 1)::INTEGER >= 6 AND day - began_on >= 180
                         AND on_time >= 3 THEN n END) OVER own AS set_at,
           max(CASE WHEN late >= 2 THEN n END) OVER own AS reset_at
    FROM streaks WINDOW own AS (PARTITION BY client ORDER BY day ROWS UNBOUNDED PRECEDING)
), staged AS (
    SELECT *, CASE WHEN set_at >= began AND set_at > coalesce(reset_at, -1) THEN 4
                   WHEN n_in_spell + (spell > 1)::INTEGER >= 3 THEN 3 ELSE 2 END AS stage
    FROM latch
), changed AS (
    SELECT *, opens OR stage <> lag(stage) OVER (PARTITION BY client ORDER BY day) AS changes
    FROM staged
)
SELECT client, day, stage::TINYINT AS stage, late_on, gone_on, spell::INTEGER AS spell,
       n_in_spell::INTEGER AS n_in_spell,
       max(CASE WHEN changes THEN day END) OVER (PARTITION BY client ORDER BY day
                                                 ROWS UNBOUNDED PRECEDING) AS since
FROM changed
"""

SHOW_STATES = "SELECT * FROM states ORDER BY client, day"
