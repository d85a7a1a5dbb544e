package db_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
)

// wire counts the turns of a connection: how often it began to write after it had read.
type wire struct {
	net.Conn
	turns *turns
}

type turns struct {
	mu    sync.Mutex
	heard bool // something was read since the last write
	count int
}

func (w wire) Write(p []byte) (int, error) {
	w.turns.mu.Lock()
	if w.turns.heard {
		w.turns.heard = false
		w.turns.count++
	}
	w.turns.mu.Unlock()
	return w.Conn.Write(p)
}

func (w wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.turns.mu.Lock()
	w.turns.heard = true
	w.turns.mu.Unlock()
	return n, err
}

func (t *turns) during(do func()) int {
	t.mu.Lock()
	before := t.count
	t.mu.Unlock()
	do()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.count - before
}

func TestEveryStatementIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	var seen turns
	h := newHouse(t, db.Conns(1, 1), db.Dial(func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return wire{conn, &seen}, err
	}))
	queries := db.New()
	page := func(scope db.DBTX) func(context.Context) error {
		return func(ctx context.Context) error { _, err := queries.StaffList(ctx, scope, ours); return err }
	}
	write := func(scope db.DBTX) func(context.Context) error {
		return func(ctx context.Context) error { return queries.PersonRevive(ctx, scope, ourPerson) }
	}
	row := func(scope db.DBTX) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := queries.StaffPlaces(ctx, scope, db.StaffPlacesParams{ClinicID: ours})
			return err
		}
	}
	batch := func(scope db.Scope) func(context.Context) error {
		return func(ctx context.Context) error {
			b := &pgx.Batch{}
			for range 20 {
				b.Queue("-- name: PetCount :one\nSELECT count(*) FROM pets")
			}
			return scope.SendBatch(ctx, b).Close()
		}
	}
	inTx := func(scope db.Scope) func(context.Context) error {
		return func(ctx context.Context) error {
			return scope.InTx(ctx, func(tx db.Tx) error { return page(tx)(ctx) })
		}
	}
	for name, c := range map[string]struct {
		do    func(context.Context) error
		trips int
		names []string
	}{
		"rows of a clinic":     {page(h.db.Clinic(ours)), 1, []string{"StaffList"}},
		"list without replica": {page(h.db.Clinic(ours).Listing()), 1, []string{"StaffList"}},
		"row of a clinic":      {row(h.db.Clinic(ours)), 1, []string{"StaffPlaces"}},
		"write of a person":    {write(h.db.Person(ourPerson)), 1, []string{"PersonRevive"}},
		"batch of a clinic":    {batch(h.db.Clinic(ours)), 1, slices.Repeat([]string{"PetCount"}, 20)},
		"rows on platform":     {page(h.db.Platform()), 1, []string{"StaffList"}},
		"write on platform":    {write(h.db.Platform()), 1, []string{"PersonRevive"}},
		"begin, rows, commit":  {inTx(h.db.Clinic(ours)), 3, []string{"begin", "StaffList", "commit"}},
	} {
		if err := c.do(t.Context()); err != nil { // prepares its statements
			t.Fatalf("%s: %v", name, err)
		}
		ctx, trips := db.Watch(t.Context())
		turned := seen.during(func() {
			if err := c.do(ctx); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
		if turned != c.trips || trips.Count() != c.trips {
			t.Errorf("%s: %d round trips on the wire, %d reported, want %d", name, turned, trips.Count(), c.trips)
		}
		if diff := cmp.Diff(c.names, trips.Names()); diff != "" {
			t.Errorf("%s: statements (-want +got)\n%s", name, diff)
		}
	}
}

func TestErrorsOfAScope(t *testing.T) {
	t.Parallel()
	h := newHouse(t, db.Conns(1, 1)) // a connection that is not given back stops the test
	h.do(t, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
	         AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation', CONSTRAINT = 'at_commit'; END $$`)
	h.do(t, `CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON owners DEFERRABLE INITIALLY DEFERRED
	         FOR EACH ROW WHEN (NEW.note = 'refuse me') EXECUTE FUNCTION refuse()`)
	const (
		late = `INSERT INTO owners (clinic_id, full_name, phone, note) VALUES (1, 'Mona', '+201000000003', 'refuse me') RETURNING owner_id`
		soon = `INSERT INTO owners (clinic_id, full_name, phone) VALUES (1, 'Mona', '12') RETURNING owner_id`
	)
	scope := h.db.Clinic(ours)
	ways := map[string]func(sql string) error{
		"Exec": func(sql string) error { _, err := scope.Exec(t.Context(), sql); return err },
		"QueryRow": func(sql string) error {
			var id int64
			return scope.QueryRow(t.Context(), sql).Scan(&id)
		},
		"Query": func(sql string) error {
			rows, err := scope.Query(t.Context(), sql)
			if err != nil {
				return err
			}
			_, err = pgx.CollectRows(rows, pgx.RowTo[int64])
			return err
		},
		"SendBatch": func(sql string) error {
			b := &pgx.Batch{}
			b.Queue("SELECT 1")
			b.Queue(sql)
			return scope.SendBatch(t.Context(), b).Close()
		},
		"InTx": func(sql string) error {
			return scope.InTx(t.Context(), func(tx db.Tx) error { _, err := tx.Exec(t.Context(), sql); return err })
		},
	}
	for name, way := range ways {
		if err := way(soon); db.Broken(err) != "owners_phones" {
			t.Errorf("%s: a refused row: %v", name, err)
		}
		if err := way(late); db.Broken(err) != "at_commit" {
			t.Errorf("%s: a row refused at the end: %v", name, err)
		}
		if err := way("SELECT nothing"); err == nil {
			t.Errorf("%s: a wrong statement: no error", name)
		}
	}
	if got := column[int](t, h.root, `SELECT count(*)::int FROM owners`); got[0] != 2 {
		t.Errorf("%d owners, want the 2 from before", got[0])
	}
	var id int64
	if err := scope.QueryRow(t.Context(), `SELECT owner_id FROM owners WHERE false`).Scan(&id); !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("no row: %v", err)
	}
}

func TestRowsGiveTheConnectionBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, db.Conns(1, 1))
	scope := h.db.Clinic(ours)
	const many = `SELECT n, 'x' FROM generate_series(1, 5000) n`
	for name, read := range map[string]func(rows pgx.Rows){
		"closed early": func(rows pgx.Rows) { rows.Next(); rows.Close(); rows.Close() },
		"read to the end": func(rows pgx.Rows) {
			for rows.Next() {
			}
		},
		"scanned wrongly": func(rows pgx.Rows) {
			rows.Next()
			var n, x int
			if rows.Scan(&n, &x) == nil || rows.Err() == nil {
				t.Error("a text was read as a number")
			}
		},
	} {
		rows, err := scope.Query(t.Context(), many)
		if err != nil {
			t.Fatal(err)
		}
		read(rows)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		var n int
		if err := scope.QueryRow(ctx, many).Scan(&n, new(string)); err != nil || n != 1 {
			t.Errorf("%s: the next query: %d, %v", name, n, err)
		}
		cancel()
	}
}

func TestInTx(t *testing.T) {
	t.Parallel()
	h := newHouse(t, db.Conns(1, 1))
	scope := h.db.Clinic(ours)
	rename := func(tx db.Tx, name string) error {
		_, err := tx.Exec(t.Context(), `UPDATE owners SET full_name = $1`, name)
		return err
	}
	name := func() string { return column[string](t, scope, `SELECT full_name FROM owners`)[0] }

	failure := errors.New("thought better of it")
	if err := scope.InTx(t.Context(), func(tx db.Tx) error { return errors.Join(rename(tx, "Undone"), failure) }); !errors.Is(err, failure) {
		t.Errorf("after an error: %v", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = scope.InTx(t.Context(), func(tx db.Tx) error { _ = rename(tx, "Undone"); panic("stop") })
	}()
	ctx, cancel := context.WithCancel(t.Context())
	if err := scope.InTx(ctx, func(tx db.Tx) error { cancel(); return rename(tx, "Undone") }); !errors.Is(err, context.Canceled) {
		t.Errorf("after giving up: %v", err)
	}
	if err := scope.InTx(t.Context(), func(tx db.Tx) error {
		_ = rename(tx, "Undone")
		_, _ = tx.Exec(t.Context(), `SELECT nothing`) // an error that is swallowed
		return nil
	}); err == nil {
		t.Error("a transaction that cannot be committed: no error")
	}
	if got := name(); got != "Ahmed" {
		t.Errorf("the owner is %q, want all undone", got)
	}
	if err := scope.InTx(t.Context(), func(tx db.Tx) error { return rename(tx, "Done") }); err != nil {
		t.Fatal(err)
	}
	if got := name(); got != "Done" {
		t.Errorf("the owner is %q, want the change", got)
	}
	if got := column[string](t, h.root, `SELECT full_name FROM owners WHERE clinic_id = 2`)[0]; got != "Ahmed" {
		t.Errorf("the other clinic's owner is %q", got)
	}
}

func TestCancelledQueryLeavesThePoolUsable(t *testing.T) {
	t.Parallel()
	h := newHouse(t, db.Conns(1, 1))
	scope := h.db.Clinic(ours)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := scope.Exec(ctx, `SELECT pg_sleep(60)`); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if got := column[int64](t, scope, "SELECT clinic_id FROM owners"); !slices.Equal(got, []int64{ours}) {
		t.Errorf("sees %v", got)
	}
}

func TestUnavailable(t *testing.T) {
	t.Parallel()
	postgres, database := pgtest.Private(t)
	_ = postgres
	if _, err := database.Platform().Exec(t.Context(), `SELECT nothing`); err == nil || db.Unavailable(err) {
		t.Errorf("a wrong statement: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := database.Clinic(1).Exec(ctx, `SELECT 1`); err == nil || db.Unavailable(err) {
		t.Errorf("a caller that gave up: %v", err)
	}
	_, err := database.Platform().Exec(t.Context(), `SELECT 1`)
	if err != nil {
		t.Fatal(err)
	}
	if err := postgres.Stop(); err != nil {
		t.Fatal(err)
	}
	for i := range 3 { // a connection found dead, one found closed, one refused
		for name, scope := range map[string]db.Scope{"platform": database.Platform(), "clinic": database.Clinic(1)} {
			if _, err := scope.Exec(t.Context(), `SELECT 1`); !db.Unavailable(err) {
				t.Errorf("try %d, %s: not seen as unavailable: %v", i, name, err)
			}
			if err := scope.InTx(t.Context(), func(db.Tx) error { return nil }); !db.Unavailable(err) {
				t.Errorf("try %d, %s, in a transaction: not seen as unavailable: %v", i, name, err)
			}
		}
	}
	for _, err := range []error{nil, errors.New("other"), fmt.Errorf("wrapped: %w", context.Canceled)} {
		if db.Unavailable(err) {
			t.Errorf("%v is not the database's fault", err)
		}
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key := db.NewKey()
	h.do(t, `UPDATE owners SET registration_key = $1 WHERE clinic_id = 1`, key)
	if got := column[string](t, h.root, `SELECT registration_key::text FROM owners WHERE clinic_id = 1`)[0]; got != key.String() {
		t.Errorf("PostgreSQL has %s, want %s", got, key)
	}
	if got := column[db.Key](t, h.root, `SELECT registration_key FROM owners WHERE clinic_id = 1`)[0]; got != key {
		t.Errorf("read %s, want %s", got, key)
	}
	if got := column[*db.Key](t, h.root, `SELECT registration_key FROM owners WHERE clinic_id = 2`)[0]; got != nil {
		t.Errorf("read %s, want none", got)
	}
	h.do(t, `UPDATE owners SET registration_key = $1 WHERE clinic_id = 2`, (*db.Key)(nil))
}
