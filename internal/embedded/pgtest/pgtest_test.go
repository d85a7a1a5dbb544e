package pgtest_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"vetalyze/internal/embedded/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			conn := connect(t, pgtest.URL(t))
			if _, err := conn.Exec(t.Context(), "CREATE TABLE mine ()"); err != nil {
				t.Error(err)
			}
			var migrated bool
			const ask = "SELECT EXISTS (SELECT FROM goose_db_version WHERE version_id > 0)"
			if err := conn.QueryRow(t.Context(), ask).Scan(&migrated); err != nil || !migrated {
				t.Errorf("migrated = %v, %v; want true", migrated, err)
			}
		})
	}
}

func TestNewOpensADatabase(t *testing.T) {
	t.Parallel()
	if pgtest.New(t) == nil {
		t.Error("no database")
	}
}

func TestPrivateServerCanBeStoppedAndStarted(t *testing.T) {
	t.Parallel()
	server, _ := pgtest.Private(t)
	before := connect(t, server.URL())
	if _, err := before.Exec(t.Context(), "CREATE TABLE kept ()"); err != nil {
		t.Fatal(err)
	}

	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if conn, err := pgx.Connect(t.Context(), server.URL()); err == nil {
		_ = conn.Close(t.Context())
		t.Fatal("connected to a stopped server")
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := connect(t, server.URL())
	if _, err := after.Exec(t.Context(), "SELECT FROM kept"); err != nil {
		t.Error(err)
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}
