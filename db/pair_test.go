package db_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"vetalyze/db"
	"vetalyze/internal/embedded"
)

// pair is a house on a primary, a standby that follows it, and a second instance of the bot beside the house's own. Both
// instances read lists from the standby.
type pair struct {
	*house
	primary, standby *embedded.Postgres
	there            *pgxpool.Pool // a superuser on the standby
	other            *db.DB
	told             chan error // what the house's instance said of its replica
}

func newPair(t *testing.T, primary, standby *embedded.Postgres, database string) *pair {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), inDatabase(primary.URL(), "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+database+" TEMPLATE vetalyze"); err != nil {
		t.Fatal(err)
	}
	here, there := inDatabase(primary.URL(), database), inDatabase(standby.URL(), database)
	p := &pair{primary: primary, standby: standby, told: make(chan error, 100)}
	p.house = houseAt(t, here, db.Replica(there, func(err error) { p.told <- err }))
	p.do(t, `SELECT setval('registry_ids', 1000)`) // after those the house has
	if p.other, err = db.Open(t.Context(), here, db.Replica(there, nil)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.other.Close)
	if p.there, err = pgxpool.New(t.Context(), there); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.there.Close)
	position := column[string](t, conn, `SELECT pg_current_wal_insert_lsn()::text`)[0]
	within(t, "the standby to have the database", func() bool { return p.replayed(t, position) })
	return p
}

// inDatabase is the address of another database of the server.
func inDatabase(address, database string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + database
	return u.String()
}

// catchUp waits until the standby has all that the primary has.
func (p *pair) catchUp(t *testing.T) {
	t.Helper()
	position := column[string](t, p.root, `SELECT pg_current_wal_insert_lsn()::text`)[0]
	within(t, "the standby to catch up", func() bool { return p.replayed(t, position) })
}

// replayed says whether the standby is known to have all up to a position. What it replays may cancel the question.
func (p *pair) replayed(t *testing.T, position string) bool {
	t.Helper()
	var has bool
	err := p.there.QueryRow(t.Context(), `SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn FROM pg_sleep(0.005)`, position).Scan(&has)
	return err == nil && has
}

// lag has the standby stand still until goOn.
func (p *pair) lag(t *testing.T) {
	t.Helper()
	p.thereDo(t, `SELECT pg_wal_replay_pause()`)
	within(t, "the standby to stand still", func() bool {
		return column[bool](t, p.there, `SELECT pg_get_wal_replay_pause_state() = 'paused' FROM pg_sleep(0.005)`)[0]
	})
}

func (p *pair) goOn(t *testing.T) {
	t.Helper()
	p.thereDo(t, `SELECT pg_wal_replay_resume()`)
	p.catchUp(t)
}

func (p *pair) thereDo(t *testing.T, sql string) {
	t.Helper()
	if _, err := p.there.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
}

// within asks again and again; what it waits for must come in half a minute.
func within(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ask(); {
		if time.Now().After(end) {
			t.Fatalf("waited for %s in vain", what)
		}
	}
}

// register adds an owner as a clinic would.
func register(t *testing.T, database *db.DB, clinic int64, name string) {
	t.Helper()
	const add = `INSERT INTO owners (clinic_id, full_name, phone) VALUES ($1, $2, '+201000000009')`
	if _, err := database.Clinic(clinic).Exec(t.Context(), add, clinic, name); err != nil {
		t.Fatal(err)
	}
}

// rename changes the clinic's latest owner, in a transaction.
func rename(t *testing.T, database *db.DB, clinic int64, name string) {
	t.Helper()
	const change = `UPDATE owners SET full_name = $1 WHERE owner_id = (SELECT max(owner_id) FROM owners)`
	err := database.Clinic(clinic).InTx(t.Context(), func(tx db.Tx) error {
		_, err := tx.Exec(t.Context(), change, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// pageSize is more than one worker can write while another lists.
const pageSize = 150

// owners is the first page of a clinic's list: names, the latest first.
func owners(ctx context.Context, t *testing.T, database *db.DB, clinic int64) (names []string) {
	t.Helper()
	rows, err := db.New().OwnerPage(ctx, database.Clinic(clinic).Listing(), db.OwnerPageParams{
		ClinicID: clinic, After: 1 << 60, AtMost: pageSize,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		names = append(names, row.FullName)
	}
	return names
}

// clinics is the first page of the platform's list.
func clinics(ctx context.Context, t *testing.T, database *db.DB) (names []string) {
	t.Helper()
	rows, err := db.New().StandingPage(ctx, database.Platform().Listing(), db.StandingPageParams{Now: time.Now(), PageSize: 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		names = append(names, row.Name)
	}
	return names
}

func reads(t *testing.T, database *db.DB) db.ReplicaReads {
	t.Helper()
	reads, ok := database.ReplicaReads()
	if !ok {
		t.Fatal("no replica is known")
	}
	return reads
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}
