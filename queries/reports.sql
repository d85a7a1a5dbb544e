-- name: ReportClinic :one
SELECT name, day_zone
FROM clinics
WHERE clinic_id = @clinic_id;

-- name: ReportStaff :many
-- The staff by role and by the month, in the clinic's zone, in which they joined: how many did, and still work there.
SELECT role,
       date_trunc('month', joined_at AT TIME ZONE @time_zone::text)::date AS month,
       count(*)::int AS joined,
       count(*) FILTER (WHERE stopped_at IS NULL)::int AS working
FROM staff
WHERE clinic_id = @clinic_id
  AND joined_at IS NOT NULL
GROUP BY role, month
ORDER BY month, role;

-- name: ReportRegistry :many
-- Owners and pets by the month, in the clinic's zone, in which they were registered. The platform has no right to ask.
SELECT month::date AS month, sum(owners)::int AS owners, sum(pets)::int AS pets
FROM (
    SELECT date_trunc('month', owners.registered_at AT TIME ZONE @time_zone::text) AS month, count(*) AS owners, 0 AS pets
    FROM owners
    WHERE owners.clinic_id = @clinic_id
    GROUP BY 1
    UNION ALL
    SELECT date_trunc('month', pets.registered_at AT TIME ZONE @time_zone), 0, count(*)
    FROM pets
    WHERE pets.clinic_id = @clinic_id
    GROUP BY 1
) AS registered
GROUP BY registered.month
ORDER BY registered.month;

-- name: ReportChannels :many
-- How many owners heard of the clinic in which way; without a channel: those who were not asked.
SELECT channel_id, count(*)::int AS owners
FROM owners
WHERE clinic_id = @clinic_id
GROUP BY channel_id
ORDER BY owners DESC, channel_id;

-- name: ReportMoney :many
-- What was received of a clinic and what was given back, by month and currency.
SELECT date_trunc('month', paid_on)::date AS month, payments.currency,
       coalesce((
           SELECT max(countries.currency_exponent)
           FROM countries
           WHERE countries.currency = payments.currency
       ), 2)::int AS exponent,
       coalesce(sum(amount_minor) FILTER (WHERE kind = 'payment'), 0)::bigint AS received_minor,
       coalesce(sum(amount_minor) FILTER (WHERE kind = 'refund'), 0)::bigint AS refunded_minor
FROM payments
WHERE clinic_id = @clinic_id
GROUP BY 1, payments.currency
ORDER BY 1, payments.currency;

-- name: ReportTerms :many
-- The terms of a clinic by plan, status and currency: how many, what was received for them and given back, and the days
-- served so far, today's with them. Days on which a term was suspended, and those after it was closed, were not served.
SELECT plan_id, plan_name_en, plan_name_ar, status::text AS status, currency,
       coalesce((
           SELECT max(countries.currency_exponent)
           FROM countries
           WHERE countries.currency = sold.currency
       ), 2)::int AS exponent,
       count(*)::int AS terms,
       sum(received)::bigint AS received_minor,
       sum(refunded)::bigint AS refunded_minor,
       sum(served)::int AS days
FROM (
    SELECT term.plan_id, term.plan_name_en, term.plan_name_ar, term.currency,
           CASE
               WHEN term.state = 'live' AND lower(term.period) >= held.held_from THEN 0
               ELSE greatest(0, least(upper(term.period), day.today + 1, term.frozen_on,
                                      (term.closed_at AT TIME ZONE day.zone)::date)
                                - lower(term.period) - term.paused_days)
           END AS served,
           term_status(term.state, term.close_reason, term.period, term.grace_days, held.held_from, day.today) AS status,
           money.received, money.refunded
    FROM subscriptions AS term
    CROSS JOIN (SELECT @today::date AS today, @time_zone::text AS zone) AS day
    CROSS JOIN LATERAL (
        SELECT min(suspended.frozen_on) AS held_from
        FROM subscriptions AS suspended
        WHERE suspended.clinic_id = term.clinic_id
          AND suspended.state = 'suspended'
    ) AS held
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(payments.amount_minor) FILTER (WHERE payments.kind = 'payment'), 0) AS received,
               coalesce(sum(payments.amount_minor) FILTER (WHERE payments.kind = 'refund'), 0) AS refunded
        FROM payments
        WHERE payments.clinic_id = term.clinic_id
          AND payments.subscription_id = term.subscription_id
    ) AS money
    WHERE term.clinic_id = @clinic_id
      AND term.period IS NOT NULL
) AS sold
GROUP BY plan_id, plan_name_en, plan_name_ar, status, currency
ORDER BY terms DESC, plan_id, status, currency;
