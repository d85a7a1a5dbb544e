// Package pgtest gives each test a migrated PostgreSQL database of its own. The server behind them is
// started by the first test that asks, once per test binary; VETALYZE_TEST_DATABASE_URL names another
// one to use (a superuser's URL), and VETALYZE_TEST_TEMPLATE a database of that server whose schema is to be used, such as a
// partitioned one (docs/operations/growing.md). A package that uses it has this TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"vetalyze/db"
	"vetalyze/internal/embedded"
	"vetalyze/migrations"
)

// shared is the test binary's server; nil outside Main.
var shared *server

// Main runs the tests of a package and afterwards stops what they started.
func Main(m *testing.M) int {
	shared = &server{name: "test_" + strings.ToLower(rand.Text()[:8])}
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// New opens a database of the test's own.
func New(t testing.TB) *db.DB {
	t.Helper()
	return open(t, URL(t))
}

// Hear has a database hear what is changed until the test ends, so that memories answer. What db.DB.Hear tells after it has
// begun comes on the channel returned, as long as there is room.
func Hear(t testing.TB, database *db.DB) (told <-chan error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	tell, over := make(chan error, 16), make(chan struct{})
	go func() {
		defer close(over)
		database.Hear(ctx, func(err error) {
			select {
			case tell <- err:
			default:
			}
		})
	}()
	t.Cleanup(func() { stop(); <-over })
	if err := <-tell; err != nil {
		t.Fatal(err)
	}
	AwaitMemory(t, database)
	return tell
}

// AwaitMemory returns when memories of a database answer.
func AwaitMemory(t testing.TB, database *db.DB) {
	t.Helper()
	for ctx := db.Remembering(t.Context()); !database.Remembers(ctx); time.Sleep(time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatal("nothing is heard of what changes")
		}
	}
}

// URL makes a database of the test's own; it is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	if shared == nil {
		t.Fatal("this package needs: func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }")
	}
	if err := shared.start(); err != nil {
		t.Fatal(err)
	}
	database, err := shared.create(t.Context())
	if err != nil {
		t.Fatalf("create the test's database: %v", err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		if err := shared.drop(context.Background(), database); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return shared.url(database)
}

// Private starts a server of the test's own, which the test may stop and start again.
func Private(t testing.TB) (*embedded.Postgres, *db.DB) {
	t.Helper()
	postgres := private(t, embedded.Config{Fast: true})
	if err := migrations.Up(t.Context(), postgres.URL()); err != nil {
		t.Fatal(err)
	}
	return postgres, open(t, postgres.URL())
}

// Replicated starts a server of the test's own and a standby that follows it by streaming; the test may stop and start
// both. Where PostgreSQL was fetched, as none is installed, there is no program to copy it with, and the test is skipped.
func Replicated(t testing.TB) (primary, standby *embedded.Postgres) {
	t.Helper()
	primary = private(t, embedded.Config{Fast: true, Replicated: true})
	if err := migrations.Up(t.Context(), primary.URL()); err != nil {
		t.Fatal(err)
	}
	return primary, private(t, embedded.Config{Fast: true, Follow: primary})
}

func private(t testing.TB, config embedded.Config) *embedded.Postgres {
	t.Helper()
	// Not t.TempDir: as root the server runs as another user, who could not enter it.
	dir, err := os.MkdirTemp("", "vetalyze-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	config.Dir = dir
	postgres, err := embedded.PostgreSQL(t.Context(), config)
	if errors.Is(err, embedded.ErrNoBaseBackup) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := postgres.Stop(); err != nil {
			t.Error(err)
		}
	})
	return postgres
}

func open(t testing.TB, url string) *db.DB {
	t.Helper()
	database, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(database.Close)
	return database
}

// server holds a template and makes copies of it.
type server struct {
	name string // begins the names of all databases made here

	once     sync.Once // guards the start, which sets what follows
	err      error
	postgres *embedded.Postgres // nil: an external server
	base     *url.URL
	admin    *pgxpool.Pool // nil until started

	mu   sync.Mutex // guards made
	made int
}

func (s *server) start() error {
	s.once.Do(func() { s.err = s.prepare(context.Background()) })
	return s.err
}

func (s *server) prepare(ctx context.Context) error {
	address := os.Getenv("VETALYZE_TEST_DATABASE_URL")
	if address == "" {
		postgres, err := embedded.PostgreSQL(ctx, embedded.Config{Fast: true})
		if err != nil {
			return err
		}
		s.postgres, address = postgres, postgres.URL()
	}
	var err error
	if s.base, err = url.Parse(address); err != nil {
		return errors.New("VETALYZE_TEST_DATABASE_URL is not a URL")
	}
	if s.admin, err = pgxpool.New(ctx, address); err != nil {
		return err
	}
	template, from := s.template(), "template0"
	if given := os.Getenv("VETALYZE_TEST_TEMPLATE"); given != "" {
		from = pgx.Identifier{given}.Sanitize()
	}
	if _, err := s.admin.Exec(ctx, "CREATE DATABASE "+template+" TEMPLATE "+from+" ENCODING 'UTF8'"); err != nil {
		return fmt.Errorf("create the template: %w", err)
	}
	if err := migrations.Up(ctx, s.url(template)); err != nil {
		return err
	}
	// A database that somebody is connected to cannot be copied.
	_, err = s.admin.Exec(ctx, "ALTER DATABASE "+template+" ALLOW_CONNECTIONS false")
	return err
}

func (s *server) template() string { return s.name + "_template" }

func (s *server) url(database string) string {
	u := *s.base
	u.Path = "/" + database
	return u.String()
}

func (s *server) create(ctx context.Context) (string, error) {
	s.mu.Lock()
	s.made++
	database := fmt.Sprintf("%s_%d", s.name, s.made)
	s.mu.Unlock()

	var version int
	const ask = "SELECT current_setting('server_version_num')::int"
	if err := s.admin.QueryRow(ctx, ask).Scan(&version); err != nil {
		return "", err
	}
	statement := "CREATE DATABASE " + database + " TEMPLATE " + s.template()
	if version >= 150000 { // older versions know no other
		statement += " STRATEGY file_copy" // three times as fast as through the log, fsync being off
	}
	_, err := s.admin.Exec(ctx, statement)
	return database, err
}

func (s *server) drop(ctx context.Context, database string) error {
	_, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+database+" WITH (FORCE)")
	return err
}

func (s *server) stop() error {
	s.once.Do(func() {}) // too late to start
	var err error
	if s.admin != nil {
		if s.postgres == nil {
			err = s.drop(context.Background(), s.template())
		}
		s.admin.Close()
	}
	if s.postgres != nil {
		err = errors.Join(err, s.postgres.Stop())
	}
	return err
}
