-- name: ClinicInsert :one
-- Nothing comes back when the key has made a clinic before. An unknown country is refused by its foreign key.
INSERT INTO clinics (name, owner_name, owner_phone, second_phone, country_code, time_zone, location, email, links,
                     creation_key, created_at, created_by)
VALUES (@name, @owner_name, @owner_phone, @second_phone, @country_code,
        coalesce((SELECT countries.time_zone FROM countries WHERE countries.country_code = @country_code), 'UTC'),
        @location, @email, @links, @creation_key, @now, @created_by)
ON CONFLICT (creation_key) DO NOTHING
RETURNING clinic_id;

-- name: ClinicByCreationKey :one
SELECT clinic_id
FROM clinics
WHERE creation_key = @creation_key;

-- name: ClinicCard :one
-- One clinic as the admins see it, with its country's currency, its owner's membership and how many work there.
SELECT sqlc.embed(clinics), countries.name_en AS country_en, countries.name_ar AS country_ar,
       countries.currency, countries.currency_exponent,
       EXISTS (
           SELECT FROM staff
           WHERE staff.clinic_id = clinics.clinic_id
             AND staff.role = 'clinic_owner'
             AND staff.telegram_id IS NOT NULL
             AND staff.stopped_at IS NULL
       ) AS owner_joined,
       (
           SELECT count(*)
           FROM staff
           WHERE staff.clinic_id = clinics.clinic_id
             AND staff.role = 'doctor'
             AND staff.telegram_id IS NOT NULL
             AND staff.stopped_at IS NULL
       )::int AS doctors,
       (
           SELECT count(*)
           FROM staff
           WHERE staff.clinic_id = clinics.clinic_id
             AND staff.role = 'receptionist'
             AND staff.telegram_id IS NOT NULL
             AND staff.stopped_at IS NULL
       )::int AS receptionists,
       (
           SELECT count(*)
           FROM staff
           WHERE staff.clinic_id = clinics.clinic_id
             AND staff.role IN ('doctor', 'receptionist')
             AND staff.telegram_id IS NULL
             AND staff.stopped_at IS NULL
             AND EXISTS (
                 SELECT FROM invites
                 WHERE invites.clinic_id = staff.clinic_id
                   AND invites.staff_id = staff.staff_id
                   AND invites.used_at IS NULL
                   AND invites.revoked_at IS NULL
                   AND invites.expires_at > @now
             )
       )::int AS invited
FROM clinics
JOIN countries USING (country_code)
WHERE clinics.clinic_id = @clinic_id;

-- name: ClinicChange :execrows
-- Only of the version that was seen. The clinic's days follow its country.
UPDATE clinics
SET name         = @name,
    owner_name   = @owner_name,
    owner_phone  = @owner_phone,
    second_phone = @second_phone,
    time_zone    = CASE
                       WHEN country_code = @country_code THEN time_zone
                       ELSE coalesce((SELECT countries.time_zone FROM countries WHERE countries.country_code = @country_code), 'UTC')
                   END,
    country_code = @country_code,
    location     = @location,
    email        = @email,
    links        = @links,
    version      = version + 1
WHERE clinic_id = @clinic_id
  AND version = @version;

-- name: ZonesMoved :many
-- The zones of clinics whose days are to go by another zone than they do.
SELECT DISTINCT moved.time_zone, moved.zone::text AS zone
FROM (
    SELECT kept.time_zone, kept.day_zone, known_zone(kept.time_zone, @platform_zone::text) AS zone
    FROM (SELECT DISTINCT time_zone, day_zone FROM clinics) AS kept
) AS moved
WHERE moved.zone <> moved.day_zone;

-- name: ClinicsMoveZone :execrows
UPDATE clinics
SET day_zone = @zone
WHERE time_zone = @time_zone
  AND day_zone <> @zone;

-- name: ClinicOwnerChange :exec
-- The owner's membership follows: the phone is what the owner must share on joining by the next link.
UPDATE staff
SET full_name = @full_name,
    phone     = @phone,
    version   = version + 1
WHERE clinic_id = @clinic_id
  AND role = 'clinic_owner'
  AND stopped_at IS NULL
  AND (full_name, phone) IS DISTINCT FROM (@full_name, @phone);
