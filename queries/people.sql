-- name: SpeakerFind :many
-- Everything about who speaks, in one row per working membership, or one row without any. Runs in the person's scope.
SELECT people.language, people.chosen_clinic_id, people.menu, people.unreachable_since,
       EXISTS (
           SELECT FROM admins
           WHERE admins.telegram_id = @telegram_id AND admins.stopped_at IS NULL
       ) AS is_admin,
       coalesce((SELECT admins.name FROM admins WHERE admins.telegram_id = @telegram_id), '')::text AS admin_name,
       staff.clinic_id, staff.staff_id, staff.role, staff.full_name,
       clinics.name AS clinic_name, clinics.country_code, clinics.day_zone,
       countries.currency, countries.currency_exponent,
       coalesce(standing.status, '')::text AS status,
       coalesce(clinic_status_until(standing.status, clinics.covered, clinics.grace, day.today), '0001-01-01')::date AS status_until
FROM (SELECT @telegram_id::bigint AS telegram_id, @now::timestamptz AS now) AS speaker
LEFT JOIN people ON people.telegram_id = speaker.telegram_id
LEFT JOIN staff ON staff.telegram_id = speaker.telegram_id AND staff.stopped_at IS NULL
LEFT JOIN clinics ON clinics.clinic_id = staff.clinic_id
LEFT JOIN countries ON countries.country_code = clinics.country_code
LEFT JOIN LATERAL (SELECT (speaker.now AT TIME ZONE clinics.day_zone)::date AS today) AS day ON true
LEFT JOIN LATERAL (
    SELECT clinic_status(clinics.deactivated_at, clinics.covered, clinics.grace, clinics.suspended, clinics.had_term,
                         day.today) AS status
) AS standing ON clinics.clinic_id IS NOT NULL
ORDER BY staff.joined_at, staff.staff_id;

-- name: PersonMeet :exec
-- Remembers an account that writes for the first time; what is known already stays.
INSERT INTO people (telegram_id, language, created_at)
VALUES (@telegram_id, @language, @now)
ON CONFLICT (telegram_id) DO NOTHING;

-- name: PersonSetLanguage :exec
INSERT INTO people (telegram_id, language, created_at)
VALUES (@telegram_id, @language, @now)
ON CONFLICT (telegram_id) DO UPDATE
SET language = excluded.language;

-- name: PersonSetMenu :exec
UPDATE people
SET menu = @menu
WHERE telegram_id = @telegram_id;

-- name: PersonChooseClinic :execrows
-- Only a clinic the person works in can be chosen.
UPDATE people
SET chosen_clinic_id = @clinic_id::bigint
WHERE people.telegram_id = @telegram_id
  AND EXISTS (
      SELECT FROM staff
      WHERE staff.clinic_id = @clinic_id
        AND staff.telegram_id = @telegram_id
        AND staff.stopped_at IS NULL
  );

-- name: PersonEnter :exec
-- Who joins a clinic is met, reachable, and works there now.
INSERT INTO people (telegram_id, language, chosen_clinic_id, created_at)
VALUES (@telegram_id, @language, @clinic_id::bigint, @now)
ON CONFLICT (telegram_id) DO UPDATE
SET chosen_clinic_id  = excluded.chosen_clinic_id,
    unreachable_since = NULL;

-- name: PersonMarkUnreachable :exec
UPDATE people
SET unreachable_since = @now::timestamptz
WHERE telegram_id = @telegram_id
  AND unreachable_since IS NULL;

-- name: PersonRevive :exec
UPDATE people
SET unreachable_since = NULL
WHERE telegram_id = @telegram_id
  AND unreachable_since IS NOT NULL;

-- name: PersonReminders :one
-- No hour: none was chosen.
SELECT reminder_hour, reminders_muted
FROM people
WHERE telegram_id = @telegram_id;

-- name: PersonSetReminders :one
-- What is not given stays.
UPDATE people
SET reminder_hour   = coalesce(sqlc.narg('hour'), reminder_hour),
    reminders_muted = coalesce(sqlc.narg('muted'), reminders_muted)
WHERE telegram_id = @telegram_id
RETURNING reminder_hour, reminders_muted;
