// Package db is the way to PostgreSQL: two pools of connections, one per database role, the scopes that bind
// every statement to a clinic, a person or the platform, and the queries sqlc generates from queries/*.sql.
// It decides nothing: what may be seen and written is said by the roles and policies in migrations/.
package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"vetalyze/migrations"
)

// The roles connections work under. Both are made by the migrations.
const (
	clinicRole   = "vetalyze_clinic"
	platformRole = "vetalyze_platform"
)

// A DB holds the connections. It is safe for concurrent use.
type DB struct {
	clinic   *pgxpool.Pool
	platform *pgxpool.Pool
	replica  *replica // nil: there is none
	ear      ear
}

// settings are what options change.
type settings struct {
	clinicConns   int32
	platformConns int32
	connect       time.Duration
	observers     []func(context.Context, Query)
	metrics       *Metrics // nil: none
	dial          pgconn.DialFunc
	replica       string // empty: there is none
	tell          func(error)
	ear           *ear
	connected     func(context.Context, *pgx.Conn) error // refuses a replica's connection; nil: of the primary
}

// An Option changes what Open does by default.
type Option func(*settings)

// Conns sets the most connections held for clinics and for the platform; the defaults are 8 and 4, which keep a
// small server's PostgreSQL busy without making its processes queue for the processor.
func Conns(clinic, platform int32) Option {
	return func(s *settings) { s.clinicConns, s.platformConns = clinic, platform }
}

// Observe has every round trip reported. The function must be quick and safe for concurrent use.
func Observe(report func(Query)) Option {
	return func(s *settings) {
		s.observers = append(s.observers, func(_ context.Context, query Query) { report(query) })
	}
}

// Dial has connections made by the function instead of the network's own.
func Dial(dial pgconn.DialFunc) Option {
	return func(s *settings) { s.dial = dial }
}

// Open connects to the migrated database at url. Any user who may take both roles will do; a superuser is safe too, as no
// statement runs before the role is taken. It returns migrations.ErrLocale for a database that cannot hold Arabic.
func Open(ctx context.Context, url string, options ...Option) (*DB, error) {
	set := settings{clinicConns: 8, platformConns: 4, connect: 5 * time.Second}
	for _, option := range options {
		option(&set)
	}

	var db DB
	var err error
	set.ear = &db.ear
	if set.metrics != nil {
		set.metrics.listen(set.ear)
	}
	if db.clinic, err = pool(ctx, url, clinicRole, set.clinicConns, set); err != nil {
		return nil, err
	}
	if db.platform, err = pool(ctx, url, platformRole, set.platformConns, set); err != nil {
		db.clinic.Close()
		return nil, err
	}
	if err := db.check(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if set.replica != "" {
		if db.replica, err = openReplica(ctx, &db, set); err != nil {
			db.Close()
			return nil, err
		}
	}
	return &db, nil
}

// Close waits until every connection is given back, and closes them.
func (d *DB) Close() {
	if d.replica != nil {
		d.replica.close()
	}
	d.clinic.Close()
	d.platform.Close()
}

// Ping says whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	return errors.Join(d.clinic.Ping(ctx), d.platform.Ping(ctx))
}

func (d *DB) check(ctx context.Context) error {
	if err := d.platform.Ping(ctx); err != nil {
		return err
	}
	return d.clinic.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		return migrations.CheckLocale(ctx, conn.Conn())
	})
}

// pool prepares connections that work under one role.
func pool(ctx context.Context, url, role string, conns int32, set settings) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	config.MaxConns = conns
	config.MaxConnIdleTime = 10 * time.Minute
	config.ConnConfig.ConnectTimeout = set.connect
	config.ConnConfig.RuntimeParams["application_name"] = role
	asking := new(atomic.Int64)
	config.ConnConfig.Tracer = tracer{observers: set.observers, asking: asking, replica: set.connected != nil}
	if set.dial != nil {
		config.ConnConfig.DialFunc = set.dial
	}
	prepare := "SET ROLE " + pgx.Identifier{role}.Sanitize() +
		// All our statements go by clinic and key, so one plan serves whatever they are given. Left to itself PostgreSQL plans a
		// search anew each time, which takes longer than searching.
		"; SET plan_cache_mode = force_generic_plan" +
		// Compiling is for statements that take seconds. PostgreSQL takes those for such that may not use nested loops (PlanningLock):
		// it compiled for a second what takes ten milliseconds.
		"; SET jit = off"
	if set.connected == nil { // a replica hears nothing
		config.ConnConfig.OnNotification = set.ear.notified
		prepare += "; LISTEN " + channel
	}
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if set.connected != nil {
			if err := set.connected(ctx, conn); err != nil {
				return err
			}
		}
		_, err := conn.Exec(ctx, prepare)
		return err
	}

	made, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if set.metrics != nil {
		name := strings.TrimPrefix(role, "vetalyze_")
		if set.connected != nil {
			name = "replica_" + name
		}
		set.metrics.watch(measuredPool{name: name, pool: made, asking: asking})
	}
	return made, nil
}
