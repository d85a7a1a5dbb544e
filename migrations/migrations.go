// Package migrations holds the database schema, file by file, and brings a database up to it.
// Forward only: a released file is never edited, a change is a new file.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed *.sql
var files embed.FS

// ErrLocale refuses a database whose letters are bytes: lower() and trigrams do nothing to Arabic there.
var ErrLocale = errors.New(`the database has the locale "C", under which search fails on Arabic: ` +
	`create it with LC_CTYPE 'C.UTF-8' (or another UTF-8 locale)`)

// lockKey is the advisory lock of one database that instances starting together queue on.
const lockKey = 0x76657461 // "veta"

// lockPause is how long to wait before asking for the lock again. Waiting inside PostgreSQL
// would hold a snapshot, which a CREATE INDEX CONCURRENTLY of the lock's holder waits for.
const lockPause = 100 * time.Millisecond

// Up applies to the database at url what it has not seen yet, one instance at a time.
func Up(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	config.RuntimeParams["application_name"] = "vetalyze migrate"

	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) // gives the lock back too

	if err := CheckLocale(ctx, conn); err != nil {
		return err
	}
	if err := lock(ctx, conn); err != nil {
		return fmt.Errorf("migrate: wait for other instances: %w", err)
	}

	database := stdlib.OpenDB(*config)
	defer database.Close()
	return apply(ctx, database)
}

// CheckLocale returns ErrLocale if letters beyond ASCII mean nothing to the connection's database.
func CheckLocale(ctx context.Context, conn *pgx.Conn) error {
	var folds bool
	if err := conn.QueryRow(ctx, `SELECT lower('É') = 'é' AND 'ب' ~ '[[:alpha:]]'`).Scan(&folds); err != nil {
		return fmt.Errorf("check the database's locale: %w", err)
	}
	if !folds {
		return ErrLocale
	}
	return nil
}

func lock(ctx context.Context, conn *pgx.Conn) error {
	for {
		var held bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", lockKey).Scan(&held); err != nil || held {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPause):
		}
	}
}

func apply(ctx context.Context, database *sql.DB) error {
	provider, err := goose.NewProvider(goose.DialectPostgres, database, files)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
