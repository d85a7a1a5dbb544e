-- Lists hold what is retired too: old records name it. The caller leaves it out of what is offered.

-- name: CountryList :many
SELECT * FROM countries
ORDER BY position, name_en;

-- name: SpeciesList :many
SELECT * FROM species
ORDER BY position, species_id;

-- name: ChannelList :many
SELECT * FROM channels
ORDER BY position, channel_id;

-- name: PaymentMethodList :many
SELECT * FROM payment_methods
ORDER BY position, method_id;

-- name: PlanList :many
SELECT * FROM plans
ORDER BY position, duration_days, plan_id;

-- name: PlanInsert :one
-- A key that has added a plan before changes nothing and returns the same.
INSERT INTO plans (name_en, name_ar, duration_days, accounts, price_minor, currency, grace_days, position, created_at,
                   creation_key)
VALUES (@name_en, @name_ar, @duration_days, @accounts, @price_minor, @currency, @grace_days, @position, @now,
        sqlc.narg('creation_key'))
ON CONFLICT (creation_key) DO UPDATE
SET creation_key = excluded.creation_key
RETURNING plan_id;

-- name: PlanChange :execrows
-- Only of the version that was seen.
UPDATE plans
SET name_en       = @name_en,
    name_ar       = @name_ar,
    duration_days = @duration_days,
    accounts      = @accounts,
    price_minor   = @price_minor,
    currency      = @currency,
    grace_days    = @grace_days,
    version       = version + 1
WHERE plan_id = @plan_id
  AND version = @version;

-- name: PlanSetRetired :execrows
-- Takes a plan off sale, or puts it back where no time is given.
UPDATE plans
SET retired_at = sqlc.narg('retired_at')::timestamptz,
    version    = version + 1
WHERE plan_id = @plan_id
  AND (retired_at IS NULL) = (sqlc.narg('retired_at')::timestamptz IS NOT NULL);

-- name: PaymentMethodInsert :one
INSERT INTO payment_methods (name_en, name_ar, position, creation_key)
VALUES (@name_en, @name_ar, @position, sqlc.narg('creation_key'))
ON CONFLICT (creation_key) DO UPDATE
SET creation_key = excluded.creation_key
RETURNING method_id;

-- name: PaymentMethodRename :execrows
UPDATE payment_methods
SET name_en = @name_en,
    name_ar = @name_ar
WHERE method_id = @method_id;

-- name: PaymentMethodSetRetired :execrows
UPDATE payment_methods
SET retired_at = sqlc.narg('retired_at')::timestamptz
WHERE method_id = @method_id
  AND (retired_at IS NULL) = (sqlc.narg('retired_at')::timestamptz IS NOT NULL);

-- name: SpeciesInsert :one
INSERT INTO species (name_en, name_ar, emoji, position, creation_key)
VALUES (@name_en, @name_ar, @emoji, @position, sqlc.narg('creation_key'))
ON CONFLICT (creation_key) DO UPDATE
SET creation_key = excluded.creation_key
RETURNING species_id;

-- name: SpeciesRename :execrows
UPDATE species
SET name_en = @name_en,
    name_ar = @name_ar,
    emoji   = @emoji
WHERE species_id = @species_id;

-- name: SpeciesSetRetired :execrows
UPDATE species
SET retired_at = sqlc.narg('retired_at')::timestamptz
WHERE species_id = @species_id
  AND (retired_at IS NULL) = (sqlc.narg('retired_at')::timestamptz IS NOT NULL);

-- name: ChannelInsert :one
INSERT INTO channels (name_en, name_ar, emoji, position, creation_key)
VALUES (@name_en, @name_ar, @emoji, @position, sqlc.narg('creation_key'))
ON CONFLICT (creation_key) DO UPDATE
SET creation_key = excluded.creation_key
RETURNING channel_id;

-- name: ChannelRename :execrows
UPDATE channels
SET name_en = @name_en,
    name_ar = @name_ar,
    emoji   = @emoji
WHERE channel_id = @channel_id;

-- name: ChannelSetRetired :execrows
UPDATE channels
SET retired_at = sqlc.narg('retired_at')::timestamptz
WHERE channel_id = @channel_id
  AND (retired_at IS NULL) = (sqlc.narg('retired_at')::timestamptz IS NOT NULL);

-- name: CountryInsert :execrows
-- A code that is there already changes nothing.
INSERT INTO countries (country_code, calling_code, name_en, name_ar, currency, currency_exponent, time_zone, position)
VALUES (@country_code, @calling_code, @name_en, @name_ar, @currency, @currency_exponent, @time_zone, @position)
ON CONFLICT (country_code) DO NOTHING;

-- name: CountryRename :execrows
UPDATE countries
SET name_en = @name_en,
    name_ar = @name_ar
WHERE country_code = @country_code;

-- name: CountrySetRetired :execrows
UPDATE countries
SET retired_at = sqlc.narg('retired_at')::timestamptz
WHERE country_code = @country_code
  AND (retired_at IS NULL) = (sqlc.narg('retired_at')::timestamptz IS NOT NULL);
