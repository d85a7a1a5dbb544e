package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// name is both the superuser and the database, so that psql needs no more than a host.
	name = "vetalyze"

	// startLimit covers crash recovery of a large database; a server that fails ends the wait at once.
	startLimit = 5 * time.Minute

	// Stop stays within the ten seconds a whole shutdown may take.
	fastLimit      = 6 * time.Second
	immediateLimit = 2 * time.Second
)

// extensions are those the migrations create; all come with postgresql-contrib.
var extensions = []string{"btree_gin", "btree_gist", "pg_trgm", "unaccent"}

// Postgres is a private PostgreSQL server, a child of this process: it ends with it, however that ends.
type Postgres struct {
	config   Config
	account  account
	home     home
	binaries binaries
	log      *slog.Logger

	mu       sync.Mutex // guards what follows
	endpoint endpoint
	lock     *os.File // held while the server may run; nil when stopped
	server   *process // nil when stopped
}

// PostgreSQL starts a server and returns when it takes connections.
func PostgreSQL(ctx context.Context, config Config) (*Postgres, error) {
	p, err := prepare(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("embedded PostgreSQL: %w", err)
	}
	if err := p.Start(ctx); err != nil {
		return nil, errors.Join(err, p.home.discard())
	}
	return p, nil
}

func prepare(ctx context.Context, config Config) (*Postgres, error) {
	p := &Postgres{config: config, log: config.logger()}
	var err error
	if p.home, err = openHome(ctx, config.Dir); err != nil {
		return nil, err
	}
	if err := p.complete(ctx); err != nil {
		return nil, errors.Join(err, p.home.discard())
	}
	return p, nil
}

func (p *Postgres) complete(ctx context.Context) error {
	made, err := p.home.major()
	if err != nil {
		return err
	}
	if p.account, err = serverAccount(p.home.data()); err != nil {
		return err
	}
	if p.binaries, err = findBinaries(ctx, p.config, p.account, made); err != nil {
		return err
	}
	if err := p.account.mayEnter(p.home.dir, p.binaries.path("postgres")); err != nil {
		return err
	}
	p.endpoint, err = newEndpoint(p.home, p.config.loopback)
	return err
}

// URL is what pgx and psql connect with; it stays the same when the server is stopped and started again.
func (p *Postgres) URL() string { return p.endpoint.url(name) }

// Start starts the server again after Stop. Only a server with a Dir of its own can be started again.
func (p *Postgres) Start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		return nil
	}
	if err := p.start(ctx); err != nil {
		return fmt.Errorf("embedded PostgreSQL: %w", errors.Join(err, p.stop()))
	}
	return nil
}

func (p *Postgres) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()

	var err error
	if p.lock, err = p.home.lock(); err != nil {
		return err
	}
	if err := stopOrphan(ctx, p.home.data(), p.binaries); err != nil {
		return err
	}
	made, err := p.home.major()
	if err != nil {
		return err
	}
	if made == 0 {
		if err := p.initialise(ctx); err != nil {
			return err
		}
	}
	if err := p.endpoint.prepare(p.home, p.account); err != nil {
		return err
	}
	if p.server, err = p.launch(ctx); err != nil {
		return err
	}
	conn, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return p.furnish(ctx, conn, extensions)
}

// connect waits until the server takes connections.
func (p *Postgres) connect(ctx context.Context) (*pgx.Conn, error) {
	const pause = 5 * time.Millisecond
	retry := time.NewTicker(pause)
	defer retry.Stop()
	for {
		conn, err := pgx.Connect(ctx, p.endpoint.url("postgres"))
		if err == nil {
			return conn, nil
		}
		const startingUp = "57P03"
		if refusal := new(pgconn.PgError); errors.As(err, &refusal) && refusal.Code != startingUp {
			return nil, err
		}
		select {
		case <-retry.C:
		case <-p.server.done:
			return nil, p.server.failure()
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the server: %w", oneLine(ctx.Err(), err))
		}
	}
}

// furnish checks that the server can hold the schema, and makes the database on the first start.
func (p *Postgres) furnish(ctx context.Context, conn *pgx.Conn, extensions []string) error {
	const missing = `
		SELECT array(SELECT e FROM unnest($1::text[]) AS e
		             WHERE  e NOT IN (SELECT name FROM pg_available_extensions)),
		       EXISTS (SELECT FROM pg_database WHERE datname = $2)`
	var lacking []string
	var made bool
	if err := conn.QueryRow(ctx, missing, extensions, name).Scan(&lacking, &made); err != nil {
		return fmt.Errorf("look for extensions: %w", err)
	}
	if len(lacking) > 0 {
		return fmt.Errorf("PostgreSQL %d in %s lacks %s: install the package postgresql-contrib",
			p.binaries.major, p.binaries.dir, strings.Join(lacking, ", "))
	}
	if made {
		return nil
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	return nil
}

// Stop shuts the server down and lets go of Dir. Stopping twice does no harm.
func (p *Postgres) Stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := errors.Join(p.stop(), p.home.discard())
	if err != nil {
		return fmt.Errorf("embedded PostgreSQL: %w", err)
	}
	return nil
}

func (p *Postgres) stop() error {
	var err error
	if p.server != nil {
		err = p.server.stop(p.home.temporary)
		p.server = nil
	}
	if p.lock != nil {
		err = errors.Join(err, p.lock.Close())
		p.lock = nil
	}
	return err
}
