package chaos

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// tamper takes one owner out of the database and puts another one in twice, behind everybody's back, and says what the
// auditor makes of it: an auditor that finds nothing then has looked at nothing.
func (r *run) tamper(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, r.postgres.URL())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, `
		SET session_replication_role = replica; -- without triggers and foreign keys
		DELETE FROM owners WHERE owner_id = (SELECT min(owner_id) FROM owners);
		INSERT INTO owners (clinic_id, full_name, phone, note)
		SELECT clinic_id, full_name, phone, note FROM owners ORDER BY owner_id DESC LIMIT 1`)
	if err != nil {
		return fmt.Errorf("tamper with the database: %w", err)
	}
	e, err := r.gather(ctx)
	if err != nil {
		return err
	}
	if c := newAudit(e).savedOnce(); len(c.found) != 2 {
		return fmt.Errorf("of a lost and a doubled registration the auditor reports %d: %q", len(c.found), c.found)
	}
	return nil
}
