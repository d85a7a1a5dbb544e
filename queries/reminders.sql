-- name: PlanningLock :one
-- One instance plans at a time; another one that comes meanwhile has nothing to add. Planning joins whole tables: nested loops, which
-- look cheap while the outbox is empty, would go through it once for each row that is put in.
SELECT pg_try_advisory_xact_lock(@lock_key::bigint) AS held, set_config('enable_nestloop', 'off', true) AS loops;

-- name: RemindersPlan :execrows
-- Of each term the latest step that is due and not yet done, for the owner of its clinic. A step is days from the end (before it:
-- negative), for plans of so many days at least, counts from the day after the term began, and is owed for so many days. No
-- step comes after a later one, so a clock that is set back plans nothing anew.
WITH zones AS MATERIALIZED (
    SELECT name, known_zone(name, @platform_zone::text) AS zone
    FROM (SELECT DISTINCT time_zone AS name FROM clinics) AS names
),
steps AS MATERIALIZED (
    SELECT unnest(@steps::int[]) AS step, unnest(@min_days::int[]) AS min_days
),
owed AS (
    SELECT DISTINCT ON (terms.clinic_id, terms.subscription_id, owner.telegram_id)
           terms.clinic_id, terms.subscription_id, upper(terms.period) AS end_date, steps.step, owner.telegram_id,
           due.at
    FROM subscriptions AS terms
    JOIN clinics ON clinics.clinic_id = terms.clinic_id
    JOIN zones ON zones.name = clinics.time_zone
    JOIN staff AS owner
      ON owner.clinic_id = terms.clinic_id
     AND owner.role = 'clinic_owner'
     AND owner.telegram_id IS NOT NULL
     AND owner.stopped_at IS NULL
    JOIN people ON people.telegram_id = owner.telegram_id
    JOIN steps
      ON terms.duration_days >= steps.min_days
     AND upper(terms.period) + steps.step > lower(terms.period)
     AND (steps.step IN (-1, 0) OR NOT people.reminders_muted)
    CROSS JOIN LATERAL (
        SELECT timezone(
            zones.zone, (upper(terms.period) + steps.step) + make_time(coalesce(people.reminder_hour, @usual_hour::int), 0, 0)
        ) AS at
    ) AS due
    WHERE terms.state = 'live'
      AND upper(terms.period) BETWEEN @ends_from::date AND @ends_until::date
      AND due.at <= @now::timestamptz
      AND due.at > @owed_since::timestamptz
      AND clinics.deactivated_at IS NULL
      AND NOT clinics.suspended
      AND NOT is_renewed(clinics.covered, upper(terms.period), steps.step)
    ORDER BY terms.clinic_id, terms.subscription_id, owner.telegram_id, steps.step DESC
)
INSERT INTO notifications (clinic_id, subscription_id, end_date, step, telegram_id, kind, planned_at, due_at, next_attempt_at)
SELECT clinic_id, subscription_id, end_date, step, telegram_id, 'reminder', @now::timestamptz, at, at
FROM owed
WHERE NOT EXISTS (
    SELECT FROM notifications AS done
    WHERE done.clinic_id = owed.clinic_id
      AND done.subscription_id = owed.subscription_id
      AND done.end_date = owed.end_date
      AND done.step >= owed.step
      AND done.telegram_id = owed.telegram_id
      AND done.kind = 'reminder'
)
ORDER BY clinic_id, subscription_id, telegram_id
ON CONFLICT DO NOTHING;

-- name: EndedPlan :execrows
-- An alert to each admin about each clinic that has ended: by its last day of grace, or because its last term was closed. Admins
-- hear of what ended since they are.
WITH zones AS MATERIALIZED (
    SELECT name, known_zone(name, @platform_zone::text) AS zone
    FROM (SELECT DISTINCT time_zone AS name FROM clinics) AS names
),
gone AS MATERIALIZED (
    SELECT clinics.clinic_id, last.subscription_id, last.since, zones.zone
    FROM clinics
    JOIN zones ON zones.name = clinics.time_zone
    CROSS JOIN LATERAL (SELECT timezone(zones.zone, @now::timestamptz)::date AS today) AS day
    CROSS JOIN LATERAL (
        SELECT terms.subscription_id,
               CASE terms.state
                   WHEN 'closed' THEN timezone(zones.zone, terms.closed_at)::date
                   ELSE upper(terms.period) + terms.grace_days
               END AS since
        FROM subscriptions AS terms
        WHERE terms.clinic_id = clinics.clinic_id
          AND terms.period IS NOT NULL
        ORDER BY since DESC, terms.subscription_id DESC
        LIMIT 1
    ) AS last
    WHERE clinic_status(clinics.deactivated_at, clinics.covered, clinics.grace, clinics.suspended, clinics.had_term, day.today) = 'ended'
      AND last.since BETWEEN day.today - @late_days::int AND day.today
)
INSERT INTO notifications (clinic_id, subscription_id, end_date, step, telegram_id, kind, planned_at, due_at, next_attempt_at)
SELECT gone.clinic_id, gone.subscription_id, gone.since, 0, admins.telegram_id, 'ended', @now::timestamptz, @now::timestamptz, @now::timestamptz
FROM gone
CROSS JOIN admins
JOIN people USING (telegram_id) -- who has never written cannot be written to
WHERE admins.stopped_at IS NULL
  AND timezone(gone.zone, admins.added_at)::date <= gone.since
  AND NOT EXISTS (
      SELECT FROM notifications AS done
      WHERE done.clinic_id = gone.clinic_id
        AND done.subscription_id = gone.subscription_id
        AND done.end_date = gone.since
        AND done.step = 0
        AND done.telegram_id = admins.telegram_id
        AND done.kind = 'ended'
  )
ORDER BY gone.clinic_id, admins.telegram_id
ON CONFLICT DO NOTHING;

-- name: DigestPlan :execrows
-- Today's digest for each admin whose hour has come.
INSERT INTO notifications (clinic_id, subscription_id, end_date, step, telegram_id, kind, planned_at, due_at, next_attempt_at)
SELECT 0, 0, @today::date, 0, admins.telegram_id, 'digest', @now::timestamptz, due.at, due.at
FROM admins
JOIN people USING (telegram_id)
CROSS JOIN LATERAL (
    SELECT timezone(
        known_zone(@platform_zone::text, 'UTC'),
        (@today::date) + make_time(coalesce(people.reminder_hour, @digest_hour::int), 0, 0)
    ) AS at
) AS due
WHERE admins.stopped_at IS NULL
  AND NOT people.reminders_muted
  AND due.at <= @now::timestamptz
  AND NOT EXISTS (
      SELECT FROM notifications AS done
      WHERE done.clinic_id = 0
        AND done.subscription_id = 0
        AND done.end_date >= @today::date
        AND done.telegram_id = admins.telegram_id
        AND done.kind = 'digest'
  )
ORDER BY admins.telegram_id
ON CONFLICT DO NOTHING;

-- name: NotificationsClaim :many
-- Takes all that is due for one person and of one kind, for so long, and looks whether it still is of use: verdict is empty, or
-- the reason why not. Of what waits for a person and kind only the first is claimed with its followers, so that two instances do
-- not take parts.
WITH first AS (
    SELECT waiting.telegram_id, waiting.kind
    FROM notifications AS waiting
    WHERE waiting.state = 'pending'
      AND waiting.next_attempt_at <= @now::timestamptz
      AND (waiting.claimed_until IS NULL OR waiting.claimed_until <= clock_timestamp())
      AND NOT EXISTS (
          SELECT FROM notifications AS earlier
          WHERE earlier.state = 'pending'
            AND earlier.telegram_id = waiting.telegram_id
            AND earlier.kind = waiting.kind
            AND earlier.number < waiting.number
            AND earlier.next_attempt_at <= @now::timestamptz
      )
    ORDER BY waiting.next_attempt_at, waiting.number
    LIMIT 1
    FOR UPDATE SKIP LOCKED
),
claimed AS (
    UPDATE notifications
    SET claim         = @claim::uuid,
        claimed_until = clock_timestamp() + make_interval(secs => @lease_seconds::float8),
        attempts      = attempts + 1
    FROM first
    WHERE notifications.telegram_id = first.telegram_id
      AND notifications.kind = first.kind
      AND notifications.state = 'pending'
      AND notifications.next_attempt_at <= @now::timestamptz
      AND (notifications.claimed_until IS NULL OR notifications.claimed_until <= clock_timestamp())
    RETURNING notifications.clinic_id, notifications.subscription_id, notifications.end_date, notifications.step,
              notifications.telegram_id, notifications.kind, notifications.number, notifications.due_at, notifications.attempts
)
SELECT claimed.clinic_id, claimed.subscription_id, claimed.end_date, claimed.step, claimed.telegram_id, claimed.kind,
       claimed.due_at, claimed.attempts,
       coalesce(people.language, 'en')::text AS language,
       coalesce(clinics.name, '')::text AS clinic_name,
       coalesce(zones.zone, '')::text AS zone,
       coalesce(zones.today, @today::date)::date AS today,
       coalesce(terms.plan_name_en, '')::text AS plan_name_en, coalesce(terms.plan_name_ar, '')::text AS plan_name_ar,
       coalesce(terms.close_reason, '')::text AS close_reason,
       coalesce(upper(terms.period) + terms.grace_days, claimed.end_date)::date AS grace_until,
       coalesce((
           SELECT min(lower(part)) FROM unnest(clinics.covered) AS part WHERE lower(part) > claimed.end_date
       ), '0001-01-01')::date AS next_start,
       CASE
           WHEN claimed.due_at <= @owed_since::timestamptz THEN 'late'
           WHEN claimed.kind = 'reminder' THEN CASE
               WHEN owner.staff_id IS NULL THEN 'left'
               WHEN terms.state <> 'live' OR upper(terms.period) <> claimed.end_date THEN 'changed'
               WHEN clinics.deactivated_at IS NOT NULL OR clinics.suspended THEN 'stopped'
               WHEN is_renewed(clinics.covered, claimed.end_date, claimed.step) THEN 'renewed'
               WHEN people.reminders_muted AND claimed.step NOT IN (-1, 0) THEN 'muted'
               WHEN EXISTS (
                   SELECT FROM notifications AS next
                   WHERE next.clinic_id = claimed.clinic_id
                     AND next.subscription_id = claimed.subscription_id
                     AND next.end_date = claimed.end_date
                     AND next.step > claimed.step
                     AND next.telegram_id = claimed.telegram_id
                     AND next.kind = claimed.kind
               ) THEN 'superseded'
               ELSE ''
           END
           WHEN admins.telegram_id IS NULL THEN 'left'
           WHEN claimed.kind = 'ended' THEN CASE clinic_status(
                   clinics.deactivated_at, clinics.covered, clinics.grace, clinics.suspended, clinics.had_term, zones.today)
               WHEN 'ended' THEN ''
               ELSE 'changed'
           END
           WHEN people.reminders_muted THEN 'muted'
           WHEN claimed.end_date <> @today::date THEN 'superseded'
           ELSE ''
       END::text AS verdict,
       (people.unreachable_since IS NOT NULL)::boolean AS unreachable
FROM claimed
LEFT JOIN people ON people.telegram_id = claimed.telegram_id
LEFT JOIN admins ON admins.telegram_id = claimed.telegram_id AND admins.stopped_at IS NULL
LEFT JOIN clinics ON clinics.clinic_id = claimed.clinic_id
LEFT JOIN LATERAL (
    SELECT known_zone(clinics.time_zone, @platform_zone::text) AS zone,
           timezone(known_zone(clinics.time_zone, @platform_zone::text), @now::timestamptz)::date AS today
) AS zones ON clinics.clinic_id IS NOT NULL
LEFT JOIN subscriptions AS terms
       ON terms.clinic_id = claimed.clinic_id
      AND terms.subscription_id = claimed.subscription_id
LEFT JOIN staff AS owner
       ON owner.clinic_id = claimed.clinic_id
      AND owner.telegram_id = claimed.telegram_id
      AND owner.role = 'clinic_owner'
      AND owner.stopped_at IS NULL
ORDER BY claimed.end_date, clinics.name, claimed.number;

-- name: NotificationsSent :execrows
UPDATE notifications
SET state         = 'sent',
    settled_at    = @now::timestamptz,
    message_id    = @message_id::bigint,
    claim         = NULL,
    claimed_until = NULL,
    reason        = NULL
WHERE telegram_id = @telegram_id
  AND kind = @kind
  AND state = 'pending'
  AND claim = @claim::uuid;

-- name: NotificationsSettle :execrows
-- They will not be sent: their receiver cannot be reached, or Telegram refuses them.
UPDATE notifications
SET state         = @state,
    settled_at    = @now::timestamptz,
    reason        = @reason::text,
    claim         = NULL,
    claimed_until = NULL
WHERE telegram_id = @telegram_id
  AND kind = @kind
  AND state = 'pending'
  AND claim = @claim::uuid;

-- name: NotificationCancel :execrows
-- One of those that were claimed together is no longer of use.
UPDATE notifications
SET state         = 'cancelled',
    settled_at    = @now::timestamptz,
    reason        = @reason::text,
    claim         = NULL,
    claimed_until = NULL
WHERE clinic_id = @clinic_id
  AND subscription_id = @subscription_id
  AND end_date = @end_date
  AND step = @step
  AND telegram_id = @telegram_id
  AND kind = @kind
  AND state = 'pending'
  AND claim = @claim::uuid;

-- name: NotificationsRetry :execrows
-- Another attempt later.
UPDATE notifications
SET next_attempt_at = @next_attempt_at::timestamptz,
    reason          = @reason::text,
    claim           = NULL,
    claimed_until   = NULL
WHERE telegram_id = @telegram_id
  AND kind = @kind
  AND state = 'pending'
  AND claim = @claim::uuid;

-- name: NotificationsPutOff :execrows
-- Given back until a time, the end of quiet hours or the next instance's turn, without an attempt. Only then are they due.
UPDATE notifications
SET due_at          = greatest(due_at, @until::timestamptz),
    next_attempt_at = @until::timestamptz,
    attempts        = attempts - 1,
    claim           = NULL,
    claimed_until   = NULL
WHERE telegram_id = @telegram_id
  AND kind = @kind
  AND state = 'pending'
  AND claim = @claim::uuid;

-- name: NotificationOldestDue :one
-- Since when the one that has waited longest could have been sent; the year 1 when none waits.
SELECT coalesce(min(greatest(due_at, planned_at)), '0001-01-01 00:00:00+00')::timestamptz AS since
FROM notifications
WHERE state = 'pending'
  AND due_at <= @now::timestamptz;

-- name: NotificationsForget :execrows
DELETE FROM notifications
WHERE settled_at < @before::timestamptz;

-- name: NotificationTrace :many
-- What was sent about a clinic, the latest first, with who got it where it is somebody of the clinic.
SELECT notifications.*,
       coalesce((
           SELECT staff.full_name
           FROM staff
           WHERE staff.clinic_id = notifications.clinic_id
             AND staff.telegram_id = notifications.telegram_id
           ORDER BY staff.stopped_at DESC NULLS FIRST
           LIMIT 1
       ), '')::text AS full_name
FROM notifications
WHERE notifications.clinic_id = @clinic_id
ORDER BY coalesce(settled_at, due_at) DESC, number DESC
LIMIT @most::int;

-- name: DigestHours :many
-- The hours at which admins who can be reached get their digest, and of which day the latest was; the year 1: none was.
SELECT coalesce(people.reminder_hour, @digest_hour::int)::int AS hour, coalesce(max(done.end_date), '0001-01-01')::date AS told
FROM admins
JOIN people USING (telegram_id)
LEFT JOIN notifications AS done ON done.telegram_id = admins.telegram_id AND done.kind = 'digest'
WHERE admins.stopped_at IS NULL
  AND NOT people.reminders_muted
  AND people.unreachable_since IS NULL
GROUP BY admins.telegram_id, people.reminder_hour;

-- name: NotificationNextDue :one
-- The next times after now: of what waits, of a reminder to come, of a clinic that will have ended. The year 1: there is none.
WITH zones AS MATERIALIZED (
    SELECT name, known_zone(name, @platform_zone::text) AS zone
    FROM (SELECT DISTINCT time_zone AS name FROM clinics) AS names
),
steps AS MATERIALIZED (
    SELECT unnest(@steps::int[]) AS step, unnest(@min_days::int[]) AS min_days
)
SELECT coalesce((
           SELECT min(next_attempt_at) FROM notifications WHERE state = 'pending' AND next_attempt_at > @now::timestamptz
       ), '0001-01-01 00:00:00+00')::timestamptz AS waiting,
       coalesce((
           SELECT min(due.at)
           FROM subscriptions AS terms
           JOIN clinics ON clinics.clinic_id = terms.clinic_id
           JOIN zones ON zones.name = clinics.time_zone
           JOIN staff AS owner
             ON owner.clinic_id = terms.clinic_id
            AND owner.role = 'clinic_owner'
            AND owner.telegram_id IS NOT NULL
            AND owner.stopped_at IS NULL
           JOIN people ON people.telegram_id = owner.telegram_id
           JOIN steps
             ON terms.duration_days >= steps.min_days
            AND upper(terms.period) + steps.step > lower(terms.period)
            AND (steps.step IN (-1, 0) OR NOT people.reminders_muted)
           CROSS JOIN LATERAL (
               SELECT timezone(
            zones.zone, (upper(terms.period) + steps.step) + make_time(coalesce(people.reminder_hour, @usual_hour::int), 0, 0)
        ) AS at
           ) AS due
           WHERE terms.state = 'live'
             AND upper(terms.period) >= @ends_from::date
             AND due.at > @now::timestamptz
             AND clinics.deactivated_at IS NULL
             AND NOT clinics.suspended
             AND NOT is_renewed(clinics.covered, upper(terms.period), steps.step)
       ), '0001-01-01 00:00:00+00')::timestamptz AS reminder,
       coalesce((
           SELECT min(ends.at)
           FROM clinics
           JOIN zones ON zones.name = clinics.time_zone
           CROSS JOIN LATERAL (
               SELECT timezone(zones.zone, greatest(upper(clinics.covered), upper(clinics.grace))::timestamp) AS at
           ) AS ends
           WHERE clinics.deactivated_at IS NULL
             AND NOT clinics.suspended
             AND ends.at > @now::timestamptz
             AND EXISTS (
                 SELECT FROM admins
                 JOIN people USING (telegram_id)
                 WHERE admins.stopped_at IS NULL
             )
       ), '0001-01-01 00:00:00+00')::timestamptz AS ended;
