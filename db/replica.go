package db

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// replicaTime is how long a replica may take to answer before the primary is asked instead.
	replicaTime = time.Second
	// replicaLag is how old a write that a replica lacks may be before the replica is left alone.
	replicaLag = 2 * time.Second
	// A replica that fails is left alone for so long; each time it fails again for twice as long, up to the longest.
	replicaRest, replicaLongestRest = 250 * time.Millisecond, 15 * time.Second
)

var (
	// ErrBehind says that a replica lacks writes that are older than two seconds.
	ErrBehind = errors.New("db: the replica is too far behind")
	// ErrNoReplica says that the server at the replica's address is none: a primary, or of another database.
	ErrNoReplica = errors.New("db: not a replica of this database")
)

// Replica has lists and searches ([Scope.Listing]) read from a streaming replica of the database. It need not be there
// when the DB is opened, nor later: the primary answers for it. The function, which may be nil, is told when the replica
// is left alone, with the reason, and with nil when it answers again; it must be quick and safe for concurrent use.
func Replica(url string, tell func(err error)) Option {
	return func(s *settings) { s.replica, s.tell = url, tell }
}

// ReplicaReads counts what became of the reads that may go to the replica.
type ReplicaReads struct {
	Served  uint64 // by the replica
	Behind  uint64 // by the primary, as the replica lacked a write the reader must see
	Failed  uint64 // by the primary, after the replica had failed
	Resting uint64 // by the primary, while the replica was left alone
}

// ReplicaReads returns the counts since the DB was opened; ok is false if there is no replica.
func (d *DB) ReplicaReads() (reads ReplicaReads, ok bool) {
	if d.replica == nil {
		return ReplicaReads{}, false
	}
	return ReplicaReads{
		Served: d.replica.served.Load(), Behind: d.replica.behind.Load(),
		Failed: d.replica.failed.Load(), Resting: d.replica.resting.Load(),
	}, true
}

// PingReplica says whether the replica, if there is one, answers and is one still.
func (d *DB) PingReplica(ctx context.Context) error {
	if d.replica == nil {
		return nil
	}
	got, err := New().PlatformEdition(ctx, d.replica.platform)
	if err == nil && !got.IsReplica {
		err = ErrNoReplica
	}
	return err
}

// A replica is the way to a copy of the database that follows it, and what is known of its health.
type replica struct {
	clinic   *pgxpool.Pool
	platform *pgxpool.Pool
	tell     func(err error)

	served, behind, failed, resting atomic.Uint64

	mu     sync.Mutex // guards what follows
	pause  time.Duration
	until  time.Time // left alone until then; zero: in use
	trying bool      // one read tries whether it is back
}

// openReplica prepares the way to the replica of a database; nothing is connected yet.
func openReplica(ctx context.Context, primary *DB, set settings) (*replica, error) {
	home, err := identify(ctx, primary.platform)
	if err != nil {
		return nil, err
	}
	set.connected = func(ctx context.Context, conn *pgx.Conn) error {
		there, err := identify(ctx, conn)
		if err == nil && there != home {
			err = ErrNoReplica
		}
		return err
	}
	r := &replica{tell: set.tell}
	if r.clinic, err = pool(ctx, set.replica, clinicRole, set.clinicConns, set); err != nil {
		return nil, fmt.Errorf("replica: %w", err)
	}
	if r.platform, err = pool(ctx, set.replica, platformRole, set.platformConns, set); err != nil {
		r.clinic.Close()
		return nil, fmt.Errorf("replica: %w", err)
	}
	return r, nil
}

func (r *replica) close() {
	r.clinic.Close()
	r.platform.Close()
}

// identity names a database of a cluster. A replica has its primary's.
type identity struct {
	cluster  int64
	database uint32
}

func identify(ctx context.Context, conn interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
},
) (which identity, err error) {
	const ask = `
		SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())
		FROM pg_control_system()`
	err = conn.QueryRow(ctx, ask).Scan(&which.cluster, &which.database)
	return which, err
}

// edition is how far a server has got with what is listed in a scope; as ClinicEdition and PlatformEdition tell it.
type edition struct {
	number  int64
	age     float64 // seconds since it was begun
	replica bool    // the server is one
}

func (e *edition) scan(row pgx.Row) error { return row.Scan(&e.number, &e.age, &e.replica) }

// errMissing says that a replica has not got to the primary's edition yet.
var errMissing = errors.New("db: the replica lacks the latest edition")

// query runs a statement on the replica; ok is false if the primary has to.
func (r *replica) query(ctx context.Context, s Scope, sql string, args []any) (rows pgx.Rows, ok bool) {
	if !r.open(time.Now()) {
		r.resting.Add(1)
		return nil, false
	}
	found, err := r.read(ctx, s, sql, args)
	switch {
	case err == nil:
		r.served.Add(1)
		r.well()
		return found, true
	case ctx.Err() != nil: // the caller gave up, which says nothing of the replica
		return nil, false
	case errors.Is(err, errMissing):
		r.behind.Add(1)
		r.well()
		return nil, false
	}
	r.failed.Add(1)
	if Unavailable(err) || errors.Is(err, ErrBehind) || errors.Is(err, ErrNoReplica) {
		r.leave(time.Now(), err)
	} else {
		r.well() // it answers, though not this: a conflict with what it replays, a migration that it lacks
	}
	return nil, false
}

// read runs a statement on the replica, behind the question which edition it has got to. While it is at work the primary is
// asked the same. As the replica says its edition first, what it reads afterwards is of that edition or a later one; as the
// primary is asked after the caller has called, everything the caller knows to be written is in the edition it names.
func (r *replica) read(ctx context.Context, s Scope, sql string, args []any) (_ *readRows, err error) {
	ctx, cancel := context.WithTimeout(ctx, replicaTime)
	defer cancel()
	from, ask := r.clinic, clinicEdition
	batch := &pgx.Batch{}
	if s.set == "" {
		from, ask = r.platform, platformEdition
	} else {
		batch.Queue(s.set, s.whom)
	}
	batch.Queue(ask)
	batch.Queue(sql, args...)
	results := from.SendBatch(ctx, batch) // sent, and not waited for
	defer func() { err = errors.Join(err, results.Close()) }()

	var wanted, got edition
	if err := wanted.scan(s.QueryRow(ctx, ask)); err != nil {
		return nil, fmt.Errorf("%w: ask the primary: %w", errMissing, err)
	}
	if s.set != "" {
		_, _ = results.Exec() // the setting's own result; its error comes again from those that follow
	}
	if err := got.scan(results.QueryRow()); err != nil {
		return nil, err
	}
	switch {
	case !got.replica:
		return nil, ErrNoReplica
	case got.number < wanted.number && wanted.age > replicaLag.Seconds():
		return nil, ErrBehind
	case got.number < wanted.number:
		return nil, errMissing
	}
	rows, err := results.Query()
	if err != nil {
		return nil, err
	}
	return readAll(rows)
}

// open says whether the replica may be asked. When its rest is over one read tries it, while the others still go elsewhere.
func (r *replica) open(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.until.IsZero() {
		return true
	}
	if now.Before(r.until) {
		return false
	}
	r.until, r.trying = now.Add(replicaTime), true
	return true
}

// leave leaves the replica alone for a while, longer each time.
func (r *replica) leave(now time.Time, err error) {
	r.mu.Lock()
	first := r.until.IsZero()
	switch {
	case first:
		r.pause = replicaRest
	case r.trying:
		r.pause = min(2*r.pause, replicaLongestRest)
	default: // asked before it was left alone
		r.mu.Unlock()
		return
	}
	r.until, r.trying = now.Add(r.pause), false
	r.mu.Unlock()
	if first && r.tell != nil {
		r.tell(err)
	}
}

// well has the replica used again.
func (r *replica) well() {
	r.mu.Lock()
	rested := !r.until.IsZero()
	r.until, r.trying = time.Time{}, false
	r.mu.Unlock()
	if rested && r.tell != nil {
		r.tell(nil)
	}
}
