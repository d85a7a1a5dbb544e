package load

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"vetalyze/db"
)

// A reference is what the rows refer to.
type reference struct {
	species  map[string]int32 // by English name
	channels []int32
	methods  []int32
	plans    []plan
}

// prepare looks at what is there, and sets ids aside for what will be.
func (f *filler) prepare(ctx context.Context, conn *pgx.Conn) error {
	var locked bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", lockKey).Scan(&locked); err != nil {
		return err
	}
	if !locked {
		return ErrBusy
	}
	const ask = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
	if err := conn.QueryRow(ctx, ask).Scan(&f.bypass); err != nil {
		return err
	}
	place, err := time.LoadLocation(zone)
	if err != nil {
		return err
	}
	var known reference
	err = asPlatform(ctx, conn, func(tx pgx.Tx) error {
		if err := f.find(ctx, tx); err != nil {
			return err
		}
		known, err = readReference(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	f.gen = newGenerator(f.config, known, f.config.Clock.Today(place), place)
	f.written.Store(int64(len(f.found)) * int64(f.config.Owners))
	return f.reserve(ctx, conn)
}

// asPlatform runs a transaction in the role that sees all clinics, whoever the user is.
func asPlatform(ctx context.Context, conn *pgx.Conn, do func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL ROLE vetalyze_platform"); err != nil {
			return err
		}
		return do(tx)
	})
}

// find knows the clinics of an earlier run by their keys; any other refuses the database.
func (f *filler) find(ctx context.Context, tx pgx.Tx) error {
	f.found = map[int]bool{}
	rows, err := tx.Query(ctx, "SELECT clinic_id, creation_key FROM clinics")
	if err != nil {
		return err
	}
	var id int64
	var key db.Key
	_, err = pgx.ForEachRow(rows, []any{&id, &key}, func() error {
		number := int(id)
		if key != clinicKey(f.config.Seed, f.config.Owners, number) {
			return ErrNotEmpty
		}
		if number <= f.config.Clinics {
			f.found[number] = true
		}
		return nil
	})
	return err
}

func readReference(ctx context.Context, tx pgx.Tx) (reference, error) {
	known := reference{species: map[string]int32{}}
	rows, err := tx.Query(ctx, "SELECT name_en, species_id FROM species WHERE retired_at IS NULL")
	if err != nil {
		return known, err
	}
	var name string
	var id int32
	_, err = pgx.ForEachRow(rows, []any{&name, &id}, func() error {
		known.species[name] = id
		return nil
	})
	if err != nil {
		return known, err
	}
	known.channels, err = ids(ctx, tx, "SELECT channel_id FROM channels WHERE retired_at IS NULL ORDER BY position, channel_id")
	if err != nil {
		return known, err
	}
	known.methods, err = ids(ctx, tx, "SELECT method_id FROM payment_methods WHERE retired_at IS NULL ORDER BY position, method_id")
	if err != nil {
		return known, err
	}
	if len(known.species) == 0 || len(known.methods) == 0 {
		return known, errors.New("no species or payment methods are in use")
	}
	known.plans, err = sell(ctx, tx)
	return known, err
}

func ids(ctx context.Context, tx pgx.Tx, sql string) ([]int32, error) {
	rows, err := tx.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int32])
}

// sell puts the plans on sale that are not yet.
func sell(ctx context.Context, tx pgx.Tx) ([]plan, error) {
	sold := append([]plan(nil), plans...)
	for i := range sold {
		p := &sold[i]
		_, err := tx.Exec(ctx, `
			INSERT INTO plans (name_en, name_ar, duration_days, accounts, price_minor, currency, grace_days, position)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (lower(name_en)) WHERE retired_at IS NULL DO NOTHING`,
			p.nameEN, p.nameAR, p.days, p.accounts, p.price, currency, grace, i+1)
		if err != nil {
			return nil, err
		}
		const ask = "SELECT plan_id FROM plans WHERE lower(name_en) = lower($1) AND retired_at IS NULL"
		if err := tx.QueryRow(ctx, ask, p.nameEN).Scan(&p.id); err != nil {
			return nil, err
		}
	}
	return sold, nil
}

// reserve moves the sequences past the ids that the load gives out, so that a bot running meanwhile takes others.
func (f *filler) reserve(ctx context.Context, conn *pgx.Conn) error {
	clinics := int64(f.config.Clinics)
	for sequence, last := range map[string]int64{
		"registry_ids":                      clinics * f.gen.idsPerClinic(),
		"clinics_clinic_id_seq":             clinics,
		"staff_staff_id_seq":                clinics * int64(len(roles)),
		"subscriptions_subscription_id_seq": clinics * termsPerClinic,
		"payments_payment_id_seq":           clinics * paymentsPerClinic,
	} {
		sql := fmt.Sprintf("SELECT setval('%s', greatest((SELECT last_value FROM %[1]s), $1))", sequence)
		if _, err := conn.Exec(ctx, sql, last); err != nil {
			return fmt.Errorf("reserve ids: %w", err)
		}
	}
	return nil
}

// tidy does what autovacuum would come to do: without statistics the first searches would be planned blindly.
func (f *filler) tidy(ctx context.Context, conn *pgx.Conn) error {
	// Not the empty ones: of a table known to be empty PostgreSQL plans to read all.
	rows, err := conn.Query(ctx, `
		SELECT quote_ident(relname)
		FROM pg_class
		WHERE relnamespace = current_schema()::regnamespace
		  AND relkind = 'r'
		  AND pg_relation_size(oid) > 0`)
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(f.config.Jobs)
	for _, table := range tables {
		group.Go(func() error {
			conn, err := connect(ctx, f.url)
			if err != nil {
				return err
			}
			defer conn.Close(context.WithoutCancel(ctx))
			_, err = conn.Exec(ctx, "VACUUM (ANALYZE) "+table)
			return err
		})
	}
	return group.Wait()
}

// count asks what there is now. Owners and pets are counted by the clinics: who is not above row-level security sees
// none of them.
func (f *filler) count(ctx context.Context, conn *pgx.Conn) (Summary, error) {
	s := Summary{Found: len(f.found)}
	err := asPlatform(ctx, conn, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			SELECT (SELECT count(*) FROM clinics), (SELECT count(*) FROM staff), (SELECT count(*) FROM subscriptions)`,
		).Scan(&s.Clinics, &s.Staff, &s.Subscriptions)
	})
	s.Owners = s.Clinics * int64(f.config.Owners)
	s.Pets = s.Clinics * petsOf(int64(f.config.Owners))
	return s, err
}
