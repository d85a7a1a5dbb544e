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
INSERT INTO plans (name_en, name_ar, duration_days, accounts, price_minor, currency, grace_days, position, created_at)
VALUES (@name_en, @name_ar, @duration_days, @accounts, @price_minor, @currency, @grace_days, @position, @now)
RETURNING plan_id;

-- name: PlanRetire :execrows
UPDATE plans
SET retired_at = @now::timestamptz,
    version    = version + 1
WHERE plan_id = @plan_id
  AND retired_at IS NULL;

-- name: PaymentMethodInsert :one
INSERT INTO payment_methods (name_en, name_ar, position)
VALUES (@name_en, @name_ar, @position)
RETURNING method_id;

-- name: PaymentMethodRetire :execrows
UPDATE payment_methods
SET retired_at = @now::timestamptz
WHERE method_id = @method_id
  AND retired_at IS NULL;
