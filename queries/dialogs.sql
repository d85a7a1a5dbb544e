-- name: DialogFind :one
-- The person's dialog; form is '' when none is open.
SELECT form, key, revision, state, message_id, applied_updates
FROM dialogs
WHERE telegram_id = @telegram_id;

-- name: DialogSave :execrows
-- Writes the dialog when it is still at the revision that was seen (0: no row
-- yet); 0 rows say that it has moved on.
INSERT INTO dialogs AS d (telegram_id, form, key, revision, state, message_id, applied_updates, updated_at)
VALUES (@telegram_id, @form, @key, 1, @state, @message_id, @applied_updates, @now)
ON CONFLICT (telegram_id) DO UPDATE
SET form            = excluded.form,
    key             = excluded.key,
    revision        = d.revision + 1,
    state           = excluded.state,
    message_id      = excluded.message_id,
    applied_updates = excluded.applied_updates,
    updated_at      = excluded.updated_at
WHERE d.revision = @seen::integer;

-- name: DialogSetMessage :exec
UPDATE dialogs
SET message_id = @message_id
WHERE telegram_id = @telegram_id
  AND key = @key;
