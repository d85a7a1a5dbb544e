package bench

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/load"
	"vetalyze/internal/machine"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// A stage is the loaded database with both ways to it.
type stage struct {
	db   *db.DB
	asks asked
	bare *pgxpool.Pool
}

// Without a database given, as many clinics and owners are loaded as a few seconds allow.
const (
	smallClinics = 10
	smallOwners  = 300
)

func open(t testing.TB) *stage {
	t.Helper()
	address := os.Getenv("BENCH_DATABASE_URL")
	if address == "" {
		address = pgtest.URL(t)
		_, err := load.Fill(t.Context(), address, load.Config{
			Clinics: smallClinics, Owners: smallOwners, Seed: 1, Clock: clock.System(),
		})
		must(t, err)
	}
	database, err := db.Open(t.Context(), address, db.Conns(clients, clients))
	must(t, err)
	t.Cleanup(database.Close)
	config, err := pgxpool.ParseConfig(address)
	must(t, err)
	config.MaxConns = clients
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan" // as our own connections have it
	bare, err := pgxpool.NewWithConfig(t.Context(), config)
	must(t, err)
	t.Cleanup(bare.Close)
	return &stage{db: database, bare: bare, asks: asked{
		registry.New(database, clock.System()), subscription.New(database, clock.System()),
	}}
}

// inputs picks about what a question is asked.
func (s *stage) inputs(t testing.TB, q question) []input {
	t.Helper()
	rows, err := s.bare.Query(t.Context(), sample+q.pick)
	must(t, err)
	inputs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (in input, err error) {
		in.by = staff.Member{Role: staff.RoleReceptionist, Access: staff.AccessFull, Country: "EG", TimeZone: "Africa/Cairo"}
		return in, row.Scan(&in.by.ClinicID, &in.id, &in.typed)
	})
	must(t, err)
	if len(inputs) == 0 {
		t.Fatal("the database has no owners: fill it with vetalyze load")
	}
	return inputs
}

// record asks a question of each input, and returns the statements that this sends, input by input.
func (s *stage) record(t testing.TB, q question, inputs []input) [][]db.Statement {
	t.Helper()
	sent := make([][]db.Statement, len(inputs))
	for i, in := range inputs {
		ctx, trips := db.Watch(t.Context())
		_, err := q.ask(ctx, s.asks, in)
		must(t, err)
		sent[i] = trips.Statements()
	}
	return sent
}

// replay runs statements through bare pgx: no role, no row-level security, no types but those of the columns.
func (s *stage) replay(ctx context.Context, statements []db.Statement) error {
	for _, statement := range statements {
		rows, err := s.bare.Query(ctx, statement.SQL, statement.Args...)
		if err != nil {
			return err
		}
		for rows.Next() {
			if _, err := rows.Values(); err != nil {
				rows.Close()
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

// describe says what was measured, and on which machine.
func (s *stage) describe(t testing.TB) string {
	t.Helper()
	var clinics int64
	must(t, s.bare.QueryRow(t.Context(), "SELECT count(*) FROM clinics").Scan(&clinics))
	var owners, pets, terms float64 // as of the last statistics
	const rows = `SELECT sum(reltuples) FILTER (WHERE relname = 'owners'), sum(reltuples) FILTER (WHERE relname = 'pets'),
		sum(reltuples) FILTER (WHERE relname = 'search_terms') FROM pg_class WHERE relkind = 'r'`
	must(t, s.bare.QueryRow(t.Context(), rows).Scan(&owners, &pets, &terms))
	var version, size, buffers string
	const server = `SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database())),
		current_setting('shared_buffers')`
	must(t, s.bare.QueryRow(t.Context(), server).Scan(&version, &size, &buffers))
	version, _, _ = strings.Cut(version, " ")
	return fmt.Sprintf("%d clinics, %.2f M owners, %.2f M pets, %.1f M search terms, %s. PostgreSQL %s, shared_buffers %s; %s.",
		clinics, owners/1e6, pets/1e6, terms/1e6, size, version, buffers, machine.Name())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
