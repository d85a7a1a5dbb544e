-- Terms, their history and their money. Days come in and go out as dates: a term's end is the first day after it.

-- name: SubscriptionLockClinic :one
-- The clinic, held against other changes of its terms until the transaction ends.
SELECT clinics.clinic_id, clinics.deactivated_at, clinics.had_term,
       timezone(clinics.day_zone, @now::timestamptz)::date AS today
FROM clinics
WHERE clinics.clinic_id = @clinic_id
FOR NO KEY UPDATE;

-- name: SubscriptionList :many
-- All terms of a clinic, the first first, with the money of each.
SELECT subscriptions.clinic_id, subscriptions.subscription_id, subscriptions.state,
       lower(subscriptions.period)::date AS starts_on, upper(subscriptions.period)::date AS ends_on,
       subscriptions.plan_id, subscriptions.plan_name_en, subscriptions.plan_name_ar, subscriptions.duration_days,
       subscriptions.accounts, subscriptions.extra_accounts, subscriptions.price_minor, subscriptions.currency,
       coalesce((SELECT max(countries.currency_exponent) FROM countries WHERE countries.currency = subscriptions.currency), 2)::int AS currency_exponent,
       subscriptions.grace_days, subscriptions.frozen_on, subscriptions.frozen_days, subscriptions.paused_days,
       subscriptions.close_reason, subscriptions.closed_at,
       subscriptions.version, subscriptions.created_at, subscriptions.created_by,
       coalesce(money.paid, 0)::bigint AS paid_minor, coalesce(money.refunded, 0)::bigint AS refunded_minor,
       coalesce(money.method_id, 0)::int AS method_id, coalesce(money.reference, '')::text AS reference
FROM subscriptions
LEFT JOIN LATERAL (
    SELECT sum(amount_minor) FILTER (WHERE kind = 'payment') AS paid,
           sum(amount_minor) FILTER (WHERE kind = 'refund') AS refunded,
           max(method_id) FILTER (WHERE kind = 'payment') AS method_id,
           max(payments.reference) FILTER (WHERE kind = 'payment') AS reference
    FROM payments
    WHERE payments.clinic_id = subscriptions.clinic_id
      AND payments.subscription_id = subscriptions.subscription_id
) AS money ON true
WHERE subscriptions.clinic_id = @clinic_id
  AND subscriptions.period IS NOT NULL
ORDER BY lower(subscriptions.period), subscriptions.subscription_id;

-- name: SubscriptionEventByKey :one
-- The term a key has done something to before: that of the command itself, not those it moved along.
SELECT subscription_id
FROM subscription_events
WHERE clinic_id = @clinic_id
  AND idempotency_key = @key::uuid
  AND kind <> 'moved'
LIMIT 1;

-- name: SubscriptionPlan :one
-- A plan to sell, held against being retired until the transaction ends.
SELECT *
FROM plans
WHERE plan_id = @plan_id
FOR SHARE;

-- name: SubscriptionMethod :one
SELECT (retired_at IS NULL)::boolean AS in_use
FROM payment_methods
WHERE method_id = @method_id
FOR SHARE;

-- name: SubscriptionInsert :one
INSERT INTO subscriptions (clinic_id, state, period, plan_id, plan_name_en, plan_name_ar, duration_days, accounts,
                           extra_accounts, price_minor, currency, grace_days, created_at, created_by)
VALUES (@clinic_id, 'live', daterange(@starts_on::date, @ends_on::date), @plan_id, @plan_name_en, @plan_name_ar,
        @duration_days, @accounts, @extra_accounts, @price_minor, @currency, @grace_days, @now, @created_by)
RETURNING subscription_id;

-- name: SubscriptionUpdate :exec
-- Writes what was decided of a term.
UPDATE subscriptions
SET state        = @state,
    period       = daterange(@starts_on::date, @ends_on::date),
    frozen_on    = sqlc.narg('frozen_on'),
    frozen_days  = sqlc.narg('frozen_days'),
    paused_days  = @paused_days,
    close_reason = sqlc.narg('close_reason'),
    closed_at    = sqlc.narg('closed_at'),
    version      = version + 1
WHERE clinic_id = @clinic_id
  AND subscription_id = @subscription_id;

-- name: SubscriptionEventInsert :exec
INSERT INTO subscription_events (clinic_id, subscription_id, seq, kind, at, actor, reason, before, after, idempotency_key)
SELECT @clinic_id, @subscription_id, coalesce(max(seq), 0) + 1, @kind, @now, @actor::bigint, sqlc.narg('reason')::text,
       sqlc.narg('before')::jsonb, @after::jsonb, @key
FROM subscription_events
WHERE clinic_id = @clinic_id
  AND subscription_id = @subscription_id;

-- name: PaymentInsert :exec
INSERT INTO payments (clinic_id, subscription_id, kind, amount_minor, currency, method_id, reference, paid_on, reason,
                      created_at, created_by, idempotency_key)
VALUES (@clinic_id, @subscription_id, @kind, @amount_minor, @currency, @method_id, sqlc.narg('reference'), @paid_on,
        sqlc.narg('reason'), @now, @created_by, @key);

-- name: SubscriptionEvents :many
-- What happened to a clinic's terms, the first first, and who did it.
SELECT sqlc.embed(subscription_events), coalesce(admins.name, '')::text AS actor_name
FROM subscription_events
LEFT JOIN admins ON admins.telegram_id = subscription_events.actor
WHERE subscription_events.clinic_id = @clinic_id
ORDER BY subscription_events.at, subscription_events.subscription_id, subscription_events.seq;

-- name: PaymentList :many
-- The money of a clinic's terms, the first first.
SELECT *
FROM payments
WHERE clinic_id = @clinic_id
ORDER BY created_at, payment_id;

-- name: SubscriptionChanges :many
-- What happened in a time, whatever the clinic, the first first; a page of it, after the last of the page before.
SELECT sqlc.embed(subscription_events), coalesce(admins.name, '')::text AS actor_name, clinics.name AS clinic_name, subscriptions.plan_name_en, subscriptions.plan_name_ar,
       subscriptions.currency,
       coalesce((SELECT max(countries.currency_exponent) FROM countries WHERE countries.currency = subscriptions.currency), 2)::int AS currency_exponent,
       coalesce(payments.amount_minor, 0)::bigint AS amount_minor
FROM subscription_events
JOIN clinics USING (clinic_id)
JOIN subscriptions USING (clinic_id, subscription_id)
LEFT JOIN admins ON admins.telegram_id = subscription_events.actor
LEFT JOIN payments
       ON payments.clinic_id = subscription_events.clinic_id
      AND payments.idempotency_key = subscription_events.idempotency_key
      AND payments.subscription_id = subscription_events.subscription_id
WHERE subscription_events.at >= @since
  AND subscription_events.at < @until
  AND (subscription_events.at, subscription_events.clinic_id, subscription_events.subscription_id, subscription_events.seq)
      > (@after_at::timestamptz, @after_clinic::bigint, @after_term::bigint, @after_seq::int)
ORDER BY subscription_events.at, subscription_events.clinic_id, subscription_events.subscription_id, subscription_events.seq
LIMIT @page_size::int;

-- name: SubscriptionsByEnd :many
-- Active and upcoming terms of all clinics by their end, after the last of the page before. Those that wait behind a
-- suspended term have no end before it resumes, and are left out.
SELECT subscriptions.clinic_id, subscriptions.subscription_id, clinics.name AS clinic_name,
       subscriptions.plan_name_en, subscriptions.plan_name_ar,
       lower(subscriptions.period)::date AS starts_on, upper(subscriptions.period)::date AS ends_on,
       day.today::date AS today,
       term_status(subscriptions.state, subscriptions.close_reason, subscriptions.period, subscriptions.grace_days,
                   NULL, day.today) AS status
FROM subscriptions
JOIN clinics USING (clinic_id)
CROSS JOIN LATERAL (SELECT timezone(clinics.day_zone, @now::timestamptz)::date AS today) AS day
WHERE subscriptions.state = 'live'
  AND upper(subscriptions.period) > (@now::timestamptz)::date - 2 -- whatever the zone; for the index
  AND upper(subscriptions.period) > day.today
  AND NOT clinics.suspended
  AND (upper(subscriptions.period), subscriptions.clinic_id, subscriptions.subscription_id)
      > (@after_end::date, @after_clinic::bigint, @after_term::bigint)
ORDER BY upper(subscriptions.period), subscriptions.clinic_id, subscriptions.subscription_id
LIMIT @page_size::int;

-- name: StandingOfClinic :one
-- How one clinic stands today. Runs in the clinic's scope or the platform's.
SELECT clinics.clinic_id, clinics.name, clinics.deactivated_at, day.today::date AS today,
       clinic_status(clinics.deactivated_at, clinics.covered, clinics.grace, clinics.suspended, clinics.had_term, day.today) AS status
FROM clinics
CROSS JOIN LATERAL (SELECT timezone(clinics.day_zone, @now::timestamptz)::date AS today) AS day
WHERE clinics.clinic_id = @clinic_id;

-- name: StandingPage :many
-- The admins' list of clinics by name and, if they are to be counted, how many there are of each status. A page begins after the clinic marked, or
-- ends before it: two halves, of which one is run, as our plans are made before it is known which.
-- There is always a row: one without a clinic when the page is empty. Names, owners and phones are searched by any part.
WITH chosen AS NOT MATERIALIZED (
    SELECT clinics.clinic_id, name, owner_name, owner_phone, country_code, created_at, day.today,
           clinic_status(deactivated_at, covered, grace, suspended, had_term, day.today) AS status
    FROM clinics
    CROSS JOIN LATERAL (SELECT timezone(day_zone, @now::timestamptz)::date AS today) AS day
    WHERE CASE -- one expression, thought to hold for every second clinic: as several, PostgreSQL would think the page empty, and sort all
          WHEN @status::text <> '' AND clinic_status(deactivated_at, covered, grace, suspended, had_term, day.today) <> @status::text THEN false
          WHEN @part::text <> '' AND (
              strpos(lower(name), lower(@part::text)) > 0
              OR strpos(lower(owner_name), lower(@part::text)) > 0
              OR (@digits::text <> '' AND strpos(owner_phone, @digits::text) > 0)
          ) IS NOT TRUE THEN false
          WHEN @plan_id::int = 0 THEN true
          WHEN NOT @plan_id::int = ANY (plan_ids) THEN false
          ELSE (
              SELECT plan_id = @plan_id::int
              FROM subscriptions
              WHERE subscription_id = current_term(clinics.clinic_id, day.today)
                AND subscriptions.clinic_id = clinics.clinic_id
          )
      END
)
SELECT counted.active::int AS active, counted.grace::int AS grace, counted.suspended::int AS suspended,
       counted.scheduled::int AS scheduled, counted.ended::int AS ended, counted.inactive::int AS inactive,
       counted.deactivated::int AS deactivated,
       coalesce(page.clinic_id, 0)::bigint AS clinic_id, coalesce(page.name, '')::text AS name,
       coalesce(page.owner_name, '')::text AS owner_name, coalesce(page.owner_phone, '')::text AS owner_phone,
       coalesce(page.country_code, '')::text AS country_code,
       coalesce(page.created_at, @now)::timestamptz AS created_at,
       coalesce(page.status, '')::text AS status, coalesce(page.today, '0001-01-01')::date AS today,
       coalesce(page.owner_joined, false)::boolean AS owner_joined,
       coalesce(page.subscription_id, 0)::bigint AS subscription_id, coalesce(page.plan_id, 0)::int AS plan_id,
       coalesce(page.plan_name_en, '')::text AS plan_name_en, coalesce(page.plan_name_ar, '')::text AS plan_name_ar,
       coalesce(page.starts_on, '0001-01-01')::date AS starts_on, coalesce(page.ends_on, '0001-01-01')::date AS ends_on,
       coalesce(page.term_status, '')::text AS term_status, coalesce(page.frozen_days, 0)::int AS frozen_days
FROM (
    SELECT count(*) FILTER (WHERE status = 'active') AS active, count(*) FILTER (WHERE status = 'grace') AS grace,
           count(*) FILTER (WHERE status = 'suspended') AS suspended, count(*) FILTER (WHERE status = 'scheduled') AS scheduled,
           count(*) FILTER (WHERE status = 'ended') AS ended, count(*) FILTER (WHERE status = 'inactive') AS inactive,
           count(*) FILTER (WHERE status = 'deactivated') AS deactivated
    FROM (
        SELECT clinic_status(deactivated_at, covered, grace, suspended, had_term,
                             CASE clinics.day_zone
                                 WHEN usual.day_zone THEN usual.today
                                 ELSE timezone(clinics.day_zone, @now::timestamptz)::date
                             END) AS status
        FROM clinics
        CROSS JOIN ( -- what day it is where the first clinic is, as most others are: asked for each it costs a third of all
            SELECT day_zone, timezone(day_zone, @now::timestamptz)::date AS today
            FROM clinics
            ORDER BY clinic_id
            LIMIT 1
        ) AS usual
        WHERE @counting::boolean
        OFFSET 0 -- each clinic's once, not once for each counter
    ) AS standing
) AS counted
LEFT JOIN (
    SELECT clinic.*, term.*,
           ( -- for EXISTS all clinics' owners would be read once
               SELECT true FROM staff
               WHERE staff.clinic_id = clinic.clinic_id
                 AND staff.role = 'clinic_owner'
                 AND staff.telegram_id IS NOT NULL
                 AND staff.stopped_at IS NULL
               LIMIT 1
           ) AS owner_joined
    FROM (
        (
            SELECT chosen.*
            FROM chosen
            WHERE NOT @backward::boolean
              AND (lower(name), clinic_id)
                  > (coalesce((SELECT lower(marked.name) FROM clinics AS marked WHERE marked.clinic_id = @mark_id), ''), @mark_id::bigint)
            ORDER BY lower(name), clinic_id
            LIMIT @page_size::int
        )
        UNION ALL
        (
            SELECT chosen.*
            FROM chosen
            WHERE @backward::boolean
              AND (lower(name), clinic_id)
                  < (coalesce((SELECT lower(marked.name) FROM clinics AS marked WHERE marked.clinic_id = @mark_id), ''), @mark_id::bigint)
            ORDER BY lower(name) DESC, clinic_id DESC
            LIMIT @page_size::int
        )
    ) AS clinic
    LEFT JOIN LATERAL (
        SELECT subscription_id, plan_id, plan_name_en, plan_name_ar, lower(period) AS starts_on, upper(period) AS ends_on,
               frozen_days,
               term_status(state, close_reason, period, grace_days, CASE WHEN clinic.status = 'suspended' AND state = 'live' THEN lower(period) END,
                           clinic.today) AS term_status
        FROM subscriptions
        WHERE subscriptions.clinic_id = clinic.clinic_id
          AND subscription_id = current_term(clinic.clinic_id, clinic.today)
    ) AS term ON true
) AS page ON true
ORDER BY lower(page.name), page.clinic_id;

-- name: ClinicDeactivate :execrows
UPDATE clinics
SET deactivated_at = @now::timestamptz,
    version        = version + 1
WHERE clinic_id = @clinic_id
  AND deactivated_at IS NULL;

-- name: ClinicReactivate :execrows
UPDATE clinics
SET deactivated_at = NULL,
    version        = version + 1
WHERE clinic_id = @clinic_id
  AND deactivated_at IS NOT NULL;

-- name: ClinicDelete :execrows
DELETE FROM clinics
WHERE clinic_id = @clinic_id;
